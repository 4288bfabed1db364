"""Archives: our own come back whole, others are framed, and odd ones change nothing."""

import base64
import io
import json
import stat
import struct
import zipfile
import zlib

import numpy as np
import pytest
from drawn_digits import drawn
from PIL import Image

from digits.data.collection import archive as archive_module
from digits.data.collection.archive import NOTES, export_zip, import_zip
from digits.data.collection.store import Store
from digits.preprocessing.lattice import frame_single


def png(picture) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


FOUR = png(drawn(4))


def test_a_store_that_can_take_no_more_says_how_far_it_came(tmp_path, monkeypatch):
    store, taken = Store(tmp_path), []

    def add(*arguments, **named):
        if taken:
            raise ValueError("No room left.")
        taken.append(1)
        return Store.add(store, *arguments, **named)

    monkeypatch.setattr(store, "add", add)
    imported = import_zip(store, zipped(("4/a.png", FOUR), ("4/b.png", png(drawn(4)[::-1].copy()))))
    assert (imported.added, imported.stopped, len(store)) == (1, "No room left.", 1)


def zipped(*members, compression=zipfile.ZIP_STORED) -> io.BytesIO:
    """Return an archive of members (name or ZipInfo, bytes)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    file.seek(0)
    return file


def about(sample):
    return {name: getattr(sample, name) for name in ("label", *archive_module.NOTED)}


def test_our_own_archive_brings_everything_back(store, keep, seen, tmp_path):
    keep(4, origin="camera", answer=9, status="unsure", model="mine", model_sha256="0f" * 32)
    keep(7, origin="guided", created="2026-01-02T03:04:05+00:00")
    store.delete(keep(1).id)
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    store.add(noise, np.eye(28), 3, origin="number")  # the road finds no digit here
    other = Store(tmp_path / "other")
    outcome = import_zip(other, io.BytesIO(export_zip(store)))
    assert (outcome.added, outcome.known, outcome.skipped) == (3, 0, [])
    for before, after in zip(store.samples(), other.samples(), strict=True):
        assert about(before) == about(after)
        assert np.array_equal(seen(before), seen(after))
        assert np.array_equal(np.asarray(Image.open(before.picture)), np.asarray(Image.open(after.picture)))
    again = import_zip(other, io.BytesIO(export_zip(other)))
    assert (again.added, again.known, len(other)) == (0, 3, 3)


def test_an_archive_of_plain_folders_is_framed_and_the_rest_is_told(store, seen):
    blank, dot = np.full((60, 60), 255, np.uint8), np.full((90, 90), 255, np.uint8)
    dot[30:60, 30:60] = 0
    two = np.hstack([drawn(1), drawn(7)])
    shares = []
    outcome = import_zip(
        store,
        zipped(
            ("mine/4/anna-1.png", FOUR),
            ("mine/7/b.PNG", png(drawn(7))),
            ("mine/4/copy.png", FOUR),
            ("mine/1/blank.png", png(blank)),
            ("mine/1/dot.png", png(dot)),
            ("mine/1/two.png", png(np.vstack([two, two]))),
            ("mine/read me.txt", b"hello"),
            ("mine/cat.png", FOUR),
            ("__MACOSX/mine/4/._anna-1.png", b"no picture"),
            ("mine/.DS_Store", b""),
        ),
        shares.append,
    )
    assert (outcome.added, outcome.known) == (2, 1)
    assert [sample.label for sample in store.samples()] == [7, 4]
    four = store.samples(4)[0]
    assert (four.origin, four.answer, four.status) == ("import", None, "")
    assert np.abs(seen(four) - frame_single(drawn(4)).framed).max() < 0.01
    reasons = " ".join(outcome.skipped)
    for words in ("blank.png was left out: there is no ink", "dot.png was left out: there is only a blot"):
        assert words in reasons
    for words in ("two.png was left out: more than one", "no picture's ending", "in no folder named 0 to 9"):
        assert words in reasons
    assert len(outcome.skipped) == 5
    assert shares == sorted(shares)
    assert 0.5 < shares[-1] <= 1


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("4/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted() -> io.BytesIO:
    data = bytearray(zipped(("4/a.png", FOUR)).getvalue())
    data[6] |= 1  # in the file's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the list of contents
    return io.BytesIO(data)


def broken() -> io.BytesIO:
    data = bytearray(zipped(("4/a.png", FOUR)).getvalue())
    data[200] ^= 255
    return io.BytesIO(data)


def lying() -> io.BytesIO:
    """Return an archive that claims to be shorter than it is."""
    data = zipped(("4/a.png", bytes(5000)), compression=zipfile.ZIP_DEFLATED).getvalue()
    return io.BytesIO(data.replace(struct.pack("<I", 5000), struct.pack("<I", 50)))


def huge_png(width: int, height: int) -> bytes:
    """Return a PNG that says it is so large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(99)))
        + chunk(b"IEND", b"")
    )


