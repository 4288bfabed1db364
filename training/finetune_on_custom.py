"""Teach a model other people's writing: fine-tune it on own digits without forgetting MNIST.

    python training/finetune_on_custom.py --data my_digits/    # folders 0 to 9 -> models/my_digits.keras
    python training/finetune_on_custom.py --data strokes.npz --hold-out site --out models/handwriting.keras

First the last layer alone, then all layers at a smaller rate, every batch half own digits (each class as
often as the others) and half MNIST; then the weights before and after are blended. Judged before and after on
own digits held out and on MNIST's validation digits: a model is saved if it reads no fewer of those held out,
reads more of them, or the same more surely, or more of those it learnt from, and keeps MNIST. With
--not-digits learning what is no digit is gain enough.
With --again one that may be kept learns the digits held out too: few as they are, none is to be wasted; then
MNIST's alone calibrate it.
With --not-digits it also learns to tell letters and other outliers from digits (digits/data/outliers.py).
What it replaces is kept in models/previous/. The run's folder gets outcome.json: what changed, kept or not.
--effort quick does with a minute or two: for a few dozen digits of one hand.
Killed? The same line with --resume goes on at the last finished epoch. The app runs the same in the
background, as `python -m digits.train.finetune`.
"""

import tyro

from digits import experiment
from digits.train.finetune_settings import Settings


def main(settings: Settings) -> None:
    """Fine-tune; the work is done where the app's jobs have it done."""
    from digits.train import finetune  # late: --help answers without TensorFlow

    finetune.main(settings)


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
