"""Documents of pages, made for tests: good ones, and what somebody may make to do harm."""

import base64
import io
import struct
import zlib

from PIL import Image

HEIC = base64.b64decode(
    b"AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAXVtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    b"ACJpbG9jAAAAAERAAAEAAQAAAAABmQABAAAAAAAAAQwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    b"AAAAAAABAAAA9WlwcnAAAADVaXBjbwAAAHBodmNDAQQIAAAAn/gAAAAAHvAA/Pz4+AAADwNgAAEAF0ABDAH//wQIAAADAJ/4AAAD"
    b"AAAeugJAYQABACVCAQEECAAAAwCf+AAAAwAAHsCCBBZbq5Ka5sCAAAAMgAAAAwCEYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQAN"
    b"AAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAADAAAAABAAAAQAAAAAH////wAAAAAgAAAAAAAAACAAAADnBpeGkAAAAA"
    b"AQgAAAAYaXBtYQAAAAAAAAABAAEFgQIDBYQAAAEUbWRhdAAAAQgoAa4z8DvtJ4Y3x5DcEfhnKqyB6e6zEMxxbQbYXIY6nJfCZOok"
    b"USBTkDbJ9k8cQ9p8df6mv5qt9UHY/akItvOAf+QuQ/wLETzv87tDz2yVCkvJC7yYgz++EQcFZ5fcA8eXPatBGHBmL4UKmjEKKTz3"
    b"TsBK/00Ik1USIoWGz3mrxhDBxxZ2KSHLk+44y4uZyAODJaAwQamQ3mNZy3M8d9ewZa9SCCS/g7MkchC5lOYG39BDdQ9S8/ox/Z9R"
    b"S5gh8rndoRcEejUSGcrG9Z7LFTYiJk5riSVNY+IWbtiC2/LVfIGKER4UZC7xJpqsrgO+oMrJRVroKduxWIX+IMkrf2wHMgpAYAEs"
    b"+YQ="
)
"""A seven, 48 x 64, as a phone writes it: dark on white. (No package here writes such files.)"""


def page(width=60, height=80, shade=255):
    """Return a page of one shade."""
    return Image.new("L", (width, height), shade)


def document(kind, pages):
    """Return pictures as the pages of a PDF (at 72 dpi: they are drawn 200/72 times as large) or a TIFF."""
    out = io.BytesIO()
    pages[0].save(out, kind, save_all=True, append_images=pages[1:])
    return out.getvalue()


def named(data, name):
    """Return bytes as a file of that name."""
    file = io.BytesIO(data)
    file.name = name
    return file


def pdf(*objects, trailer=b""):
    """Return a PDF of objects, the first of them its catalogue."""
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (
        len(places) + 1,
        trailer,
        len(out),
    )
    return out + head + table + end


def blank_pdf(width=200, height=100, pages=1, extra=b"", trailer=b"", objects=()):
    """Return a PDF of blank pages, each so many points wide and high."""
    kids = b" ".join([b"3 0 R"] * pages)
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] %s >>" % (width, height, extra),
        *objects,
        trailer=trailer,
    )


def encrypted_pdf():
    """Return a PDF that nobody can open without a password."""
    key = b"<" + b"5a" * 32 + b">"
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -44 /O %s /U %s >>" % (key, key)
    return blank_pdf(trailer=b"/Encrypt %s /ID [<00> <00>]" % lock)


def bomb_pdf(side=60_000):
    """Return a PDF with a picture of so many pixels on each side on its page, in few bytes."""
    data = zlib.compress(bytes(side * side // 8), 9)
    about = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode"
    draw = b"q 100 0 0 100 0 0 cm /I Do Q"
    return blank_pdf(
        extra=b"/Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>",
        objects=(stream(draw), stream(data, b"%s /Width %d /Height %d" % (about, side, side))),
    )


def stream(data, about=b""):
    """Return a stream of a PDF."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (about, len(data), data)


def unfolding_pdf(depth=9):
    """Return a PDF with a drawing made of ten, each made of ten, and so on, to 10**depth lines."""
    names = [b"/X%d" % number for number in range(depth)]
    drawings = []
    for number, inner in enumerate([*names[1:], b""], start=6):
        about = b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]"
        if inner:
            about += b" /Resources << /XObject << %s %d 0 R >> >>" % (inner, number)
        drawings.append(stream((inner + b" Do ") * 10 if inner else b"0 0 m 9 9 l S", about))
    return blank_pdf(
        extra=b"/Contents 4 0 R /Resources << /XObject << /X0 5 0 R >> >>",
        objects=(stream(b"/X0 Do " * 10), *drawings),
    )


def endless_pdf():
    """Return a PDF whose page is shaded by a long formula: drawing it takes minutes, without a pause."""
    about = b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]"
    formula = stream(b"{ add " + b"sin 360 mul " * 400 + b"}", about)
    shading = b"/ShadingType 1 /ColorSpace /DeviceGray /Domain [0 1 0 1] /Matrix [2000 0 0 2000 0 0]"
    return blank_pdf(
        2000,
        2000,
        extra=b"/Contents 4 0 R /Resources << /Shading << /S 5 0 R >> >>",
        objects=(stream(b"/S sh"), b"<< %s /Function 6 0 R >>" % shading, formula),
    )


def bomb_tiff():
    """Return a TIFF whose second page says that it is 60,000 pixels wide and high."""
    data = bytearray(document("TIFF", [page(), page()]))
    (first,) = struct.unpack_from("<I", data, 4)
    (many,) = struct.unpack_from("<H", data, first)
    (second,) = struct.unpack_from("<I", data, first + 2 + 12 * many)
    (many,) = struct.unpack_from("<H", data, second)
    for entry in range(second + 2, second + 2 + 12 * many, 12):
        if struct.unpack_from("<H", data, entry)[0] in (256, 257):  # its width and height
            struct.pack_into("<HII", data, entry + 2, 4, 1, 60_000)
    return bytes(data)
