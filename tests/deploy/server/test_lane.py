"""Batching: what goes together, what does not, and what a bad job does to its neighbours."""

from threading import Event

import pytest

from digits.deploy.server.service import Lane


class Work:
    """Doubles numbers, and remembers how many came together; waits before each batch until `go` is set."""

    def __init__(self):
        self.batches, self.go, self.begun = [], Event(), Event()

    def __call__(self, numbers):
        self.begun.set()
        assert self.go.wait(60)
        self.batches.append(numbers)
        if "bad" in numbers:
            raise ValueError("A bad one.")
        return [2 * number for number in numbers]


@pytest.fixture
def work():
    return Work()


def busy(lane, work):
    """Keep the only thread at work on a first job; return that."""
    first = lane.submit(1)
    assert work.begun.wait(60)
    return first


def done(lane, work):
    work.go.set()
    lane.close()


def test_one_alone_starts_at_once_and_the_rest_goes_together_but_for_who_has_left(work):
    lane = Lane(work, together=10)
    futures = [busy(lane, work), *map(lane.submit, (2, 3, 4))]
    assert lane.submit(5).cancel()
    done(lane, work)
    assert [future.result() for future in futures] == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


def test_batches_end_at_their_number_and_at_their_weight(work):
    lane = Lane(work, together=2, heaviest=10)
    busy(lane, work)
    for job, weight in ((2, 1), (3, 1), (4, 6), (5, 6), (6, 50), (7, 1)):
        lane.submit(job, weight)
    done(lane, work)
    assert work.batches == [[1], [2, 3], [4], [5], [6], [7]]


def test_a_bad_job_fails_alone(work):
    lane = Lane(work, together=10)
    futures = [busy(lane, work), *map(lane.submit, (2, "bad", 4))]
    done(lane, work)
    assert [futures[i].result() for i in (0, 1, 3)] == [2, 4, 8]
    with pytest.raises(ValueError, match=r"A bad one\."):
        futures[2].result()


def test_a_closed_lane_has_done_all_and_takes_nothing(work):
    work.go.set()
    lane = Lane(work, workers=3)
    futures = [lane.submit(number) for number in range(20)]
    lane.close()
    assert [future.result(0) for future in futures] == [2 * number for number in range(20)]
    with pytest.raises(RuntimeError, match="closed"):
        lane.submit(1)
