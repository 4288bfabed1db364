"""What a reload leaves alone: who gets it back, and how much of it there may be."""

import pytest

from app.shared import work
from app.shared.work import File, Limits, Shelf, Work

LIMITS = Limits(each=10, all=20, visitors=3, age=100.0)


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose number is the time."""
    now = [1000.0]
    monkeypatch.setattr(work.time, "monotonic", lambda: now[0])
    return now


def of(owner: str, size: int = 1) -> Work:
    return Work(owner, pages={"read": {"Upload": [File("1", "a.png", b"x" * size)], "edits": {}}})


def test_work_is_found_by_its_token_in_the_same_browser_alone(clock):
    shelf, mine, other = Shelf(), of("me"), of("somebody")
    assert shelf.keep(mine, LIMITS)
    assert shelf.keep(other, LIMITS)
    assert mine.token != other.token
    assert shelf.find(mine.token, "me", LIMITS) is mine
    for token, owner in ((mine.token, "somebody"), (mine.token, ""), (mine.token[:-1], "me"), ("", "me")):
        assert shelf.find(token, owner, LIMITS) is None


def test_what_is_too_old_goes_and_so_does_the_oldest_where_it_is_too_much(clock):
    shelf, works = Shelf(), [of("me", size) for size in (8, 8, 3)]
    for one in works[:2]:
        shelf.keep(one, LIMITS)
        clock[0] += 10
    shelf.keep(works[0], LIMITS)  # touched once more
    assert not shelf.keep(of("me", 11), LIMITS)  # too large alone
    works += [of("me", 5)]
    shelf.keep(works[3], LIMITS)  # 21 bytes together
    assert [shelf.find(one.token, "me", LIMITS) is one for one in works] == [True, False, False, True]
    for _ in range(2):
        shelf.keep(of("me"), LIMITS)  # four visitors
    assert shelf.find(works[0].token, "me", LIMITS) is None
    clock[0] += 99
    assert shelf.find(works[3].token, "me", LIMITS) is works[3]
    clock[0] += 2
    assert shelf.find(works[3].token, "me", LIMITS) is None


def test_what_grew_too_large_is_not_kept_any_longer(clock):
    shelf, mine = Shelf(), of("me")
    shelf.keep(mine, LIMITS)
    mine.pages["read"]["Upload"].append(File("2", "b.png", b"x" * 10))
    assert not shelf.keep(mine, LIMITS)
    assert shelf.find(mine.token, "me", LIMITS) is None


def test_a_browser_is_known_behind_every_mask_of_its_cookie():
    first = work._browser("2|c909196d|0be41d2591da2a9447d29e55a3f0ac56|1795399965")
    assert first == work._browser("2|21792e3d|e3942a7579aa1dc4afa2a9054b809b06|1795399965") != ""
    assert work._browser("2|00000000|0be41d25|1") != first
    for none in ("", "2", "2|zz|zz|1", "2||aa|1", "|||"):
        assert work._browser(none) == ""


def test_a_file_opens_by_its_name():
    file = File("1", "a.png", b"data").open()
    assert (file.name, file.read()) == ("a.png", b"data")