def noted(**changes) -> io.BytesIO:
    """Return an archive of our own kind, with something changed in its notes."""
    file = io.BytesIO()
    Image.new("L", (28, 28)).save(file, "PNG")
    note = {"answer": 4, "status": "digit", "model": "m", "model_sha256": "", "origin": "draw"}
    note |= {"created": "2026-01-01T00:00:00+00:00", "framed": base64.b64encode(file.getvalue()).decode()}
    note = {name: value for name, value in (note | changes).items() if value != "gone"}
    return zipped(("4/a.png", FOUR), (NOTES, json.dumps({"version": 1, "samples": {"4/a.png": note}})))


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n"
HOSTILE = {
    "no zip": (io.BytesIO(b"text"), "not a .zip archive"),
    "empty": (zipped(), "holds no picture"),
    "truncated": (io.BytesIO(zipped(("4/a.png", FOUR)).getvalue()[:-30]), "not a .zip archive"),
    "damaged": (broken(), "cannot be unpacked"),
    "lying": (lying(), "cannot be unpacked|not as long"),
    "encrypted": (encrypted(), "is encrypted"),
    "upwards": (zipped(("../4/a.png", FOUR)), "leads out"),
    "upwards in Windows": (zipped(("..\\4\\a.png", FOUR)), "leads out"),
    "absolute": (zipped(("/4/a.png", FOUR)), "leads out"),
    "drive": (zipped(("C:/4/a.png", FOUR)), "leads out"),
    "link": (zipped((link(), b"/etc/passwd")), "is a link"),
    "nested": (
        zipped(("4/a.png", FOUR), ("4/more.zip", zipped(("4/a.png", FOUR)).getvalue())),
        "inside the archive",
    ),
    "twice": (zipped(("4/a.png", FOUR), ("4\\a.png", FOUR)), "4/a.png is in the archive twice"),
    "one bad among good": (zipped(("4/a.png", FOUR), ("7/b.png", b"7")), "7/b.png is not a picture"),
    "postscript": (zipped(("4/a.png", EPS)), "4/a.png is not a picture"),
    "half a picture": (zipped(("4/a.png", FOUR[:300])), "4/a.png"),
    "bomb of bytes": (
        zipped(("4/a.bmp", bytes(2**21)), compression=zipfile.ZIP_DEFLATED),
        "200 times its size",
    ),
    "bomb of pixels": (zipped(("4/a.png", huge_png(60_000, 60_000))), "far too many pixels"),
    "large picture": (zipped(("4/a.png", huge_png(9000, 100))), "9000 x 100"),
    "control characters": (zipped(("4/a\x1b[2J.png", b"four")), "4/a\ufffd"),
    "notes that are no JSON": (
        zipped(("4/a.png", FOUR), (NOTES, b"{")),
        "own.json in the archive cannot be used",
    ),
    "notes of another kind": (zipped(("4/a.png", FOUR), (NOTES, b"[3]")), "own.json"),
    "deep notes": (zipped(("4/a.png", FOUR), (NOTES, b"[" * 100_000)), "own.json"),
    "two notes": (zipped(("4/a.png", FOUR), (NOTES, b"{}"), (f"x/{NOTES}", b"{}")), "2 files own.json"),
    "wrong answer": (noted(answer=12), "Answer 12"),
    "wrong origin": (noted(origin="moon"), "Origin 'moon'"),
    "wrong status": (noted(status=["digit"]), "Status"),
    "wrong time": (noted(created="yesterday"), "yesterday"),
    "wrong model": (noted(model="m" * 300), "name"),
    "wrong sum": (noted(model_sha256="xyz"), "SHA-256"),
    "wrong frame": (noted(framed="AAAA"), "frame"),
    "no frame": (noted(framed="gone"), "without framed"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_odd_archives_are_refused_in_a_sentence_and_nothing_is_written(store, name):
    file, words = HOSTILE[name]
    with pytest.raises(ValueError, match=words) as refusal:
        import_zip(store, file)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).isprintable()
    assert not store.folder.exists()


@pytest.mark.parametrize(
    ("cap", "value", "words"),
    [
        ("MOST_MEMBERS", 2, "holds 3 files; expected at most 2"),
        ("LARGEST_SUM", 1000, "unpacks to 0 MB; expected at most 0 MB"),
        ("LARGEST_MEMBER", 1000, r"1/a\.png unpacks to 0 MB"),
    ],
)
def test_there_are_caps(store, monkeypatch, cap, value, words):
    monkeypatch.setattr(archive_module, cap, value)
    with pytest.raises(ValueError, match=words):
        import_zip(store, zipped(*((f"{digit}/a.png", png(drawn(digit))) for digit in (1, 2, 3))))
    assert not store.folder.exists()
