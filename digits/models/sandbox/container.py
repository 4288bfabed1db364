"""The outside of an untrusted file: a ZIP archive with the members of a Keras model and nothing else, or
HDF5.

Of HDF5, in which Keras kept whole models until 2023, nothing is read here but the first bytes: see
`weights`.

Whatever is wrong with a file, here and at the later stages, is said by a `Refusal` in one sentence.
"""

import stat
import zipfile
from pathlib import Path


class Refusal(ValueError):
    """A file must not be used; the message is one sentence that does not name the file."""


def shown(value: object, most: int = 60) -> str:
    """Return what an untrusted file says, fit for a sentence: short, without control characters."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plain(text: object, most: int = 200) -> str:
    """Return a text in one line that any terminal can bear."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


LARGEST_FILE = 256 * 2**20
"""Bytes; a model of ours has two million at most."""

MEMBERS = {"metadata.json": 2**16, "config.json": 2**22, "model.weights.h5": LARGEST_FILE}
"""What a model consists of, with the most bytes of each when unpacked."""

MOST_RATIO = 20
"""Unpacked by packed: Keras does not pack at all, and weights that were learnt hardly shrink."""

END = 22
"""Bytes of the record that ends an archive without a comment."""

MOST_LISTED = 4096
"""Bytes of the archive's list of members: three of them take about 200."""

KINDS = {
    b"": "It is empty",
    b"\x80": "It is a Python pickle, which can run any program when it is opened",
    b"\x1f\x8b": "It is packed by gzip",
    b"TFL3": "It is a TFLite file",
}
"""How files begin that are sometimes renamed."""

HOW = "expected a Keras archive: save the model with model.save('name.keras')"
"""What helps against most."""

HDF5 = b"\x89HDF\r\n\x1a\n"
"""How the other form begins."""

OLD = {
    ".pkl": "A pickle can run any program when it is opened",
    ".pickle": "A pickle can run any program when it is opened",
    ".pb": "A SavedModel is a program, of which nobody can tell beforehand what it does",
}
"""Endings that are refused, with the reason."""


def check_kind(path: Path) -> None:
    """Refuse the forms of models that cannot be judged before they run.

    Raises:
        Refusal: a SavedModel's folder, or an ending of `OLD`.
    """
    kind = ".pb" if (path / "saved_model.pb").is_file() else path.suffix.lower()
    if kind in OLD:
        raise Refusal(f"{OLD[kind]}; {HOW}.")


def check(path: Path) -> None:
    """Look at a file; nothing of it is written to disk.

    Raises:
        Refusal: it is not what Keras writes.
    """
    check_kind(path)
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):  # to open a pipe is to wait for whoever fills it
        raise Refusal(f"It is no plain file; {HOW}.")
    size = about.st_size
    if size > LARGEST_FILE:
        raise Refusal(f"It has {_mib(size)}; expected at most {_mib(LARGEST_FILE)}.")
    if is_hdf5(path):
        return
    _check_ends(path, size)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_list(archive.infolist())
            damaged = archive.testzip()  # reads no more of a member than it says it has, which was checked
    except zipfile.BadZipFile as error:
        raise Refusal(f"It is damaged and cannot be unpacked ({error}).") from error
    if damaged:
        raise Refusal(f"It is damaged: {damaged} does not match its checksum.")


def is_hdf5(path: Path) -> bool:
    """Tell whether a file begins as HDF5 does, whatever its name says."""
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5


def read(path: Path, member: str) -> bytes:
    """Return a member of a file that was checked; of HDF5 the whole."""
    if is_hdf5(path):
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        return stream.read(MEMBERS[member] + 1)


def _check_ends(path: Path, size: int) -> None:
    """Check both ends of a file, so that an endless list of members is never read."""
    with path.open("rb") as file:
        start = file.read(8)
        file.seek(max(0, size - END - 20))
        end = file.read()
    if not start.startswith(b"PK\3\4"):
        kinds = [words for begin, words in KINDS.items() if (start.startswith(begin) if begin else not start)]
        raise Refusal(f"{kinds[0] if kinds else 'It is no ZIP archive'}; {HOW}.")
    locator, record = end[:-END], end[-END:]
    listed = int.from_bytes(record[12:16], "little")
    if not record.startswith(b"PK\5\6") or record[-2:] != b"\0\0":
        raise Refusal("It is cut off, or something was put behind its end; copy it again.")
    if locator.startswith(b"PK\6\7") or listed > MOST_LISTED:
        raise Refusal(f"It lists far more members than a Keras model has; {HOW}.")


def _check_list(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if strange := [name for name in names if name not in MEMBERS]:
        raise Refusal(f"It holds {shown(strange[0])}; expected only {', '.join(MEMBERS)}.")
    if missing := sorted(set(MEMBERS) - set(names)):
        raise Refusal(f"It is not a Keras archive: {', '.join(missing)} missing.")
    if len(names) > len(MEMBERS):
        raise Refusal("It holds a member twice, so that it may say different things to different readers.")
    for member in members:
        _check_member(member)


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if member.flag_bits & 1:
        raise Refusal(f"Its {name} is encrypted; save the model again.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal(f"Its {name} is packed in an unusual way; save the model again.")
    if (member.external_attr >> 16) & 0o170000 not in (0, 0o100000):
        raise Refusal(f"Its {name} is a link or a folder; expected a plain file.")
    if member.file_size > MEMBERS[name]:
        raise Refusal(
            f"Its {name} has {_mib(member.file_size)} when unpacked; expected at most {_mib(MEMBERS[name])}."
        )
    if member.file_size > MOST_RATIO * max(member.compress_size, 4096):
        raise Refusal(
            f"Its {name} grows {member.file_size // max(1, member.compress_size):,} times when unpacked; "
            f"expected at most {MOST_RATIO} times."
        )


def _mib(size: int) -> str:
    return f"{size / 2**20:,.3g} MiB"
