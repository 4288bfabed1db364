"""What a fine-tuning learns from: the shares of its batches, and what is left out."""

from dataclasses import replace

import numpy as np
import pytest

from digits.train import finetune_data
from digits.train.finetune_settings import EFFORTS, Settings
from digits.train.trainer import logits_of


@pytest.fixture
def settings(surroundings, strokes_file):
    """Return settings of which the two sources of digits judge one another; no random styles."""
    options = {"hold_out": ("there",), "limit": 300, "renders": 1, "batch_size": 100, "per_epoch": 4000}
    return Settings(data=strokes_file, augment=0.0, **options)


def test_an_effort_stands_for_settings(strokes_file):
    quick = Settings(data=strokes_file, effort="quick").spelled_out()
    assert quick.epochs * quick.per_epoch < 30_000
    assert quick.again > 0
    aside = Settings(data=strokes_file, effort="quick", hold_out=("anna",))
    assert aside.spelled_out().again == 0, "who is named to judge is not learnt"
    assert Settings(data=strokes_file).spelled_out() == Settings(data=strokes_file)
    assert all(
        Settings(data=strokes_file, effort=effort).spelled_out().effort == effort for effort in EFFORTS
    )
    with pytest.raises(ValueError, match="--effort is endless; expected one of: quick, thorough, long"):
        Settings(data=strokes_file, effort="endless")


def test_too_few_digits_of_a_class_are_refused(settings, strokes_file, tmp_path):
    arrays = dict(np.load(strokes_file))
    arrays["labels"] = np.where(np.isin(arrays["labels"], (4, 7)), 3, arrays["labels"])
    arrays["labels"][:1] = 4
    np.savez(tmp_path / "few.npz", **arrays)
    with pytest.raises(ValueError, match="[Dd]igit 4 has 1 and digit 7 has none; expected 3 or more"):
        finetune_data.load(replace(settings, data=tmp_path / "few.npz"))


def test_batches_are_half_own_and_balanced(settings):
    data = finetune_data.load(settings)
    data = replace(data, own=data.own.part(data.own.labels < 8))
    batches = data.batches(settings)
    own = batches.order < len(data.own)
    assert own.mean() == pytest.approx(0.5, abs=0.03)
    counts = np.bincount(batches.labels[batches.order[own]], minlength=10)
    assert counts[:8] == pytest.approx(counts.sum() / 8, rel=0.25)
    assert counts[8:].sum() == 0


def test_misread_digits_come_more_often(settings, linear_model):
    data = finetune_data.load(settings)
    misread = logits_of(linear_model, data.own.frames).argmax(axis=1) != data.own.labels
    assert misread.any()
    assert not misread.all()
    often = data.often(linear_model, 4.0)
    assert often.tolist() == np.where(misread, 4.0, 1.0).tolist()
    batches = data.batches(replace(settings, replay="none", per_epoch=20_000), often)
    counts = np.bincount(batches.order, minlength=len(misread))
    assert counts[misread].mean() / counts[~misread].mean() == pytest.approx(4, rel=0.1)


def test_a_share_of_the_batches_is_no_digit(settings, letters_file, linear_model):
    options = {"not_digits": letters_file, "not_digits_hold_out": ("elsewhere",), "not_digits_renders": 2}
    settings = replace(settings, strangers=0.3, epochs=1, per_epoch=2000, **options)
    data = finetune_data.load(settings)
    before = len(data.mnist.y_train)
    data = data.with_outliers(linear_model, settings)
    assert data.outliers.sources == ["elsewhere", "here"]
    assert len(data.mnist.y_train) > before, "digits cut out of rows rightly are learnt as digits"
    batches = data.batches(settings)
    labels = batches.labels[batches.order]
    assert (labels == 10).mean() == pytest.approx(0.3, abs=0.03)
    assert (batches.order < len(data.own)).mean() == pytest.approx(0.35, abs=0.04)


def test_all_are_learnt_in_the_end_and_both_kinds_count_alike(settings):
    data = finetune_data.load(settings)
    assert len(data.whole().own) == len(data.own) + len(data.held) == 120
    assert data.counts() == [12] * 10
    assert data.seen() == ["here", "there"]
    validation, weights = data.validation(), data.weights()
    assert len(validation.y_val) == len(weights) == len(data.mnist.y_val) + 40
    assert weights[-40:].sum() == pytest.approx(0.5)
