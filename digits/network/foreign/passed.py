"""Which files need no trial: those that we ship or made ourselves, and those that have passed it before.

Files are known by their SHA-256. That of shipped models stands in `shipped`, inside the package: a list
in models/ could be replaced by whoever can put a model there. What passed is noted in the folder of the
user's own data; a trial under another gate or another Keras counts no more.
"""

import contextlib
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from digits.contract import user_dir
from digits.files import read_json, write_json
from digits.network.foreign.shipped import SHIPPED

GATE = 1
"""Raised whenever the gate becomes stricter, so that all are tried again."""

MOST = 1000
"""Files remembered; the oldest are forgotten first."""

_here: set[str] = set()
"""What passed in this process, where the folder cannot be written to."""


def knows(digest: str) -> bool:
    """Tell whether the file with this SHA-256 needs no trial."""
    return digest in _here or digest in SHIPPED.values() or _noted().get(digest) == _rules()


def remember(digest: str) -> None:
    """Note that the file with this SHA-256 needs no trial from now on."""
    _here.add(digest)
    with contextlib.suppress(OSError):  # a folder that is read only costs a trial in each process
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".tmp-{path.name}.lock")):
            noted = _noted()
            noted.pop(digest, None)
            write_json(path, dict([*noted.items(), (digest, _rules())][-MOST:]))


def _path() -> Path:
    return user_dir() / "models_passed.json"


def _noted() -> dict[str, str]:
    try:
        noted = read_json(_path())
    except (ValueError, OSError):  # none yet, or damaged: a trial more
        return {}
    return noted if isinstance(noted, dict) else {}


def _rules() -> str:
    return f"gate {GATE}, keras {version('keras')}"
