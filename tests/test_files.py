"""Files are written whole or not at all."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from digits.files import atomic_path, atomic_paths, instance, read_json, sha256, stamp, sweep, write_json


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


def test_of_two_files_none_is_new_before_both_are_whole(tmp_path):
    files = tmp_path / "a.txt", tmp_path / "b.txt"
    for file in files:
        file.write_text("old")

    def find_no_room():
        with atomic_paths(*files) as temporaries:
            temporaries[0].write_text("new")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match=r"No space .*a\.txt"):
        find_no_room()
    with pytest.raises(FileNotFoundError), atomic_paths(*files) as temporaries:
        temporaries[0].write_text("new")  # and nothing of the other
    assert [file.read_text() for file in files] == ["old", "old"]
    assert sorted(tmp_path.iterdir()) == [*files]
    with atomic_paths(*files) as temporaries:
        for temporary in temporaries:
            temporary.write_text("new")
    assert [file.read_text() for file in files] == ["new", "new"]


def test_what_killed_processes_left_is_swept_once_it_is_old(tmp_path):
    left, fresh, other = (tmp_path / name for name in (".tmp-7-a.keras", ".tmp-8-a.keras", ".tmp-9-b.keras"))
    kept = tmp_path / "a.keras", tmp_path / ".tmp-placing"
    for path in (left, fresh, other, *kept):
        path.touch()
    long_ago = left.stat().st_mtime - 7200
    for path in (left, other, *kept):
        os.utime(path, (long_ago, long_ago))
    sweep(tmp_path, ".tmp-[0-9]*-a.keras", older=3600)
    assert set(tmp_path.iterdir()) == {fresh, other, *kept}
    sweep(tmp_path)
    assert set(tmp_path.iterdir()) == set(kept)


def test_a_file_of_the_same_size_and_time_is_another_instance(tmp_path):
    file, other = tmp_path / "a", tmp_path / "b"
    file.write_text("one")
    other.write_text("two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    before = stamp(file), instance(file)
    other.replace(file)
    assert stamp(file) == before[0]
    assert instance(file) != before[1]
    file.unlink()
    assert (stamp(file), instance(file)) == (None, None)


def test_json_goes_there_and_back(tmp_path):
    write_json(tmp_path / "new" / "a.json", {"path": tmp_path, "é": [1.5, None]})
    assert read_json(tmp_path / "new" / "a.json") == {"path": str(tmp_path), "é": [1.5, None]}
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match=r"bad\.json"):
        read_json(tmp_path / "bad.json")


def test_sha256_of_a_known_text(tmp_path):
    (tmp_path / "abc").write_text("abc")
    assert sha256(tmp_path / "abc").startswith("ba7816bf8f01cfea414140de5dae2223")


WRITES, READS = 40, 60


def test_many_who_write_one_file_at_once_never_fail_nor_show_half_of_it(tmp_path):
    file = tmp_path / "a.json"
    value = {"n": 0, "rows": ["x" * 50] * 400}
    write_json(file, value)
    code = (
        "import sys; from pathlib import Path; from digits.files import write_json\n"
        f"for n in range({WRITES}): write_json(Path(sys.argv[1]), {{'n': n, 'rows': ['y' * 50] * 400}})"
    )
    others = [subprocess.Popen([sys.executable, "-c", code, str(file)]) for _ in range(2)]

    def write(n: int) -> None:
        write_json(file, value | {"n": n})

    def look(_: int) -> int:
        return len(read_json(file)["rows"])

    with ThreadPoolExecutor(8) as pool:
        wrote, seen = pool.map(write, range(4 * WRITES)), pool.map(look, range(READS))
        assert set(seen) == {400}
        assert len(list(wrote)) == 4 * WRITES
        assert [other.wait(60) for other in others] == [0, 0]
    assert set(tmp_path.iterdir()) == {file}
