"""Many pictures: where they are found, what archives may not do, and that a bad one never stops the rest."""

import io
import struct
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits import Reading
from digits.deploy.batch import archives, read

WIDTHS = {"a.png": 10, "sub/b.JPG": 20, "sub/deep/c.gif": 30}


class WidthReader:
    """A recognizer whose answer is the tens of a picture's width."""

    def read_digit(self, picture):
        if picture.width == 90:
            raise RuntimeError("out of luck")
        return Reading(picture.width // 10, np.eye(10, dtype=np.float32)[0], "digit", None, {"all": picture})


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    for name, width in WIDTHS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (width, 10), 255).save(root / name)
    (root / "notes.txt").write_text("mine")
    (root / ".hidden.png").write_text("nothing")
    return root


def picture(width: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, 10), 255).save(file, "PNG")
    return file.getvalue()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def rows(*sources, jobs=1):
    return list(read.read_all(WidthReader, read.pictures(sources), jobs=jobs))


def test_a_folder_gives_its_pictures_in_order_with_all_inner_ones(folder):
    found = rows(folder)
    assert [row.file for row in found] == [str(folder / name) for name in WIDTHS]
    assert [row.text for row in found] == ["1", "2", "3"]


def test_patterns_are_expanded_where_the_shell_has_not(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert [row.file for row in rows("*.png")] == ["a.png"]
    assert [row.text for row in rows(str(folder / "sub" / "?.JPG"))] == ["2"]
    Image.new("L", (40, 10)).save(folder / "[1].png")
    assert [row.text for row in rows("[1].png")] == ["4"]


def test_what_cannot_be_used_is_a_row_with_its_reason(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.png").write_text("seven")
    found = rows(
        tmp_path / "no.png", tmp_path / "empty", tmp_path / "*.tif", tmp_path / "text.png", folder / "a.png"
    )
    reasons = ["no such file", "folder without pictures", "no file matches", "not a picture"]
    for row, reason in zip(found, reasons, strict=False):
        assert (row.status, row.doubt) == ("error", 1.0)
        assert reason in row.error
        assert row.file in row.error
    assert found[-1].text == "1"


def test_an_archive_is_read_in_memory_and_its_names_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members = {
        "../../evil.png": picture(10),
        "/root.png": picture(20),
        "x/ok.png": picture(30),
        "__MACOSX/x/._ok.png": b"resource fork",
        "read\x1b[31mme.txt": b"text",
        "bad.png": b"no picture",
        "red\x1b[31m.png": picture(40),
    }
    found = rows(archive(tmp_path / "many.zip", members))
    assert [row.text for row in found] == ["1", "2", "3", "", "4"]
    assert "bad.png is not a picture" in found[3].error
    assert all(row.file.isprintable() for row in found)
    assert [path.name for path in tmp_path.rglob("*")] == ["many.zip"]


def test_open_files_are_read_like_paths(tmp_path):
    single, many = io.BytesIO(picture(50)), io.BytesIO()
    archive(many, {"a.png": picture(60)})
    single.name, many.name = "five.png", "many.ZIP"
    assert [(row.file, row.text) for row in rows(single, many)] == [
        ("five.png", "5"),
        ("many.ZIP/a.png", "6"),
    ]


def test_archives_in_archives_and_damaged_ones_are_errors(tmp_path):
    inner = archive(tmp_path / "inner.zip", {"a.png": picture(10)})
    outer = archive(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes(), "b.png": picture(20)})
    (tmp_path / "cut.zip").write_bytes(outer.read_bytes()[:60])
    nothing = archive(tmp_path / "nothing.zip", {"a.txt": b""})
    nested, good, cut, empty = rows(outer, tmp_path / "cut.zip", nothing)
    assert "archive inside an archive" in nested.error
    assert good.text == "2"
    assert "not a .zip archive that can be read" in cut.error
    assert "with 0 pictures" in empty.error


def test_archives_cannot_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST", 10_000)
    monkeypatch.setattr(read, "MOST_MEMBERS", 3)
    bomb = archive(tmp_path / "bomb.zip", {"huge.png": bytes(20_000), "good.png": picture(10)})
    huge, good = rows(bomb)
    assert "expected at most" in huge.error
    assert good.text == "1"
    crowd = archive(tmp_path / "crowd.zip", {f"{i}.png": picture(10) for i in range(4)})
    (row,) = rows(crowd)
    assert "4 pictures; expected 1 to 3" in row.error


def test_an_archive_that_lies_about_a_size_is_an_error(tmp_path):
    liar = archive(tmp_path / "liar.zip", {"huge.png": bytes(5_000_000)})
    size = struct.pack("<I", 5_000_000)
    assert liar.read_bytes().count(size) == 2
    liar.write_bytes(liar.read_bytes().replace(size, struct.pack("<I", 100)))
    (row,) = rows(liar)
    assert "cannot be unpacked" in row.error


def test_an_encrypted_member_is_an_error(tmp_path):
    locked = archive(tmp_path / "locked.zip", {"a.png": picture(10)})
    data = bytearray(locked.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    locked.write_bytes(data)
    (row,) = rows(locked)
    assert "password" in row.error


@pytest.mark.parametrize("jobs", [1, 4])
def test_order_is_kept_and_only_a_few_pictures_are_open_at_a_time(jobs):
    lock, counts = threading.Lock(), {"open": 0, "most": 0}

    def opener(width):
        def open_it():
            with lock:
                counts["open"] += 1
                counts["most"] = max(counts["most"], counts["open"])
            return Image.new("L", (width, 10))

        return open_it

    found = ((f"{i}", opener(10 * (i % 8))) for i in range(1, 60))
    for i, row in enumerate(read.read_all(WidthReader, found, jobs=jobs), start=1):
        assert (row.file, row.text) == (str(i), str(i % 8))
        counts["open"] -= 1
    assert 1 <= counts["most"] <= 2 * jobs + 1


def test_one_picture_that_breaks_the_reader_does_not_cost_the_others():
    found = [(str(width), lambda width=width: Image.new("L", (width, 10))) for width in (80, 90, 70)]
    good, bad, last = read.read_all(WidthReader, found)
    assert (good.text, last.text) == ("8", "7")
    assert bad.error == "90: out of luck"


def test_the_model_is_loaded_once_and_only_for_a_picture_that_opens(folder, tmp_path):
    asked = []

    def reader():
        asked.append(1)
        return WidthReader()

    list(read.read_all(reader, read.pictures([tmp_path / "no.png"])))
    assert not asked
    with pytest.raises(ValueError, match="no such model"):
        list(read.read_all(_no_model, read.pictures([folder])))
    with pytest.raises(ValueError, match="0 jobs"):
        list(read.read_all(reader, [], jobs=0))


def test_rows_do_not_keep_the_pictures_of_the_steps(folder):
    assert rows(folder / "a.png")[0].reading.steps == {}


def _no_model():
    raise ValueError("There is no such model.")
