"""Train the finder and write models/finder.keras with its card.

    python training/train_finder.py                                      # one to two hours on two cores
    python training/train_finder.py --limit 100 --epochs 1 --steps 5     # a quick try: a minute

The finder sees ink, centres, signs and what belongs together on a grey picture. It learns from scenes that
are made while it does: pen digits and letters and MNIST's digits, written as people write, on paper as it is.
Killed? The same line with --resume goes on at the last finished epoch.
"""

from dataclasses import dataclass

import tyro

from digits import experiment


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.SceneSettings):
    """Train the finder on made scenes."""

    SCRIPT = "train_finder"
    NAME = "finder"

    batch_size: int = 12
    """Lines per step; steps with single digits or blocks have as many points."""


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    from digits.train import finder, scenes  # late: --help answers without TensorFlow

    print(scenes.run(settings, finder.TASK))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
