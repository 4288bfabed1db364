"""Train the glimpse reader and write models/glimpse.keras with its card.

    python training/train_glimpse.py                                      # 20 epochs, 80 minutes on two cores
    python training/train_glimpse.py --limit 100 --epochs 1 --steps 5     # a quick try: a minute

The glimpse reader says of one thing on paper, with its surroundings, which digit it is or that it is none. It
learns from scenes that are made while it does: pen digits, letters and MNIST's digits on paper as it is.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass

import tyro

from digits import experiment


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.SceneSettings):
    """Train the glimpse reader on made scenes."""

    SCRIPT = "train_glimpse"
    NAME = "glimpse"

    printed: float = 0.15
    """Share of the hands that print: tables hold both."""
    batch_size: int = 24
    """Four glimpses for each, per step."""


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    from digits.train import glimpse, scenes  # late: --help answers without TensorFlow

    print(scenes.run(settings, glimpse.TASK))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
