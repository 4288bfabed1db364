"""Digits of a hand as .zip archives, out and in: folders 0 to 9 with pictures, and a file of notes beside.

    0/own-7.png   4/own-3.png   ...   own.json

Anybody may make such an archive, without the notes. What comes from outside is never unpacked onto the disk,
and refused as a whole where anything about it is odd; the notes, which say what pictures alone do not, come
from outside too, so all in them is checked. Pictures without notes go the road up to the network.
"""

import base64
import binascii
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from digits.config import SIDE, SUFFIXES
from digits.data.collection import originals
from digits.data.collection.hands import LONGEST, Hands, checked_name
from digits.data.collection.store import ORIGINS, STATUSES, Store, check_digit, check_word
from digits.preprocessing.decode import open_picture
from digits.preprocessing.lattice import frame_single

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

EXPECTED = f"expected pictures of at most {LARGEST_MEMBER >> 20} MB in folders 0 to 9."

LONGEST_NAME = 200
"""Letters of a model's name."""

LONGEST_FRAME = 8192
"""Letters of a frame in base64; 28 x 28 random points take 1,200."""

FORMATS = ("PNG", "JPEG", "MPO", "BMP", "WEBP", "TIFF", "GIF")
"""What Pillow may take a picture from outside for; others of its decoders call on further programs."""

WHY_NOT = {
    "blank": "there is no ink on it",
    "several": "more than one digit is on it",
    "not_a_digit": "there is only a blot on it",
}


def export_zip(store: Store) -> bytes:
    """Return all samples of a store as an archive, oldest first, which `import_zip` reads again; the notes
    say the name of the hand as well."""
    file, notes = io.BytesIO(), {}
    hand = Hands(store.folder).names().get(store.hand)
    with zipfile.ZipFile(file, "w") as archive:  # PNG is packed already
        for sample in reversed(store.samples()):
            name = f"{sample.label}/own-{sample.id}.png"
            archive.write(sample.picture, name)
            frame = base64.b64encode(sample.framed.read_bytes()).decode()
            notes[name] = {noted: getattr(sample, noted) for noted in NOTED} | {"framed": frame}
        about = json.dumps({"version": 1, "hand": hand, "samples": notes}, indent=1)
        archive.writestr(NOTES, about, zipfile.ZIP_DEFLATED)
    return file.getvalue()


@dataclass(frozen=True)
class Imported:
    """What became of an archive."""

    added: int
    """New samples."""
    known: int
    """Pictures that were in the collection already, with the same label."""
    skipped: list[str]
    """Why other files were left out, a sentence each."""
    stopped: str = ""
    """Why it ended early, if the store could not take more; what was added until then stays."""


def import_zip(
    store: Store, file: BinaryIO, progress: Callable[[float], None] = lambda share: None
) -> Imported:
    """Add the pictures of an archive with folders 0 to 9, wherever in it these are, to a store.

    All of it is looked at first: where anything is wrong with it nothing is added. Pictures are framed
    as the model would see them; those on which there is no single digit are left out. Our own archives
    (`export_zip`) bring answers, times and frames along.

    Args:
        store: to add to.
        file: open for reading bytes.
        progress: told the share that is done, in [0, 1], from time to time.

    Raises:
        ValueError: the archive is refused; one sentence that names what is wrong and what was expected.
    """
    archive = Archive(file)
    _, known = _notes(archive)
    wanted, skipped = _sort(archive)
    if not wanted:
        raise ValueError("The archive holds no picture in a folder named 0 to 9.")
    for done, name in enumerate(wanted):
        _open(archive, name)
        progress(done / len(wanted) / 2)
    before, taken, stopped = {sample.id for sample in store.samples()}, [], ""
    for done, name in enumerate(wanted):
        path, picture = PurePosixPath(name), _open(archive, name)
        note = known.get("/".join(path.parts[-2:])) or _framed(picture)
        if isinstance(note, str):
            skipped.append(f"{plain(name)} was left out: {note}.")
            continue
        try:
            taken.append(store.add(picture, label=int(path.parts[-2]), **note).id)
        except (ValueError, OSError) as error:
            stopped = str(error)
            break
        progress((done / len(wanted) + 1) / 2)
    added = len(set(taken) - before)
    return Imported(added, len(taken) - added, skipped, stopped)


