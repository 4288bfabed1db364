"""Packages that only this work needs."""

from importlib.util import find_spec


def need(module: str, extra: str, what: str) -> None:
    """Insist on a package.

    Raises:
        ValueError: it is not installed; the message has the line that installs it.
    """
    if find_spec(module) is None:
        raise ValueError(f"{what} needs {module}, which is not installed: pip install -e '.[{extra}]'")
