"""Where millions of pictures come from: all kinds alike, in one order, and what archives may not do."""

import pickle
import struct
import tarfile
import zipfile
import zlib

import documents
import piles
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from digits.deploy.batch import archives, sources
from digits.preprocessing.decode import open_picture

WIDTHS = {"a.png": 10, "b/c.JPG": 20, "b/d/e.gif": 30, "b.png": 40}
OTHERS = {"a.json": b"{}", "b/.hidden.png": b"", "__MACOSX/a.png": b"fork"}


def members():
    return {name: piles.png(width) for name, width in WIDTHS.items()}


def width(item):
    return Image.open(pickle.loads(pickle.dumps(item)).open()).width  # as if on another machine


def errors(path):
    said = []
    for item in sources.items(str(path)):
        try:
            Image.open(item.open())
        except ValueError as error:
            said.append(str(error))
    return said


@pytest.mark.parametrize("kind", piles.KINDS)
def test_every_kind_of_source_gives_the_same_pictures_and_notices_what_changes(tmp_path, kind):
    others = {} if "parquet" in kind else OTHERS
    path = piles.make(tmp_path, kind, members() | others)
    found = list(sources.items(str(path)))
    expected = sorted(WIDTHS, key=lambda name: name.split("/")) if kind == "folder" else sorted(WIDTHS)
    keys = [str(row) for row in range(4)] if kind == "pile.parquet" else expected
    assert [item.key for item in found] == keys
    assert [width(item) for item in found] == [WIDTHS[name] for name in expected]
    assert {item.source for item in found} == {str(path)}
    assert (found[0].carried > 0) == ("parquet" in kind or kind.endswith("gz"))

    first = sources.survey([str(path)])
    assert first.pictures == (None if "tar" in kind else 4)
    assert sources.survey([str(path)]) == first
    piles.make(tmp_path, kind, members() | {"c.png": piles.png(50)})
    assert sources.survey([str(path)]).fingerprint != first.fingerprint


@pytest.mark.parametrize("kind", piles.KINDS)
def test_each_page_of_a_document_is_an_item(tmp_path, kind):
    data = documents.document("TIFF", [documents.page(30), documents.page(40)])
    path = piles.make(tmp_path, kind, {"a.png": piles.png(20), "b.tif": data})
    found = [pickle.loads(pickle.dumps(item)) for item in sources.items(str(path))]
    if kind == "pile.parquet":  # without a name nobody looks
        assert [item.page for item in found] == [None, None]
        return
    assert [item.key for item in found] == ["a.png", "b.tif, page 1", "b.tif, page 2"]
    assert [open_picture(item.open(), item.page).width for item in found] == [20, 30, 40]
    counted = {"faces.parquet": 2}.get(kind, None if "tar" in kind else 3)  # its rows alone are counted
    assert sources.survey([str(path)]).pictures == counted


def test_a_folder_is_sorted_with_its_inner_ones_and_links_are_not_followed(tmp_path):
    names = [f"{place:02d}.png" for place in (5, 3, 4)]
    folder = piles.make(tmp_path, "folder", dict.fromkeys(names, b""))
    (folder / "035").mkdir()
    (folder / "035" / "x.png").touch()
    (folder / "035" / "up").symlink_to(folder, target_is_directory=True)
    found = [str(path.relative_to(folder)) for path in sources.walk(folder)]
    assert found == sorted([*names, "035/x.png"])
    one = str(folder / "03.png")  # a picture alone is a source as well
    assert [item.key for item in sources.items(one)] == ["03.png"]
    assert sources.survey([one]).pictures == 1


def test_shards_are_always_the_same_and_carry_little(tmp_path, monkeypatch):
    names = {f"{place}.png": piles.png(10 + place) for place in range(7)}
    one, two = (str(piles.make(tmp_path, kind, names)) for kind in ("pile.zip", "pile.parquet"))
    cut = [(shard.number, len(shard.items)) for shard in sources.shards([one, two], 4)]
    assert cut == [(0, 4), (1, 4), (2, 4), (3, 2)]
    monkeypatch.setattr(sources, "MOST_CARRIED", 2 * len(names["0.png"]))
    cut = [len(shard.items) for shard in sources.shards([one, two], 5)]
    assert cut[0] == 5
    assert sum(cut) == 14
    assert max(cut[2:]) <= 2


