"""Paper and cameras leave pictures in range, follow from their seed, and do what they are there for."""

import numpy as np
import pytest

from digits.data import paper

SHAPES = ((64, 256), (20, 12), (160, 160))


@pytest.mark.parametrize("shape", SHAPES)
def test_paper_and_photographs_are_finite_in_range_and_follow_from_the_seed(shape):
    plain = dark = 0
    for seed in range(150):
        sheet = paper.sheet(shape, np.random.default_rng(seed), 20)
        assert sheet.shape == shape
        assert sheet.dtype == np.float32
        assert -0.5 < sheet.min() <= sheet.max() < 1.5
        assert np.array_equal(paper.sheet(shape, np.random.default_rng(seed), 20), sheet)
        plain += bool(np.ptp(sheet) == 0)
        grey = paper.photograph(sheet, np.random.default_rng(seed))
        assert grey.shape == shape
        assert grey.dtype == np.float32
        assert 0 <= grey.min() <= grey.max() <= 1
        dark += bool(grey.mean() < 0.45)
    assert 20 < plain < 70, "some paper is blank"
    assert 20 < dark < 90, "some is the negative"


def test_a_table_has_its_lines_where_it_says():
    for seed in range(20):
        sheet = np.ones((80, 120), np.float32)
        paper.table(sheet, np.random.default_rng(seed), np.array([30.0, 90.0]), np.array([40.0]))
        dark = sheet < 0.97
        for at in (30, 90):
            assert dark[:, at - 6 : at + 7].any(axis=1).mean() > 0.25, "dotted at least"
        assert dark[34:47].any(axis=0).mean() > 0.25
        assert not dark[:30, 45:75].any()
        assert not dark[50:, 45:75].any()
        assert sheet.min() > 0, "a line is grey"


def test_few_points_are_brought_back_to_their_size_and_writing_stays_where_it_is():
    grey = np.ones((40, 40), np.float32)
    grey[10:30, 18:22] = 0
    kept = []
    for seed in range(60):
        seen = paper.photograph(grey, np.random.default_rng(seed))
        seen = 1 - seen if seen[0].mean() < 0.5 else seen
        kept.append(seen[15:25, 18:22].mean() < seen[15:25, :10].mean() - 0.3)
    assert all(kept)


def test_a_small_scan_shows_the_ink_where_it_was_in_grey_or_black_and_white_either_way():
    ink = np.zeros((64, 40), np.float32)
    ink[4:60, 16:24] = 1
    negatives = two_levels = 0
    for seed in range(60):
        grey = paper.scan(ink, np.random.default_rng(seed))
        assert grey.shape == ink.shape
        assert 0 <= grey.min() <= grey.max() <= 1
        bar, blank = grey[20:40, 18:22].mean(), grey[20:40, :8].mean()
        assert abs(bar - blank) > 0.4
        negatives += bar > blank
        two_levels += np.std(grey[20:40, :8]) < 1e-6
    assert 15 < negatives < 45
    assert 15 < two_levels < 45, "without noise"
