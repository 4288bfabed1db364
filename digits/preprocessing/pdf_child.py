"""The child process of `pages`: python pdf_child.py ASKED, with a PDF on its standard input.

It answers with a line of JSON, in which `problem` is a sentence where there is no answer:

    {"seconds": 20, "most": 1000}
        `sizes` of so many pages at most, in points
    {"seconds": 20, "page": 0, "size": [200, 100], "largest": 8000}
        `stride`, and behind the line so many bytes for each row of the page: blue, green, red

PDFium cannot be interrupted while it takes a page apart, and two kilobytes may unfold to more than any
machine has. So memory and processor time are limited before it sees the file: on Linux both, macOS ignores
the limit of memory, and Windows has the parent's clock alone. Nothing of the project is imported, so that
this starts in a tenth of a second.
"""

import json
import sys
from contextlib import suppress
from typing import Any

MEMORY = 2**30
"""Bytes that the process may take."""


def main(asked: dict[str, Any]) -> None:
    """Answer once."""
    try:
        _limit(asked["seconds"])
        said, rows = _answer(asked)
    except Exception as error:  # PDFium's own, and whatever ctypes raises: the parent tells
        said, rows = {"problem": str(error) or type(error).__name__, "kind": type(error).__name__}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.write(rows)


def _limit(seconds: int) -> None:
    with suppress(ImportError):  # Windows
        import resource

        for kind, most in (
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_CORE, 0),
        ):
            with suppress(ValueError, OSError):  # a lower one holds already
                resource.setrlimit(kind, (most, most))


def _answer(asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    import pypdfium2
    from pypdfium2 import raw

    file = sys.stdin.buffer
    try:
        document = pypdfium2.PdfDocument(file if file.seekable() else file.read())
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise ValueError("It is encrypted; expected one that opens without a password") from error
        raise
    if "most" in asked:
        pages = range(min(asked["most"], len(document)))
        return {"sizes": [document.get_page_size(page) for page in pages]}, b""
    page, (width, height), largest = document[asked["page"]], asked["size"], asked["largest"]
    for one in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE]):
        across, down = one.get_px_size()
        if across * down > largest**2:
            words = f"up to {largest:,} on each side"
            raise ValueError(f"A picture of {across} x {down} pixels on a page; expected {words}")
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT)
    return {"stride": bitmap.stride}, bitmap.buffer


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
