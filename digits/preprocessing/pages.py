"""Files beside plain pictures: documents of several pages, and what phones write, as Pillow opens pictures.

A PDF page becomes a picture only when its pixels are asked for. Nothing in a document runs, neither forms nor
scripts.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageFile

from digits.config import check, need

DPI = 200
"""At which a PDF page is drawn: handwriting is then some 40 pixels high."""

LARGEST = 8000
"""Pixels of the longer side of a PDF page at most: a larger one is drawn smaller."""

MOST_PAGES = 1000
"""Of a file."""

SECONDS = 20.0
"""Drawing a PDF page may take at most."""

PAGED = {".pdf", ".tif", ".tiff"}
"""Endings of files that may have several pages."""

SECONDARY = 5
"""Bits of a TIFF page's kind (tag 254): a smaller copy of another page, or a mask of it."""

KIND = 254

HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
"""Brands of the files that phones write (ISO 23008-12)."""

_pdfium = threading.Lock()
"""PDFium does one thing at a time."""


def paged(name: str, page: int) -> str:
    """Return the name of a page, counted from 1, of a file that has several.

    >>> paged("scan.pdf", 2)
    'scan.pdf, page 2'
    """
    return f"{name}, page {page}"


def open_file(file: str | Path | IO[bytes], formats: tuple[str, ...]) -> ImageFile.ImageFile:
    """Open a file as Pillow does, of its formats or of those here; its pixels are not read yet.

    Raises:
        ValueError: a package is not installed that reads it; and whatever Pillow raises.
    """
    head = _head(file)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-"):
        need("pypdfium2", "pages", "A PDF")
        return PdfFile(file)
    if head[4:8] == b"ftyp" and head[8:12] in HEIF:
        need("pi_heif", "pages", "A HEIC picture")
        from pi_heif.as_plugin import HeifImageFile

        return HeifImageFile(file)
    return Image.open(file, formats=formats)


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
        with self._document() as document:
            self.n_frames = len(document)
            check("The number of pages", 0, self.n_frames > 0, "1 or more")
            self._measure(document)

    def seek(self, frame: int) -> None:
        """Turn to another page, counted from 0."""
        if not 0 <= frame < self.n_frames:
            raise EOFError
        if frame != self._place:
            self._place, self._im = frame, None
            with self._document() as document:
                self._measure(document)

    def tell(self) -> int:
        """Return which page it is."""
        return self._place

    def load(self) -> Any:
        """Draw the page."""
        if self._im is None:
            with self._document() as document:
                self.im = self._drawn(document).im
            if self._exclusive_fp and self.fp:
                self.fp.close()
                self.fp = None
        return Image.Image.load(self)

    def _measure(self, document: Any) -> None:
        size = document.get_page_size(self._place)
        good = all(math.isfinite(side) and side > 0 for side in size)
        check("The size of a page", "{} x {} points".format(*size), good, "more than 0")
        scale = min(DPI / 72, LARGEST / max(size))
        self._size = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))

    @contextmanager
    def _document(self) -> Iterator[Any]:
        """Open the document and close it, which nobody else may do meanwhile."""
        import pypdfium2
        from pypdfium2 import raw

        assert self.fp
        with _pdfium:
            self.fp.seek(0)
            try:
                document = pypdfium2.PdfDocument(self.fp)
            except pypdfium2.PdfiumError as error:
                self.fp.seek(0)  # the code of an error may be that of the one before
                if error.err_code == raw.FPDF_ERR_PASSWORD and b"/Encrypt" in self.fp.read():
                    raise ValueError("It is encrypted; expected one that opens without a password") from error
                raise
            try:
                yield document
            finally:
                document.close()

    def _drawn(self, document: Any) -> Image.Image:
        """Return a page as a picture."""
        import pypdfium2
        from pypdfium2 import raw

        page = document[self._place]
        for one in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE]):
            width, height = one.get_px_size()
            if width * height > LARGEST**2:
                words = f"up to {LARGEST:,} on each side"
                raise ValueError(f"A picture of {width} x {height} pixels on a page; expected {words}.")
        bitmap = pypdfium2.PdfBitmap.new_native(*self.size, raw.FPDFBitmap_BGR)
        end = time.monotonic() + SECONDS
        is_late = type(raw.IFSDK_PAUSE().NeedToPauseNow)(lambda _: time.monotonic() > end)
        pause = raw.IFSDK_PAUSE(version=1, NeedToPauseNow=is_late)
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, *self.size, 0xFFFFFFFF)
            state = raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, *self.size, 0, raw.FPDF_ANNOT, pause)
            raw.FPDF_RenderPage_Close(page)
            if state == raw.FPDF_RENDER_TOBECONTINUED:
                raise ValueError(f"Drawing a page takes too long; expected at most {SECONDS:g} seconds.")
            if state != raw.FPDF_RENDER_DONE:
                raise ValueError("A page cannot be drawn.")
            return bitmap.to_pil().convert("RGB")
        finally:
            bitmap.close()
            page.close()
