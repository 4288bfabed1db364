"""Many pictures: where they are found, what archives may not do, and that a bad one never stops the rest."""

import io
import threading

import documents
import numpy as np
import piles
import pytest
from PIL import Image

from digits import Reading
from digits.deploy.batch import read
from digits.preprocessing.pages import DPI
from digits.reading import TableReading

WIDTHS = {"a.png": 10, "sub/b.JPG": 20, "sub/deep/c.gif": 30}


class WidthReader:
    """A recognizer whose answer is the tens of a picture's width."""

    def read_digit(self, picture):
        if picture.width == 90:
            raise RuntimeError("out of luck")
        return Reading(picture.width // 10, np.eye(10, dtype=np.float32)[0], "digit", None)


@pytest.fixture
def folder(tmp_path):
    members = {name: piles.png(width) for name, width in WIDTHS.items()}
    return piles.make(tmp_path, "folder", members | {"notes.txt": b"mine", ".hidden.png": b"nothing"})


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
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04")
    reasons = {
        "no.png": "no such file",
        "empty": "folder without pictures",
        "*.tif": "no file matches",
        "text.png": "not a picture",
        "cut.zip": "not a .zip archive that can be read",
        "wide.png": "wide.png: out of luck",
    }
    Image.new("L", (90, 10)).save(tmp_path / "wide.png")
    *bad, good = rows(*(tmp_path / name for name in reasons), folder / "a.png")
    for row, reason in zip(bad, reasons.values(), strict=True):
        assert (row.status, row.doubt) == ("error", 1.0)
        assert reason in row.error
        assert row.file in row.error
    assert good.text == "1"


def test_an_archive_is_read_in_memory_and_its_names_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members = {
        "../../evil.png": piles.png(10),
        "/root.png": piles.png(20),
        "__MACOSX/x/._ok.png": b"resource fork",
        "bad.png": b"no picture",
        "inner.zip": b"PK\x03\x04",
        "read\x1b[31mme.txt": b"text",
        "red\x1b[31m.png": piles.png(40),
    }
    found = rows(piles.make(tmp_path, "many.zip", members))
    assert [row.text for row in found] == ["1", "2", "", "", "4"]
    assert "bad.png is not a picture" in found[2].error
    assert "archive inside an archive" in found[3].error
    assert all(row.file.isprintable() for row in found)
    assert [path.name for path in tmp_path.rglob("*")] == ["many.zip"]


def test_open_files_are_read_like_paths(tmp_path):
    single = io.BytesIO(piles.png(50))
    single.name = "five.png"
    with piles.make(tmp_path, "many.zip", {"a.png": piles.png(60)}).open("rb") as many:
        found = rows(single, many)
    assert [(row.file, row.text) for row in found] == [("five.png", "5"), (f"{many.name}/a.png", "6")]


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_each_page_of_a_document_is_a_row_wherever_it_comes_from(tmp_path, kind):
    def of(*widths):
        return documents.document(kind, [documents.page(round(width * zoom)) for width in widths])

    zoom, end = (72 / DPI, "pdf") if kind == "PDF" else (1, "tif")
    members = {f"scan.{end}": of(25, 35, 45), f"single.{end}": of(65), "z.png": piles.png(50)}
    expected = [*((f"scan.{end}, page {page}", str(page + 1)) for page in (1, 2, 3)), (f"single.{end}", "6")]
    expected.append(("z.png", "5"))
    folder, archive = (piles.make(tmp_path, name, members) for name in ("folder", "pile.zip"))
    files = [documents.named(data, name) for name, data in members.items()]
    for sources, before in (([folder], f"{folder}/"), ([archive], f"{archive}/"), (files, "")):
        found = rows(*sources, jobs=3)
        assert [(row.file, row.text) for row in found] == [(before + name, text) for name, text in expected]
        assert sum(1 for _ in read.pictures(sources)) == 5


def test_a_bad_page_costs_itself_and_a_bad_document_one_row(tmp_path):
    (tmp_path / "bomb.tif").write_bytes(documents.bomb_tiff())
    (tmp_path / "lock.pdf").write_bytes(documents.encrypted_pdf())
    (tmp_path / "many.pdf").write_bytes(documents.blank_pdf(pages=1001))
    good, bomb, lock, many = rows(tmp_path)
    assert (good.text, good.file) == ("6", str(tmp_path / "bomb.tif, page 1"))
    assert bomb.error.startswith(f"{tmp_path / 'bomb.tif, page 2'}: A picture of 60000 x 60000 pixels")
    assert "encrypted" in lock.error
    assert "more than 1,000" in many.error


def test_archives_cannot_hold_any_number(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MOST_MEMBERS", 3)
    for count in (0, 4):
        crowd = piles.make(tmp_path, "crowd.zip", {f"{i}.png": piles.png(10) for i in range(count)})
        (row,) = rows(crowd)
        assert f"{count} pictures; expected 1 to 3" in row.error


def test_order_is_kept_and_only_a_few_pictures_are_open_at_a_time():
    lock, counts = threading.Lock(), {"open": 0, "most": 0}

    def opener(width):
        def open_it():
            with lock:
                counts["open"] += 1
                counts["most"] = max(counts["most"], counts["open"])
            return Image.new("L", (width, 10))

        return open_it

    found = ((f"{i}", opener(10 * (i % 8))) for i in range(1, 60))
    for i, row in enumerate(read.read_all(WidthReader, found, jobs=4), start=1):
        assert (row.file, row.text) == (str(i), str(i % 8))
        counts["open"] -= 1
    assert 1 <= counts["most"] <= 9


def test_the_model_is_loaded_only_for_a_picture_that_opens(folder, tmp_path):
    def no_model():
        raise ValueError("There is no such model.")

    list(read.read_all(no_model, read.pictures([tmp_path / "no.png"])))
    with pytest.raises(ValueError, match="no such model"):
        list(read.read_all(no_model, read.pictures([folder])))
    with pytest.raises(ValueError, match="0 jobs"):
        list(read.read_all(WidthReader, [], jobs=0))


def test_tables_are_read_in_the_same_way(folder):
    class TableReader:
        def read_table(self, picture, marks, fields, sums):
            if picture.width == 20:
                raise RuntimeError("out of luck")
            return TableReading((picture.width, int(marks)), [])

    found = list(read.read_tables(TableReader, read.pictures([folder]), True, jobs=2))
    assert [sheet.file for sheet in found] == [str(folder / name) for name in WIDTHS]
    assert [sheet.table and sheet.table.shape for sheet in found] == [(10, 1), None, (30, 1)]
    assert found[1].error.endswith("b.JPG: out of luck")
