"""Teach a model other people's writing: fine-tune it on own digits without forgetting MNIST.

    python training/finetune_on_custom.py --data my_digits/    # folders 0 to 9 -> models/my_digits.keras
    python training/finetune_on_custom.py --data strokes.npz --hold-out site --out models/handwriting.keras

First the last layer alone, then all layers at a smaller rate, every batch half own digits (each class as
often as the others) and half MNIST; then the weights before and after are blended. Judged before and after on
own digits held out and on MNIST's validation digits: a model that does not gain, or forgets, is not saved.
With --again one that may be kept learns the digits held out too: few as they are, none is to be wasted.
With --not-digits it also learns to tell letters and other strangers from digits (digits/data/outliers.py).
What it replaces is kept in models/previous/. The run's folder gets outcome.json: what changed, kept or not.
--effort quick does with a minute or two: for a few dozen digits of one hand.
Killed? The same line with --resume goes on at the last finished epoch.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tyro

from digits import config, experiment
from digits.config import models_dir
from digits.files import write_json

FEW = {"augment": 1.0, "damage": 0.1, "misread": 6.0, "blend": 1.0, "most_forgotten": 0.15, "again": 2}
EFFORTS = {
    "quick": {"epochs": 5, "per_epoch": 3_000, "learning_rate": 7e-4, "replayed": 10_000} | FEW,
    "thorough": {"epochs": 8, "per_epoch": 10_000, "replayed": 30_000} | FEW,
    "long": {"epochs": 8, "per_epoch": 40_000},
}
"""What --effort stands for: about 1, 5 and 25 minutes on two cores."""


@dataclass(frozen=True, kw_only=True)
class Settings(experiment.StrongSettings):
    """Fine-tune a model on own digits."""

    SCRIPT = "finetune_on_custom"

    data: Path
    """A folder with the folders 0 to 9, or a strokes file (.npz)."""
    base: str = "mnist_advanced"
    """The model to start from: a name in models/ or a path."""
    effort: Literal["quick", "thorough", "long"] | None = None
    """Epochs and the like for about 1, 5 or 25 minutes on two cores; they go before flags of their own."""
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

    def __post_init__(self):
        super().__post_init__()
        config.check("--data", self.data, self.data.exists(), "a folder or a strokes file that exists")
        config.check("--blend", self.blend, 0 < self.blend <= 1, "a share above 0, up to 1")
        good = 0 <= self.most_forgotten <= 100
        config.check("--most-forgotten", self.most_forgotten, good, "points from 0 to 100")
        good = self.not_digits is None or self.not_digits.is_file()
        config.check("--not-digits", self.not_digits, good, "a strokes file that exists")
        good = self.not_digits is not None or not self.not_digits_hold_out
        config.check("--not-digits-hold-out", self.not_digits_hold_out, good, "--not-digits beside it")
        config.check("--renders", self.renders, self.renders >= 1, "1 or more")
        good = self.not_digits_renders >= 1
        config.check("--not-digits-renders", self.not_digits_renders, good, "1 or more")
        config.check("--strangers", self.strangers, 0 < self.strangers < 1, "a share between 0 and 1")
        config.check("--per-epoch", self.per_epoch, self.per_epoch >= 1, "1 or more")
        good = self.again == 0 or self.again > 0 and not self.hold_out
        config.check("--again", self.again, good, "0, or more where no --hold-out names who only judges")
        good = self.replayed is None or self.replayed >= experiment.LEAST_LIMIT
        config.check("--replayed", self.replayed, good, f"{experiment.LEAST_LIMIT} or more")
        config.check("--misread", self.misread, self.misread > 0, "above 0")
        experiment.check_rate(self.learning_rate)

    def spelled_out(self) -> "Settings":
        """Return these settings with what --effort stands for; sources named to judge are never learnt."""
        meant = EFFORTS.get(self.effort, {})
        return replace(self, **(meant | {"again": 0} if self.hold_out else meant))

    def checkpoint(self, folder: Path) -> Path:
        """Return where to write the model: named after the data, unless --out says otherwise."""
        usual = models_dir() if self.limit is None else folder
        return self.out or usual / f"{self.data.resolve().stem}.keras"


def lesson_of(settings: Settings, model, base_card):
    """Return what `model` is taught with: digits, and what is none where it can tell or shall learn to."""
    from digits.data import outliers
    from digits.data.strokes import load_strokes
    from digits.train import finetune_data

    lesson = finetune_data.prepare(
        settings.data,
        hold_out=settings.hold_out,
        leave_out=settings.leave_out,
        renders=settings.renders,
        seed=settings.seed,
        limit=settings.limit,
        replayed=settings.replayed,
    )
    if settings.not_digits is None and not (base_card and "not_a_digit_below" in base_card.thresholds):
        return lesson
    # More than are ever seen need not be made.
    most = round(settings.strangers * settings.per_epoch * (settings.epochs + 1))
    strangers = outliers.outliers(
        lesson.mnist,
        settings.not_digits,
        hold_out=settings.not_digits_hold_out,
        leave_out=settings.leave_out if settings.not_digits else (),
        renders=settings.not_digits_renders,
        seed=settings.seed,
        most=most,
    )
    strokes = load_strokes(settings.data) if settings.data.suffix == ".npz" else None
    return replace(lesson, strangers=strangers).with_neighbours(
        model, settings.seed, strokes, most=most // 25
    )


def save(
    model, final, lesson, settings: Settings, folder: Path, history, base_card, figures: dict
) -> Path | None:
    """Judge and calibrate the taught model, write its card with the `final` weights, or its own (None).

    Returns:
        Where the file before it is kept.
    """
    from digits.models import checkpoints
    from digits.train import trainer

    sources = [*trainer.sources_of([base_card]), trainer.source_of(settings.data)]
    learnt_from = trainer.learnt_from([base_card], settings.data, lesson.seen())
    if settings.not_digits:
        sources.append(trainer.source_of(settings.not_digits))
        learnt_from |= trainer.learnt_from([base_card], settings.not_digits, lesson.strangers.sources)
    previous = checkpoints.keep_previous(settings.checkpoint(folder))
    trainer.finish(
        model,
        settings,
        lesson.validation(),
        history,
        folder,
        sources,
        figures,
        learnt_from,
        strangers=lesson.strangers.held if lesson.strangers else None,
        weights=lesson.weights(),
        final=final,
    )
    return previous


def main(settings: Settings) -> None:
    """Load, teach, compare, save or refuse."""
    from digits.models import checkpoints
    from digits.train import acceptance, finetune

    began = time.monotonic()
    model, base_card = checkpoints.load(checkpoints.find(settings.base))
    lesson = lesson_of(settings, model, base_card)
    before = lesson.judge(model)
    folder = experiment.start(settings)
    print(experiment.describe(settings, folder))
    print(f"{len(lesson.held)} own digits held out, {len(lesson.own)} to learn from ({lesson.own.counts()})")
    for reason in lesson.own.skipped[:5]:
        print(f"Left out: {reason}")
    print(f"Before: {before}")
    untaught = model.get_weights()
    often = lesson.often(model, settings.misread)
    history = finetune.train(model, lesson, finetune.stages(settings), often, settings, folder)
    taught = model.get_weights()
    share, after = finetune.blend(model, untaught, lesson, before, settings)
    print(f"After:  {after} (with {share:.0%} of what was learnt)")

    out = settings.checkpoint(folder)
    problem = acceptance.refusal(before, after, settings.most_forgotten, settings.not_digits is not None)
    refused = problem if not settings.force else None
    previous = final = None
    if not refused:
        if settings.again:
            weights = taught, untaught
            final = finetune.learn_the_rest(model, weights, lesson, before, settings, folder)
        figures = acceptance.for_card(before, after) | {"blend": share, "learnt_all": final is not None}
        previous = save(model, final, lesson, settings, folder, history, base_card, figures)
    outcome = lesson.changes(before, after) | {"refusal": refused, "out": out, "counts": lesson.counts()}
    seconds = round(time.monotonic() - began, 1)
    rest = {"blend": share, "learnt_all": final is not None, "seconds": seconds}
    write_json(folder / "outcome.json", outcome | rest)
    if refused:
        raise SystemExit(f"{problem} {out} was not written; --force saves it all the same.")
    print(f"Wrote {out}" + (f"; the file before is {previous}" if previous else ""))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings).spelled_out()))
