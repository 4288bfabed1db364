"""Train the glimpse reader and write models/glimpse.keras with its card.

    python training/train_glimpse.py                                      # 20 epochs, 80 minutes on two cores
    python training/train_glimpse.py --limit 100 --epochs 1 --steps 5     # a quick try: a minute
    python training/train_glimpse.py --base models/glimpse.keras --cells 0.33 --epochs 3 --steps 300 \\
        --learning-rate 5e-4                                              # and then real cells: 8 minutes

The glimpse reader says of one thing on paper, with its surroundings, which digit it is or that it is none. It
learns from scenes that are made while it does: pen digits, letters and MNIST's digits on paper as it is; and
from real cells of tables.
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
    cells: float = 0.0
    """Share of real cells of tables among the glimpses; from handwriting/grids in the data folder."""
    left_out: int | None = None
    """Which third of the photos of tables, 0 to 2, judges and is not learnt from (None: none)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        experiment.check("--cells", self.cells, 0 <= self.cells < 1, "a share from 0 to below 1")
        experiment.check("--left-out", self.left_out, self.left_out in (None, 0, 1, 2), "0, 1 or 2")


def main(settings: Settings) -> None:
    """Run the training from seeds to saved model."""
    from digits.train import glimpse, scenes  # late: --help answers without TensorFlow

    print(scenes.run(settings, glimpse.task(settings.cells, settings.left_out)))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