def import_hand(
    hands: Hands, file: BinaryIO, name: str, progress: Callable[[float], None] = lambda share: None
) -> tuple[Store, Imported]:
    """Add the pictures of an archive as a hand of their own; return its digits, and what became of them.

    The hand is called as the notes say, else by `name`, with a number behind it where another hand has
    that name. See `import_zip`.

    Raises:
        ValueError: as there, or there can be no more hands; no hand is added then, nor where `progress`
            raises anything.
    """
    said, _ = _notes(Archive(file))
    plainly = "".join(letter for letter in name if letter.isprintable()).strip()[:LONGEST]
    store = hands.add(hands.free_name(said or plainly or "A hand"))
    try:
        return store, import_zip(store, file, progress)
    except BaseException:  # Streamlit interrupts with kinds that are no Exception, and begins again
        hands.remove(store.hand)
        raise


def _sort(archive: "Archive") -> tuple[list[str], list[str]]:
    """Return the names of the pictures in digit folders, and why each other file is left out."""
    wanted, skipped = [], []
    for name in archive.names():
        path = PurePosixPath(name)
        if path.name == NOTES:
            continue
        if path.suffix.lower() not in SUFFIXES:
            skipped.append(f"{plain(name)} was left out: it has no picture's ending.")
        elif path.parent.name not in set("0123456789"):
            skipped.append(f"{plain(name)} was left out: it is in no folder named 0 to 9.")
        else:
            wanted.append(name)
    return wanted, skipped


def _open(archive: "Archive", name: str) -> Image.Image:
    file = io.BytesIO(archive.read(name))
    file.name = plain(name)
    try:
        with Image.open(file, formats=FORMATS):
            pass
    except Image.DecompressionBombError:
        pass  # refused below, with the sizes that are accepted
    except Exception as error:
        raise ValueError(
            f"{plain(name)} is not a picture of a kind that is taken: {', '.join(FORMATS)}."
        ) from error
    file.seek(0)
    return open_picture(file)


def _framed(picture: Image.Image) -> dict[str, Any] | str:
    """Return what to add of a picture without notes, or why it is left out."""
    reading = frame_single(picture)
    if reading.status != "digit":
        return WHY_NOT[reading.status]
    return {"framed": reading.framed, "origin": "import"}


def _notes(archive: "Archive") -> tuple[str, dict[str, dict[str, Any]]]:
    """Return the name of the hand, or "", and the notes on each picture by its folder and name, like
    "4/own-3.png"; none without notes.

    Each has the arguments of `Store.add` but picture and label, `framed` as (28, 28) float32 in [0, 1].

    Raises:
        ValueError: something in the notes is not as it should be; one sentence that says what.
    """
    found = [name for name in archive.names() if PurePosixPath(name).name == NOTES]
    if not found:
        return "", {}
    if len(found) > 1:
        raise ValueError(f"The archive has {len(found)} files {NOTES}; expected one at most.")
    try:
        about = json.loads(archive.read(found[0]))
        hand = about.get("hand")
        samples = {str(name): _checked(note) for name, note in about["samples"].items()}
        return "" if hand is None else checked_name(hand), samples
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"{NOTES} in the archive cannot be used: {error}") from error


def _checked(note: dict[str, Any]) -> dict[str, Any]:
    missing = [name for name in (*NOTED, "framed") if name not in note]
    if missing:
        raise ValueError(f"a note without {missing[0]}.")
    answer, model, sha256 = note["answer"], note["model"], note["model_sha256"]
    if not isinstance(model, str) or len(model) > LONGEST_NAME or not model.isprintable():
        raise ValueError(f"a model's name of up to {LONGEST_NAME} letters is expected.")
    if not isinstance(sha256, str) or not re.fullmatch("([0-9a-f]{64})?", sha256):
        raise ValueError("a model's SHA-256 is expected to be empty or 64 hexadecimal digits.")
    created = datetime.fromisoformat(note["created"])
    created = created.astimezone(UTC) if created.tzinfo else created.replace(tzinfo=UTC)
    return {
        "answer": None if answer is None else check_digit(answer, "Answer"),
        "status": check_word(note["status"], STATUSES, "Status"),
        "origin": check_word(note["origin"], ORIGINS, "Origin"),
        "model": model,
        "model_sha256": sha256,
        "created": created.isoformat(timespec="seconds"),
    } | _frame(note["framed"])


def _frame(text: str) -> dict[str, Any]:
    """Return a frame, and which framing made it, as arguments of `Store.add`."""
    if not isinstance(text, str) or len(text) > LONGEST_FRAME:
        raise ValueError("a frame is expected to be a PNG of 28 x 28 points in base64.")
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as picture:
            if picture.size != (SIDE, SIDE) or picture.mode != "L":
                raise ValueError(
                    f"a frame of {picture.size} points, mode {picture.mode}; expected 28 x 28 grey."
                )
            version = originals.frame_version(picture)
            return {"framed": np.asarray(picture, np.float32) / 255, "frame_version": version}
    except (OSError, binascii.Error, SyntaxError) as error:
        raise ValueError(f"a frame cannot be read ({error}).") from error


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
