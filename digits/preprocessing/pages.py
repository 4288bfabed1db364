"""Files beside plain pictures: documents of several pages, and what phones write, as Pillow opens pictures.

A PDF page becomes a picture only when its pixels are asked for. Nothing in a document runs, neither forms nor
scripts; and PDFium looks at it in a child process, within limits of memory and time.
"""

import json
import math
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageFile

from digits.config import check, need
from digits.preprocessing import structure

DPI = 200
"""At which a PDF page is drawn: handwriting is then some 40 pixels high."""

LARGEST = 8000
"""Pixels of the longer side of a PDF page at most: a larger one is drawn smaller."""

MOST_PAGES = 1000
"""Of a file."""

SECONDS = 20
"""Of the processor that a PDF, or a page of one, may take."""

LONGEST = 6
"""So many times as long may that take by the clock, on a machine that has others to serve."""

TOO_MUCH = "It takes PDFium more than {} seconds or a gigabyte of memory, or breaks it"

CHILD = Path(__file__).with_name("pdf_child.py")

PAGED = {".pdf", ".tif", ".tiff"}
"""Endings of files that may have several pages."""

SECONDARY = 5
"""Bits of a TIFF page's kind (tag 254): a smaller copy of another page, or a mask of it."""

KIND = 254

HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
"""Brands of the files that phones write (ISO 23008-12)."""

_children = threading.BoundedSemaphore(os.cpu_count() or 1)
"""More at once would only take time and memory from each other."""


def paged(name: str, page: int) -> str:
    """Return the name of a page, counted from 1, of a file that has several.

    >>> paged("scan.pdf", 2)
    'scan.pdf, page 2'
    """
    return f"{name}, page {page}"


def open_file(file: str | Path | IO[bytes], formats: tuple[str, ...]) -> ImageFile.ImageFile:
    """Open a file as Pillow does, of its formats or of those here; its pixels are not read yet.

    Raises:
        ValueError: a package is not installed that reads it, or the file has too many parts; and whatever
            Pillow raises.
    """
    head = _head(file)
    if _is_pdf(head):
        need("pypdfium2", "pages", "A PDF")
        return PdfFile(file)
    if isinstance(file, str | Path):
        with Path(file).open("rb") as opened:
            structure.check(opened)
    else:
        structure.check(file)
    if _is_heif(head):
        need("pi_heif", "pages", "A HEIC picture")
        from pi_heif.as_plugin import HeifImageFile

        return HeifImageFile(file)
    return Image.open(file, formats=formats)


def is_document(head: bytes) -> bool:
    """Tell by a file's first kilobyte whether it may take long however small it is: PDF and HEIC do."""
    return _is_pdf(head) or _is_heif(head)


def _is_pdf(head: bytes) -> bool:
    return head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-")


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in HEIF


def pages(picture: ImageFile.ImageFile, most: int = MOST_PAGES + 1) -> list[int]:
    """Return the first so many frames of an open file that are pages."""
    if isinstance(picture, PdfFile):
        return list(range(min(picture.n_frames, most)))
    if picture.format != "TIFF":
        return [picture.tell()]  # what moves is one picture
    found = list[int]()
    for frame in range(2 * MOST_PAGES + 2):
        try:
            picture.seek(frame)
            if not int(picture.tag_v2.get(KIND, 0)) & SECONDARY:  # type: ignore[attr-defined]
                found.append(frame)
        except EOFError:
            break
        except Exception:  # a damaged page is one all the same: whoever opens it is told
            found.append(frame)
        if len(found) == most:
            break
    return found or [0]


def _head(file: str | Path | IO[bytes]) -> bytes:
    if isinstance(file, str | Path):
        with Path(file).open("rb") as opened:
            return opened.read(1024)
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    return head


class PdfFile(ImageFile.ImageFile):
    """A PDF document; each of its frames is a page on white paper, RGB."""

    format = "PDF"
    format_description = "Portable Document Format"

    def _open(self) -> None:
        self._mode, self.tile, self._place = "RGB", [], 0
        self._sizes = self._asked(most=MOST_PAGES + 1)[0]["sizes"]
        self.n_frames = len(self._sizes)
        check("The number of pages", 0, self.n_frames > 0, "1 or more")
        self._measure()

    def seek(self, frame: int) -> None:
        """Turn to another page, counted from 0."""
        if not 0 <= frame < self.n_frames:
            raise EOFError
        if frame != self._place:
            self._place, self._im = frame, None
            self._measure()

    def tell(self) -> int:
        """Return which page it is."""
        return self._place

    def load(self) -> Any:
        """Draw the page."""
        if self._im is None:
            said, rows = self._asked(page=self._place, size=self.size, largest=LARGEST)
            self.im = Image.frombuffer("RGB", self.size, rows, "raw", "BGR", said["stride"], 1).im
            if self._exclusive_fp and self.fp:
                self.fp.close()
                self.fp = None
        return Image.Image.load(self)

    def _measure(self) -> None:
        size = self._sizes[self._place]
        good = all(math.isfinite(side) and side > 0 for side in size)
        check("The size of a page", "{} x {} points".format(*size), good, "more than 0")
        scale = min(DPI / 72, LARGEST / max(size))
        self._size = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))

    def _asked(self, **what: Any) -> tuple[dict[str, Any], bytes]:
        """Return what the child process answers, see `pdf_child`, and the bytes behind."""
        assert self.fp
        line = [sys.executable, "-P", str(CHILD), json.dumps({"seconds": SECONDS} | what)]
        with ExitStack() as held:
            if self.filename:
                file: dict[str, Any] = {"stdin": held.enter_context(Path(str(self.filename)).open("rb"))}
            else:
                self.fp.seek(0)
                file = {"input": self.fp.read()}
            held.enter_context(_children)
            try:
                child = subprocess.run(line, **file, capture_output=True, timeout=LONGEST * SECONDS)
            except subprocess.TimeoutExpired:
                raise ValueError(TOO_MUCH.format(SECONDS)) from None
        head, _, rows = child.stdout.partition(b"\n")
        if child.returncode or not head:
            raise ValueError(TOO_MUCH.format(SECONDS))
        said = json.loads(head)
        if said.get("kind") == "MemoryError":
            raise ValueError(TOO_MUCH.format(SECONDS))
        if "problem" in said:
            raise (ValueError if said["kind"] == "ValueError" else SyntaxError)(said["problem"])
        return said, rows
