"""What a fine-tuning is asked for: its settings, and the efforts and stages behind them. Without Keras."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from digits import config, experiment

HEAD, ALL, AGAIN = "head", "all", "again"
"""Stages, and the folders of their checkpoints: the last layer alone, which settles first; all layers; and
all once more, with the digits that have judged among those to learn."""

HEAD_EPOCHS = 1


class Stage(NamedTuple):
    """Some epochs in which the same layers learn."""

    name: str
    epochs: int
    rate: float
    """AdamW's at the beginning."""


class Effort(NamedTuple):
    """Settings for a time that somebody has."""

    duration: str
    """What people are told, of a small laptop."""
    settings: dict[str, Any]


FEW = {"augment": 1.0, "damage": 0.1, "misread": 6.0, "blend": 1.0, "most_forgotten": 0.15, "again": 2}
"""For the few digits of one hand."""

EFFORTS = {
    "quick": Effort(
        "one or two minutes",
        {"epochs": 5, "per_epoch": 3_000, "learning_rate": 7e-4, "replayed": 10_000} | FEW,
    ),
    "thorough": Effort("about ten minutes", {"epochs": 8, "per_epoch": 10_000, "replayed": 30_000} | FEW),
    "long": Effort("about half an hour", {"epochs": 8, "per_epoch": 40_000}),
}


def check_effort(effort: str) -> None:
    """Raise a ValueError that names --effort unless it is one of `EFFORTS`."""
    config.check("--effort", effort, effort in EFFORTS, f"one of: {', '.join(EFFORTS)}")


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.StrongSettings):
    """Fine-tune a model on own digits."""

    SCRIPT = "finetune_on_custom"

    data: Path
    """A folder with the folders 0 to 9, or a strokes file (.npz)."""
    base: str = "mnist_advanced"
    """The model to start from: a name in models/ or a path."""
    effort: str | None = None
    """quick, thorough or long: epochs and the like for about 1, 5 or 25 minutes on two cores; they go before
    flags of their own."""
    replay: Literal["mnist", "none"] = "mnist"
    """What half of every batch repeats, against forgetting."""
    hold_out: tuple[str, ...] = ()
    """Judge on these sources (None named: on a fifth of every class)."""
    leave_out: tuple[str, ...] = ()
    """Touch these sources not at all: they are for an evaluation later."""
    renders: int = 3
    """How often each strokes sample is drawn, with another pen each time."""
    not_digits: Path | None = None
    """A strokes file of letters, so that the model learns to tell what is no digit (None: a base that can
    tell keeps that on made ones)."""
    not_digits_hold_out: tuple[str, ...] = ()
    """Judge on these sources of letters (None named: on a fifth)."""
    not_digits_renders: int = 20
    """How often each letter is drawn."""
    strangers: float = 0.28
    """Share of every batch that is no digit, where the model learns to tell."""
    epochs: int = 8
    """Passes of --per-epoch digits through all layers, after one through the last layer alone."""
    again: int = 0
    """Passes in the end that learn the digits held out too, once they have judged (0: they stay unseen)."""
    per_epoch: int = 40_000
    """Digits per epoch, own and replayed; few own digits want fewer."""
    misread: float = 1.0
    """How many times as often own digits come that the base misreads: what is special about a hand."""
    replayed: int | None = None
    """MNIST digits to repeat (None: all)."""
    learning_rate: float = 5e-4
    """AdamW's rate for all layers, twice that for the last one alone; it falls along a cosine to zero."""
    augment: float = 0.5
    damage: float = 0.5
    blend: float = 0.75
    """Share of the taught weights in the saved ones, the rest are the base's: 1 forgets most. Less is taken
    where MNIST would be forgotten."""
    most_forgotten: float = 0.2
    """Points of MNIST accuracy that the model may lose."""
    force: bool = False
    """Save the model even if it gains nothing or forgets too much."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check, letters = config.check, self.not_digits
        check("--data", self.data, self.data.exists(), "a folder or a strokes file that exists")
        if self.effort is not None:
            check_effort(self.effort)
        check("--blend", self.blend, 0 < self.blend <= 1, "a share above 0, up to 1")
        good = 0 <= self.most_forgotten <= 100
        check("--most-forgotten", self.most_forgotten, good, "points from 0 to 100")
        check("--not-digits", letters, letters is None or letters.is_file(), "a strokes file that exists")
        good = letters is not None or not self.not_digits_hold_out
        check("--not-digits-hold-out", self.not_digits_hold_out, good, "--not-digits beside it")
        for name in ("renders", "not_digits_renders", "per_epoch"):
            value = getattr(self, name)
            check(f"--{name.replace('_', '-')}", value, value >= 1, "1 or more")
        check("--strangers", self.strangers, 0 < self.strangers < 1, "a share between 0 and 1")
        good = self.again == 0 or self.again > 0 and not self.hold_out
        check("--again", self.again, good, "0, or more where no --hold-out names who only judges")
        good = self.replayed is None or self.replayed >= experiment.LEAST_LIMIT
        check("--replayed", self.replayed, good, f"{experiment.LEAST_LIMIT} or more")
        check("--misread", self.misread, self.misread > 0, "above 0")
        experiment.check_rate(self.learning_rate)

    def spelled_out(self) -> "Settings":
        """Return these settings with what --effort stands for; sources named to judge are never learnt."""
        if self.effort is None:
            return self
        meant = EFFORTS[self.effort].settings
        return replace(self, **(meant | {"again": 0} if self.hold_out else meant))

    def stages(self) -> list[Stage]:
        """Return the stages that the digits held out judge."""
        rate = self.learning_rate
        return [Stage(HEAD, HEAD_EPOCHS, 2 * rate), Stage(ALL, self.epochs, rate)]

    def last_stage(self) -> Stage:
        """Return the stage in which the digits that have judged are learnt too."""
        return Stage(AGAIN, self.again, 0.7 * self.learning_rate)

    def checkpoint(self, folder: Path) -> Path:
        """Return where to write the model: named after the data, unless --out says otherwise."""
        usual = config.models_dir() if self.limit is None else folder
        return self.out or usual / f"{self.data.resolve().stem}.keras"
