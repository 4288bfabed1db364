"""The clock and the piles of the benchmark of reading in bulk."""

import pytest

from digits.deploy.batch import sources
from evaluation.benchmarks import batch
from evaluation.benchmarks.batch import missed, rate


def test_what_ends_together_is_not_counted_as_done_in_no_time():
    one = [(5.0, 100), (15.0, 100), (25.0, 100)]
    assert rate(one, 1) == 10
    two = [(5.0, 100), (5.1, 100), (15.0, 100), (15.1, 100), (25.0, 100), (25.1, 100)]
    assert rate(two, 2) == pytest.approx(20)


@pytest.mark.parametrize("kind", batch.KINDS)
def test_every_kind_of_pile_holds_the_same_pictures(surroundings, kind):
    members = list(batch.pictures(6))
    path = batch.make(surroundings / "piles", kind, members)
    assert [item.key for item in sources.items(str(path))] == [name for name, _ in members]


def test_figures_beyond_what_is_asked_are_named():
    good = {"peak_mb": 900, "rows": [{"largest_difference": 0.0}], "front_door": {"largest_difference": 1e-5}}
    assert missed(good) == []
    bad = good | {"peak_mb": 2000, "front_door": {"largest_difference": float("nan")}}
    assert missed(bad) == ["peak_mb is 2000; asked is 1024.", "largest_difference is nan; asked is 0.0001."]
