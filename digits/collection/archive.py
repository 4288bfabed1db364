"""Collections as .zip archives: the folders 0 to 9 with pictures, and a file of notes beside them.

    0/own-7.png   4/own-3.png   ...   own.json

Anybody may make such an archive, without the notes. What comes from outside is never unpacked onto the disk,
and refused as a whole where anything about it is odd.
"""

import base64
import io
import json
import stat
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from digits.collection.sample import Sample
from digits.collection.store import Store

NOTES = "own.json"
"""The file that keeps what a picture cannot: the answer, the time, where it came from, what the model saw."""

MOST_MEMBERS = 10_000
"""Files in an archive that is brought in."""

LARGEST_MEMBER, LARGEST_SUM = 64 * 2**20, 2 * 2**30
"""Bytes of one unpacked file, and of all."""

MOST_RATIO, RATIO_FROM = 200, 2**20
"""A file of more bytes than the second must not unpack to more than so many times its packed size."""

NOTED = ("answer", "status", "model", "model_sha256", "origin", "created")
"""What the notes repeat of a sample."""


def export_zip(store: Store) -> bytes:
    """Return all samples of a store as an archive, oldest first, which `keepsakes.import_zip` reads again."""
    file, notes = io.BytesIO(), {}
    with zipfile.ZipFile(file, "w") as archive:  # PNG is packed already
        for sample in reversed(store.samples()):
            name = f"{sample.label}/own-{sample.id}.png"
            archive.write(sample.picture, name)
            notes[name] = _note(sample)
        about = json.dumps({"version": 1, "samples": notes}, indent=1)
        archive.writestr(NOTES, about, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _note(sample: Sample) -> dict:
    frame = base64.b64encode(sample.framed.read_bytes()).decode()
    return {name: getattr(sample, name) for name in NOTED} | {"framed": frame}


class Archive:
    """An archive from outside, whose list of contents gives no cause for suspicion."""

    def __init__(self, file: BinaryIO):
        """Look through the list of contents.

        Raises:
            ValueError: not a .zip archive, or one to be refused; one sentence that says why.
        """
        try:
            self._zip = zipfile.ZipFile(file)
        except Exception as error:  # damaged lists fail in many ways
            raise ValueError(f"This is not a .zip archive that can be read ({error}).") from error
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS:
            raise ValueError(f"The archive holds {len(members):,} files; expected at most {MOST_MEMBERS:,}.")
        size = sum(member.file_size for member in members)
        if size > LARGEST_SUM:
            raise ValueError(f"The archive unpacks to {_mb(size)}; expected at most {_mb(LARGEST_SUM)}.")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            name = member.filename.replace("\\", "/")
            _check(member, name, name in self._members)
            self._members[name] = member

    def names(self) -> list[str]:
        """Return the names of all files but hidden ones, which macOS adds, in the order of the archive."""
        return [name for name in self._members if not name.endswith("/") and not _is_hidden(name)]

    def read(self, name: str) -> bytes:
        """Return one file, unpacked, no longer than the list of contents says.

        Raises:
            ValueError: it is damaged, encrypted or packed in an unknown way.
        """
        member = self._members[name]
        try:
            with self._zip.open(member) as stream:
                # Never without a limit: the size is only what the archive says of itself.
                data = stream.read(member.file_size + 1)
        except Exception as error:  # zipfile, zlib, lzma and bz2 fail in their own ways
            raise ValueError(f"{plain(name)} cannot be unpacked ({error}).") from error
        if len(data) != member.file_size:
            raise ValueError(f"{plain(name)} is not as long as the archive says: it is damaged.")
        return data


def plain(name: str) -> str:
    """Return a name from an archive in a form that a sentence can bear: short and printable."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _check(member: zipfile.ZipInfo, name: str, is_double: bool) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    problems = {
        "leads out of the archive": name.startswith("/")
        or ".." in PurePosixPath(name).parts
        or name[1:2] == ":",
        "is a link or a device, not a file": kind not in (0, stat.S_IFREG, stat.S_IFDIR),
        "is in the archive twice": is_double,
        "is encrypted": bool(member.flag_bits & 1),
        "is an archive inside the archive": name.lower().endswith(".zip") and not _is_hidden(name),
        f"unpacks to {_mb(member.file_size)}": member.file_size > LARGEST_MEMBER,
        f"unpacks to more than {MOST_RATIO} times its size": member.file_size > RATIO_FROM
        and member.file_size > MOST_RATIO * max(1, member.compress_size),
    }
    for problem, applies in problems.items():
        if applies:
            raise ValueError(f"{plain(name)} {problem}; {EXPECTED}")


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _mb(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"


EXPECTED = f"expected pictures of at most {_mb(LARGEST_MEMBER)} in folders 0 to 9."