def test_a_name_is_only_ever_a_name_and_a_picture_never_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(archives, "LARGEST", 10_000)
    strange = {"../../evil.png": piles.png(10), "/root.png": piles.png(20), "red\x1b[31m.png": piles.png(30)}
    for kind in ("pile.zip", "pile.tar", "pile.tar.gz", "faces.parquet"):
        path = piles.make(tmp_path, kind, strange | {"huge.png": bytes(20_000)})
        assert all(item.key.isprintable() for item in sources.items(str(path)))
        (said,) = errors(path)
        assert "huge.png" in said
    assert len(list(tmp_path.iterdir())) == 4


def test_a_member_that_lies_or_is_locked_is_an_error(tmp_path):
    path = piles.make(tmp_path, "pile.zip", {"huge.png": bytes(5_000_000)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 100)))
    assert "cannot be unpacked" in errors(path)[0]
    data = bytearray(piles.make(tmp_path, "pile.zip", {"a.png": piles.png(10)}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert "password" in errors(path)[0]


def test_a_zip_names_its_members_as_info_zip_says(tmp_path):
    path = tmp_path / "pile.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for raw, said, checked in ((b"a?.png", "a\u0142.png", b"a?.png"), (b"b.png", "c.png", b"old.png")):
            info = zipfile.ZipInfo(raw.decode())
            text = struct.pack("<BL", 1, zlib.crc32(checked)) + said.encode()
            info.extra = struct.pack("<HH", 0x7075, len(text)) + text
            archive.writestr(info, piles.png(10))
    found = list(sources.items(str(path)))
    assert [item.key for item in found] == ["a\u0142.png", "b.png"]
    assert [width(item) for item in found] == [10, 10]


@pytest.mark.parametrize("kind", ["pile.tar", "pile.tar.gz"])
def test_a_tar_damaged_in_the_middle_says_so(tmp_path, kind):
    path = piles.make(tmp_path, kind, {f"{place}.png": piles.encoded_noise(place) for place in range(6)})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 + 100])
    assert 1 <= len(list(sources.items(str(path)))) < 7
    assert "what follows is lost" in errors(path)[0]


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path):
    path = piles.make(tmp_path, "pile.tar", members())
    with tarfile.open(path) as archive:
        second = archive.getmembers()[1].offset
    data = bytearray(path.read_bytes())
    data[second + 150] ^= 1  # of the checksum
    path.write_bytes(data)
    assert [item.key for item in sources.items(str(path))] == ["a.png", ""]
    assert "damaged behind its picture 1" in errors(path)[0]
    path.write_bytes(data[: second + 100])  # nor is half a header
    assert "damaged behind its picture 1" in errors(path)[0]


def test_a_row_without_a_picture_and_a_damaged_group_do_not_block_the_others(tmp_path):
    path = tmp_path / "pile.parquet"
    pq.write_table(pa.table({"image": [piles.png(10), None]}), path)
    assert "1: no bytes" in errors(path)[0]
    column = [piles.encoded_noise(place) for place in range(6)]
    pq.write_table(pa.table({"image": column}), path, row_group_size=2, use_dictionary=False)
    about = pq.read_metadata(path).row_group(1).column(0)
    begin, size = about.data_page_offset, about.total_compressed_size
    data = bytearray(path.read_bytes())
    data[begin : begin + size] = b"\xff" * size
    path.write_bytes(data)
    assert [item.key for item in sources.items(str(path))] == ["0", "1", "row group 1", "4", "5"]
    (said,) = errors(path)
    assert f"{path}: its row group 1 is damaged from row 2 on" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("no.zip", None, "no such file"),
        ("notes.txt", b"text", "has the ending '.txt'; expected a folder"),
        ("cut.zip", b"PK\x03\x04", "not a .zip archive that can be read"),
        ("bent.zip", b"PK\x05\x06" + b"\xff" * 18, "not a .zip archive that can be read"),
        ("cut.tar", b"text" * 300, "not a .tar archive that can be read"),
        ("cut.tar.gz", b"\x1f\x8btext", "not a .tar archive that can be read"),
        ("cut.parquet", b"PAR1", "not a .parquet file that can be read"),
        ("labels.parquet", {"label": [1]}, "has the columns label"),
        ("text.parquet", {"image": ["text"]}, "of type string"),
    ],
)
def test_what_cannot_be_used_at_all_is_refused_in_a_sentence(tmp_path, name, data, words):
    if isinstance(data, dict):
        pq.write_table(pa.table(data), tmp_path / name)
    elif data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=words):
        list(sources.items(str(tmp_path / name)))
