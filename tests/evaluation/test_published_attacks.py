"""Our attacks are those of a published package: the Adversarial Robustness Toolbox, arXiv:1807.01069."""

import os
import tempfile
import warnings
from unittest.mock import patch

import keras
import numpy as np
import pytest

from digits.models.architectures import logits_model
from digits.robustness.attacks import Attacker

with (
    warnings.catch_warnings(action="ignore"),  # it misses PyTorch
    tempfile.TemporaryDirectory() as home,  # where it writes its settings, each of pytest's workers at once
    patch.dict(os.environ, HOME=home),
):
    from art.attacks.evasion import FastGradientMethod
    from art.estimators.classification import TensorFlowV2Classifier


def test_our_fgsm_is_the_published_one(linear_model, tiny_digits):
    frames, labels = tiny_digits
    classifier = TensorFlowV2Classifier(
        model=logits_model(linear_model),
        nb_classes=10,
        input_shape=(28, 28, 1),
        loss_object=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        clip_values=(0, 1),
    )
    for epsilon in (0.05, 0.2):
        ours = Attacker(linear_model, "linear").attack(frames, labels, epsilon, method="fgsm")
        theirs = FastGradientMethod(classifier, eps=epsilon).generate(frames, y=np.eye(10)[labels])
        assert ours == pytest.approx(theirs, abs=1e-6)
        assert np.abs(ours - frames).max() == pytest.approx(epsilon)
