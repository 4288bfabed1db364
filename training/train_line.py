"""Train the line reader and write models/line.keras with its card.

    python training/train_line.py                                      # two hours on two cores
    python training/train_line.py --limit 100 --epochs 1 --steps 5     # a quick try: a minute

The line reader reads a number as a whole, without cutting it. It learns from lines that are made while it
does: pen digits and MNIST's digits, written as people write, on paper as it is.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass

import tyro

from digits import experiment


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.SceneSettings):
    """Train the line reader on made lines."""

    SCRIPT = "train_line"
    NAME = "line"

    batch_size: int = 24
    """Lines per step."""


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    from digits.train import line, scenes  # late: --help answers without TensorFlow

    print(scenes.run(settings, line.TASK))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
