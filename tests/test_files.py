"""Files are written whole or not at all."""

import pytest

from digits.files import atomic_path, read_json, sha256, write_json


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")

    def write_and_fail():
        with atomic_path(file) as temporary:
            temporary.write_text("half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_json_goes_there_and_back(tmp_path):
    write_json(tmp_path / "new" / "a.json", {"path": tmp_path, "é": [1.5, None]})
    assert read_json(tmp_path / "new" / "a.json") == {"path": str(tmp_path), "é": [1.5, None]}


def test_bad_json_is_refused_by_name(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ValueError, match=r"a\.json"):
        read_json(tmp_path / "a.json")


def test_sha256_of_a_known_text(tmp_path):
    (tmp_path / "abc").write_text("abc")
    assert sha256(tmp_path / "abc").startswith("ba7816bf8f01cfea414140de5dae2223")
