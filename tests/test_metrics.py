"""Figures of merit, against numbers worked out by hand, by scikit-learn and by what chance does."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, roc_auc_score

from digits import metrics


@pytest.fixture
def answers():
    rng = np.random.default_rng(1)
    return rng.integers(0, 10, 500), rng.integers(0, 10, 500)


def one_hot(predictions, confidence):
    confidence = np.broadcast_to(confidence, len(predictions))
    table = np.repeat((1 - confidence)[:, None] / 9, 10, axis=1)
    table[np.arange(len(predictions)), predictions] = confidence
    return table


def test_confusion_and_f1_agree_with_scikit_learn(answers):
    predictions, labels = answers
    confusion = metrics.confusion_matrix(predictions, labels)
    assert np.array_equal(confusion, confusion_matrix(labels, predictions, labels=range(10)))
    assert metrics.f1_scores(confusion) == pytest.approx(f1_score(labels, predictions, average=None))
    assert metrics.weighted_f1(confusion) == pytest.approx(f1_score(labels, predictions, average="weighted"))


def test_an_absent_class_scores_zero_and_not_nan():
    confusion = metrics.confusion_matrix(np.array([1, 1]), np.array([1, 1]))
    assert metrics.f1_scores(confusion).tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_wilson_interval_of_a_known_case():
    # 9 of 10: centre (0.9 + 0.19208) / 1.38416, half-width 0.27565 (Wilson, 1927).
    low, high = metrics.wilson_interval(9, 10)
    assert (low, high) == pytest.approx((0.5958, 0.9821), abs=5e-4)
    assert metrics.wilson_interval(10, 10)[1] == 1.0
    assert metrics.wilson_interval(0, 0) == (0.0, 1.0)


def test_calibration_error_is_the_gap_between_words_and_deeds():
    labels = np.array([0] * 8 + [1] * 2)
    assert metrics.expected_calibration_error(one_hot([0] * 10, 0.8), labels) == pytest.approx(0, abs=1e-9)
    assert metrics.expected_calibration_error(one_hot([0] * 10, 0.95), labels) == pytest.approx(0.15)


def test_most_confused_names_the_commonest_mistakes_first():
    labels, predictions = np.array([4, 4, 4, 7, 7, 1]), np.array([9, 9, 4, 1, 7, 1])
    pairs = metrics.most_confused(metrics.confusion_matrix(predictions, labels))
    assert pairs == [{"label": 4, "read_as": 9, "count": 2}, {"label": 7, "read_as": 1, "count": 1}]


def test_a_share_comes_with_its_number_and_interval():
    assert metrics.share_right(9_955, 10_000) == {
        "n": 10_000,
        "accuracy": 0.9955,
        "interval_95": [0.99398, 0.99664],
    }


def test_risk_grows_with_coverage_as_counted_by_hand():
    coverage, risk = metrics.risk_coverage(
        np.array([0.9, 0.5, 0.8, 0.7]), np.array([True, False, False, True])
    )
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])


def test_risk_spreads_the_errors_among_equally_sure_answers():
    right = np.array([False, True, True, True])
    for order in (slice(None), slice(None, None, -1)):
        assert metrics.risk_coverage(np.ones(4), right[order])[1] == pytest.approx([0.25] * 4)


def test_the_bins_of_the_reliability_diagram_add_up(answers):
    predictions, labels = answers
    table = one_hot(predictions, np.linspace(0.2, 1.0, len(labels)))
    bins = metrics.reliability(table, labels)
    assert sum(row["n"] for row in bins) == len(labels)
    hits = sum(row["accuracy"] * row["n"] for row in bins)
    assert hits == pytest.approx((predictions == labels).sum(), abs=0.1)


def test_auroc_agrees_with_scikit_learn():
    rng = np.random.default_rng(2)
    inside, outside = rng.integers(2, 12, 60), rng.integers(0, 9, 40)
    truth = np.r_[np.ones(60), np.zeros(40)]
    assert metrics.auroc(inside, outside) == pytest.approx(roc_auc_score(truth, np.r_[inside, outside]))
    assert metrics.auroc(np.array([2.0]), np.array([1.0])) == 1.0


def test_the_bins_come_with_their_intervals():
    (row,) = metrics.reliability(one_hot([0] * 10, 0.9), np.array([0] * 9 + [1]), bins=15)
    assert row["interval_95"] == pytest.approx([0.5958, 0.9821], abs=5e-4)
    assert (row["confidence"], row["accuracy"], row["n"]) == (0.9, 0.9, 10)


def test_brier_score_by_hand():
    # Right: 0.1 off and nine times 0.1/9 off; wrong: 0.9, 1 - 0.1/9 and eight times 0.1/9 off.
    right, wrong = 0.1**2 + 9 * (0.1 / 9) ** 2, 0.9**2 + (1 - 0.1 / 9) ** 2 + 8 * (0.1 / 9) ** 2
    score = metrics.brier_score(one_hot([3, 3], 0.9), np.array([3, 5]))
    assert score == pytest.approx((right + wrong) / 2)
    assert metrics.brier_score(np.eye(10), np.roll(np.arange(10), 1)) == 2.0


def test_risk_is_named_where_the_surest_are_answered():
    risk = np.array([0, 0, 0, 1 / 4, 2 / 5])
    assert metrics.risk_at(0.8, risk) == {
        "coverage": 0.8,
        "n": 4,
        "risk": 0.25,
        "interval_95": [0.04559, 0.69936],
    }
    assert [metrics.risk_at(share, risk)["n"] for share in (1.0, 0.61, 0.6, 0.01)] == [5, 4, 3, 1]


def test_a_thinned_curve_keeps_both_ends():
    coverage, risk = metrics.risk_coverage(np.arange(1000), np.arange(1000) >= 100)
    points = metrics.thinned(coverage, risk)
    assert len(points) == 50
    assert points[0] == [0.001, 0.0]
    assert points[-1] == [1.0, 0.1]


def test_strangers_pass_where_95_of_100_digits_do():
    inside = np.arange(100)
    assert metrics.false_positive_rate(inside, np.array([4.9, 5.0, 50.0, 1.0])) == 0.5
    assert metrics.false_positive_rate(inside, np.array([4.9, 5.0, 50.0, 1.0]), kept=1.0) == 1.0


def test_the_surest_mistakes_are_the_examples_of_a_pair():
    labels = np.array([4, 4, 4, 7, 4])
    table = one_hot([9, 9, 4, 1, 9], np.array([0.6, 0.9, 0.9, 0.5, 0.7]))
    pairs = metrics.most_confused(metrics.confusion_matrix(table.argmax(axis=1), labels))
    shown = metrics.with_examples(pairs, table, labels, most=2)
    assert [pair["examples"] for pair in shown] == [[1, 4], [3]]
    assert shown[0]["count"] == 3
    assert "examples" not in pairs[0]


def test_the_bootstrap_of_a_mean_agrees_with_theory():
    values = np.random.default_rng(1).normal(5, 2, 400)
    low, high = metrics.bootstrap(
        lambda rows: float(values[rows].mean()), 400, np.random.default_rng(2), draws=2000
    )
    spread = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - spread, values.mean() + spread), abs=0.02)


def test_a_reader_whose_confidences_are_true_lies_where_chance_puts_it():
    rng = np.random.default_rng(3)
    sure = rng.uniform(0.5, 1, 2000)
    table = np.repeat((1 - sure)[:, None] / 9, 10, axis=1)
    table[:, 0] = sure
    low, high = metrics.calibration_error_by_chance(table, rng, draws=200)
    true = np.where(rng.random(2000) < sure, 0, 1)
    assert low <= metrics.expected_calibration_error(table, true) <= high < 0.05
    assert metrics.expected_calibration_error(table, np.zeros(2000, int)) > high


def test_the_interval_of_the_auroc_by_hand():
    # 2 beats 1 and draws with 2: 3/4; 3 beats both: 1. From outside alike: both variances are 1/32, over 2.
    inside, outside = np.array([2.0, 3.0]), np.array([1.0, 2.0])
    low, high = metrics.auroc_interval(inside, outside)
    assert (low, high) == pytest.approx((0.875 - 1.96 * (1 / 32) ** 0.5, 1.0), abs=1e-5)
    assert metrics.auroc_interval(inside + 9, outside) == [1.0, 1.0]
    with pytest.raises(ValueError, match="1 scores inside and 2 outside"):
        metrics.auroc_interval(inside[:1], outside)


SURE = np.eye(10)


def test_the_mean_is_over_readers():
    said = np.stack([SURE[[7, 1]], SURE[[7, 2]]])  # two readers, two digits
    assert metrics.together(said).shape == (2, 10)
    assert metrics.together(said)[1, [1, 2]].tolist() == [0.5, 0.5]


def test_doubt_is_what_the_first_digit_does_not_get():
    half = (SURE[7] + SURE[1]) / 2
    # 7 gets (1 + 1 + 0.5) / 3
    assert metrics.doubt(np.stack([SURE[7], SURE[7], half])) == pytest.approx(1 / 6)
    assert metrics.doubt(SURE[[7, 7]]) == 0
    assert metrics.doubt(np.full((3, 10), 0.1)) == pytest.approx(0.9)


def test_disagreement_is_none_where_all_share_a_doubt():
    half = (SURE[7] + SURE[1]) / 2
    assert metrics.disagreement(np.stack([half, half])) == pytest.approx(0)
    assert metrics.doubt(np.stack([half, half])) == pytest.approx(0.5)


def test_disagreement_is_in_bits_and_per_digit():
    said = np.stack([SURE[[7, 3]], SURE[[1, 3]], SURE[[2, 3]], SURE[[4, 3]]])
    assert metrics.disagreement(said).tolist() == [2.0, 0.0]  # log2 of four parties; all of one mind


def test_disagreement_of_a_sure_and_an_undecided_reader():
    half = (SURE[7] + SURE[1]) / 2
    # The mean, (3/4, 1/4), has 2 - 3/4 log2(3) bits of entropy; the readers have 0 and 1, in the mean 1/2.
    assert metrics.disagreement(np.stack([SURE[7], half])) == pytest.approx(1.5 - 0.75 * np.log2(3))


def test_answers_to_one_hand_say_less_than_answers_to_many():
    right = np.repeat([True, False, True, True, True, True, True, True, False, True], 20)
    hands = np.repeat([f"writer {n}" for n in range(10)], 20)
    alone = metrics.share_right_by(right, [""] * 200)
    assert alone == metrics.share_right(160, 200)
    together = metrics.share_right_by(right, hands)
    assert (together["accuracy"], together["n"], together["writers"]) == (0.8, 200, 10)
    (low, high), (least, most) = together["interval_95"], alone["interval_95"]
    assert low < least - 0.1
    assert high > most + 0.1
    even = metrics.share_right_by(np.tile([True] * 4 + [False], 40), hands)
    assert even["interval_95"] == alone["interval_95"]  # every hand is read alike: nothing is less sure


def test_few_hands_or_no_mistakes_show_no_false_certainty():
    perfect = metrics.share_right_by(np.ones(50, bool), ["a"] * 25 + ["b"] * 25)
    assert perfect["interval_95"] == metrics.share_right(50, 50)["interval_95"]
    one = metrics.share_right_by(np.ones(50, bool), ["a"] * 50)
    assert one["interval_95"] == metrics.share_right(50, 50)["interval_95"]
