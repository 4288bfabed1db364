"""Digit folders: good pictures are taken, bad files are reported."""

import pytest
from PIL import Image

from digits.data.handwriting import load_folder


@pytest.fixture
def own(tmp_path):
    for digit, name, size in ((0, "a.png", (30, 40)), (0, "b.JPG", (300, 200)), (7, "c.jpeg", (28, 28))):
        (tmp_path / str(digit)).mkdir(exist_ok=True)
        Image.new("L", size, 255).save(tmp_path / str(digit) / name)
    (tmp_path / "7" / "notes.txt").write_text("mine")
    (tmp_path / "7" / "broken.png").write_bytes(b"\x89PNG nothing")
    (tmp_path / "letters").mkdir()
    return tmp_path


def test_pictures_of_any_size_are_found_with_their_labels(own):
    folder = load_folder(own)
    assert [path.name for path in folder.paths] == ["a.png", "b.JPG", "c.jpeg"]
    assert folder.labels.tolist() == [0, 0, 7]
    assert [picture.size for picture in folder.pictures()] == [(30, 40), (300, 200), (28, 28)]
    assert folder.balance().startswith("0: 2, 1: 0")


def test_bad_files_are_skipped_with_their_reason(own):
    reasons = {path.name: reason for path, reason in load_folder(own).skipped}
    assert set(reasons) == {"notes.txt", "broken.png"}
    assert "ending" in reasons["notes.txt"]
    assert "not a picture" in reasons["broken.png"]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no usable picture"):
        load_folder(tmp_path)
    with pytest.raises(ValueError, match="is not a folder"):
        load_folder(tmp_path / "missing")
