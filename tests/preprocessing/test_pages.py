"""Documents of several pages, and what phones write; and those that were made to do harm."""

import io
from concurrent.futures import ThreadPoolExecutor

import documents
import numpy as np
import pytest
from documents import document, named, page
from PIL import Image

from digits.config import SUFFIXES
from digits.preprocessing import pages as pages_
from digits.preprocessing.decode import count_pages, look_at, open_picture, to_grey, to_rgb
from digits.preprocessing.pages import DPI, LARGEST, MOST_PAGES, PAGED

SHADES = (255, 160, 40)


def test_every_ending_of_a_document_is_one_of_a_picture():
    assert PAGED <= SUFFIXES


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_each_page_is_a_picture(tmp_path, kind):
    path = tmp_path / "scan"
    path.write_bytes(document(kind, [page(60 + 10 * place, 80, shade) for place, shade in enumerate(SHADES)]))
    assert count_pages(path) == 3
    for number, shade in enumerate(SHADES, start=1):
        picture = open_picture(path, number)
        larger = DPI / 72 if kind == "PDF" else 1
        assert picture.size == (round(larger * (50 + 10 * number)), round(larger * 80))
        assert np.median(to_grey(picture)) == pytest.approx(shade / 255, abs=0.02)
        assert to_rgb(picture).shape == (picture.height, picture.width, 3)
    with pytest.raises(ValueError, match="scan: It has 3 pages; expected one"):
        open_picture(path)
    for wrong in (0, 4, -1, 10**9):
        with pytest.raises(ValueError, match=f"The page is {wrong}; expected 1 to"):
            open_picture(path, wrong)


@pytest.mark.parametrize("kind", ["PDF", "TIFF", "PNG"])
def test_a_file_of_one_page_is_a_picture(kind):
    data = document(kind, [page()])
    assert count_pages(io.BytesIO(data)) == 1
    assert open_picture(io.BytesIO(data)).size == open_picture(io.BytesIO(data), 1).size


def test_pages_are_opened_in_many_threads():
    data = document("PDF", [page(shade=shade) for shade in SHADES] * 4)
    with ThreadPoolExecutor(6) as pool:
        found = pool.map(lambda number: to_grey(open_picture(io.BytesIO(data), number)), range(1, 13))
    medians = [float(np.median(grey)) for grey in found]
    assert medians == pytest.approx([shade / 255 for shade in SHADES] * 4, abs=0.02)


def test_a_smaller_copy_of_a_tiff_page_is_none():
    out = io.BytesIO()
    small = page(20, 20)
    small.encoderinfo = {"tiffinfo": {pages_.KIND: 1}}
    page().save(out, "TIFF", save_all=True, append_images=[small])
    assert Image.open(out).n_frames == 2
    assert count_pages(out) == 1


def test_what_moves_is_one_picture():
    out = io.BytesIO()
    page().save(out, "GIF", save_all=True, append_images=[page(shade=0)])
    assert count_pages(out) == 1
    assert np.median(to_grey(open_picture(out))) == 1


def test_what_phones_write_is_read():
    grey = to_grey(open_picture(named(documents.HEIC, "IMG_1.HEIC")))
    assert grey.shape == (64, 48)
    assert grey[:10].min() > 0.9
    assert grey[10:14, 14:34].max() < 0.2  # the beam of the seven


def test_a_large_page_is_drawn_smaller():
    picture = look_at(io.BytesIO(documents.blank_pdf(200 * 72, 20 * 72)))
    assert picture.size == (LARGEST, LARGEST // 10)
    assert to_grey(picture).min() == 1


def many(number):
    return documents.blank_pdf(pages=number)


BAD = {
    "encrypted": (documents.encrypted_pdf, "encrypted; expected one that opens without a password"),
    "none": (lambda: documents.blank_pdf(pages=0), "pages|cannot be read"),
    "no PDF": (lambda: b"%PDF-1.7 nothing of the kind", "cannot be read as a picture"),
    "cut": (lambda: document("PDF", [page()])[:200], "cannot be read as a picture"),
    "tiny": (lambda: documents.blank_pdf(1, 1), "pixels; expected 8 to 8000"),
    "bomb": (documents.bomb_pdf, "60000 x 60000 pixels on a page; expected up to 8,000"),
    "cut HEIC": (lambda: documents.HEIC[:-40], "end of file"),
    "barely a HEIC": (lambda: documents.HEIC[:100], "cannot be read as a picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_are_refused_in_a_sentence(name):
    make, words = BAD[name]
    with pytest.raises(ValueError, match=words) as refused:
        open_picture(named(make(), "scan.pdf"))
    assert str(refused.value).startswith("scan.pdf")
    assert str(refused.value).endswith(".")


def test_too_many_pages_are_refused_before_any_is_drawn():
    assert count_pages(io.BytesIO(many(MOST_PAGES))) == MOST_PAGES
    with pytest.raises(ValueError, match="more than 1,000; expected 1 to 1,000"):
        count_pages(io.BytesIO(many(10_000)))


def test_a_bomb_behind_a_good_page_costs_only_itself():
    data = documents.bomb_tiff()
    assert count_pages(io.BytesIO(data)) == 2
    assert open_picture(io.BytesIO(data), 1).size == (60, 80)
    with pytest.raises(ValueError, match="60000 x 60000 pixels; expected 8 to 8000"):
        look_at(io.BytesIO(data), 2)


@pytest.mark.parametrize("make", [documents.unfolding_pdf, documents.endless_pdf])
def test_a_page_that_takes_too_much_is_given_up(monkeypatch, make):
    monkeypatch.setattr(pages_, "SECONDS", 1)
    data = make()
    assert len(data) < 10_000
    assert count_pages(named(data, "scan.pdf")) == 1
    with pytest.raises(ValueError, match="^scan.pdf: .*1 second.* or a gigabyte"):
        open_picture(named(data, "scan.pdf"))


@pytest.mark.parametrize(
    ("module", "data"), [("pypdfium2", document("PDF", [page()])), ("pi_heif", documents.HEIC)]
)
def test_without_the_package_a_sentence_says_how_to_get_it(monkeypatch, module, data):
    monkeypatch.setattr("digits.config.find_spec", lambda name: None if name == module else object())
    with pytest.raises(ValueError, match=f"needs {module}, .*pip install"):
        open_picture(io.BytesIO(data))
