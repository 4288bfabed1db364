"""What a network of letters and digits learns from, and how it is judged and saved."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from digits.config import find_data
from digits.data import outliers
from digits.data.augment import add_styles
from digits.data.characters import Characters, load_characters
from digits.data.mnist import TrainVal, load_train_val
from digits.files import read_npz
from digits.models import alphabet, checkpoints
from digits.train import fit, mislabelled, trainer

PENS = 3
"""Digits of pens are drawn so many times as often as letters: there are fewer."""

JUDGED = 1500
"""MNIST's validation digits that choose and calibrate, beside pens."""


class Wanted(Protocol):
    """Settings of training/train_characters.py, which says what each is."""

    alphabet: str
    letters: Path | None
    digits: Path | None
    sites: tuple[str, ...]
    hold_out: tuple[str, ...]
    joined: float
    renders: int
    per_epoch: int
    batch_size: int
    digit_share: float
    strangers: float
    augment: float
    seed: int
    limit: int | None


@dataclass(frozen=True)
class Held:
    """Drawings that choose and calibrate."""

    x_val: np.ndarray
    """(N, 28, 28) uint8."""
    y_val: np.ndarray
    """(N,) places in the alphabet."""
    groups: np.ndarray
    """(N,) str: kind and site of each."""


@dataclass(frozen=True)
class CharacterData:
    """Everything a training needs."""

    labels: tuple[str, ...]
    batches: fit.Batches
    held: Held
    strangers: np.ndarray
    """(M, 28, 28) uint8, neither digits nor letters, to calibrate on."""
    left_out: int
    """Labels held for wrong."""
    seen: dict[Path, list[str]]
    """By strokes file, the sources that were learnt from or that choose."""
    minutes: float
    """That this took."""
    told: str
    """All this in a sentence."""


def load(settings: Wanted, folder: Path) -> CharacterData:
    """Read, clean and draw; which labels are held for wrong is kept in the run's `folder`.

    Raises:
        ValueError: no strokes file, an unknown site, or nothing of the alphabet in one.
    """
    began, labels = time.monotonic(), alphabet.of(settings.alphabet)
    kinds: dict[str, Characters] = {}
    files = {
        "letters": settings.letters or _strokes("letters_strokes.npz", "letters"),
        "digits": settings.digits or _strokes("unipen_strokes.npz", "digits"),
    }
    for kind, path in files.items():
        if any((label in alphabet.DIGITS) == (kind == "digits") for label in labels):
            kinds[kind] = load_characters(path, labels)
    rng = np.random.default_rng(settings.seed)
    learnt = {
        kind: _some(found.of(_there(found, settings.sites)), settings, rng) for kind, found in kinds.items()
    }
    held = {kind: found.of(_there(found, settings.hold_out)) for kind, found in kinds.items()}
    left_out = 0
    if "letters" in learnt:
        clean = _clean(learnt["letters"], len(labels), settings.seed, folder / "mislabelled.npz")
        left_out = int((~clean).sum())
        learnt["letters"] = learnt["letters"].part(clean)
    mnist = load_train_val(settings.limit)
    places = np.array([labels.index(digit) if digit in labels else -1 for digit in alphabet.DIGITS])
    strangers, judging = outliers.no_characters(
        mnist, round(settings.strangers * settings.per_epoch) * 4, settings.seed
    )
    n = sum(map(len, learnt.values()))
    return CharacterData(
        labels,
        _batches(settings, labels, learnt, mnist, places, strangers, rng),
        _held(held, mnist, places, rng),
        judging,
        left_out,
        {
            path: sorted({*learnt[kind].strokes.source.tolist(), *held[kind].strokes.source.tolist()})
            for kind, path in files.items()
            if kind in learnt
        },
        (time.monotonic() - began) / 60,
        f"{n:,} letters and digits of {', '.join(settings.sites)} to learn from, {left_out:,} left out whose "
        "labels are held for wrong",
    )


def begin_with(model: keras.Model, labels: tuple[str, ...], base: Path) -> None:
    """Give a network the weights of another.

    Raises:
        ValueError: that has another alphabet or size.
    """
    other, card = checkpoints.load(base)
    shapes = [[weight.shape for weight in one.get_weights()] for one in (model, other)]
    if shapes[0] != shapes[1] or card is None or tuple(card.labels) != labels:
        raise ValueError(
            f"--base is {base}, of another alphabet or size; expected {len(labels)} labels and this width."
        )
    model.set_weights(other.get_weights())


def finish(
    model: keras.Model,
    settings: Any,
    folder: Path,
    data: CharacterData,
    history: list[dict[str, float]],
) -> str:
    """Judge a trained model on what was held out, calibrate it there with each site alike, report and save.

    Returns:
        What to say in the end.
    """
    held = data.held
    groups, inverse, counts = np.unique(held.groups, return_inverse=True, return_counts=True)
    val = TrainVal(held.x_val[:0], held.y_val[:0], held.x_val, held.y_val)
    judged = trainer.calibrate(model, val, data.strangers, 1 / counts[inverse])
    right = judged.probabilities.argmax(axis=1) == held.y_val
    judged = replace(
        judged,
        figures=judged.figures
        | {group: round(float(right[held.groups == group].mean()), 4) for group in groups},
    )
    trainer.report(folder, val, history, judged, data.labels)
    first = [trainer.MNIST] if "MNIST" in groups else []
    origin = trainer.provenance(own=data.seen, first=first)
    out = settings.checkpoint(folder)
    about = {"labels_left_out": data.left_out}
    card = trainer.card_of(model, settings, out, judged, history, origin, data.minutes, about)
    trainer.save(model, replace(card, labels=list(data.labels)), settings, folder)
    figures = ", ".join(f"{group} {judged.figures[group]:.1%}" for group in groups)
    return f"Held out, n = {len(right):,}: {figures}\nWrote {out}"


def _strokes(name: str, flag: str) -> Path:
    path = find_data("handwriting", name)
    if path is None:
        raise ValueError(
            f"There is no handwriting/{name} in the data folder; name a strokes file by --{flag}."
        )
    return path


def _there(found: Characters, sites: tuple[str, ...]) -> list[str]:
    """Return those of the sites that wrote any: not all wrote both letters and digits."""
    known = set(found.sites.tolist())
    return [site for site in sites if site in known]


def _some(found: Characters, settings: Wanted, rng: np.random.Generator) -> Characters:
    if settings.limit is None or len(found) <= settings.limit:
        return found
    chosen = np.zeros(len(found), bool)
    chosen[rng.permutation(len(found))[: settings.limit]] = True
    return found.part(chosen)


def _clean(found: Characters, classes: int, seed: int, path: Path) -> np.ndarray:
    """Return which labels (N,) are not held for wrong; found once a run."""
    if path.exists():
        return ~read_npz(path, ("wrong",))["wrong"]
    frames, rows = found.drawn(np.random.default_rng(seed), anyhow=False)
    wrong = np.zeros(len(found), bool)
    wrong[rows] = mislabelled.suspects(frames, found.places[rows], found.sites[rows], classes, seed)
    np.savez(path, wrong=wrong)
    return ~wrong


def _held(held: dict[str, Characters], mnist: TrainVal, places: np.ndarray, rng: np.random.Generator) -> Held:
    parts = []
    for kind, found in held.items():
        frames, rows = found.drawn(rng, anyhow=False)
        parts.append((frames, found.places[rows], np.char.add(f"{kind} ", found.sites[rows])))
    known = np.flatnonzero(places[mnist.y_val] >= 0)[:JUDGED]
    if len(known):
        parts.append((mnist.x_val[known], places[mnist.y_val[known]], np.full(len(known), "MNIST")))
    return Held(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _batches(
    settings: Wanted,
    labels: tuple[str, ...],
    learnt: dict[str, Characters],
    mnist: TrainVal,
    places: np.ndarray,
    strangers: np.ndarray,
    rng: np.random.Generator,
) -> fit.Batches:
    """Return batches in which each kind has its share, and rare labels and hands come more often."""
    parts: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for kind, found in learnt.items():
        often = _rarely(found.places) * _rarely(found.strokes.source)
        drawings = [
            found.drawn(rng, joined=settings.joined)
            for _ in range(settings.renders * (PENS if kind == "digits" else 1))
        ]
        rows = np.concatenate([rows for _, rows in drawings])
        parts[kind] = np.concatenate([frames for frames, _ in drawings]), found.places[rows], often[rows]
    known = places[mnist.y_train] >= 0
    if known.any():
        y = places[mnist.y_train[known]]
        parts["MNIST"] = mnist.x_train[known], y, np.ones(len(y))
    digits = [kind for kind in ("MNIST", "digits") if kind in parts]
    rest = 1 - settings.strangers
    of_digits = rest if "letters" not in parts else settings.digit_share if digits else 0.0
    shares = {kind: of_digits / len(digits) for kind in digits} | {"letters": rest - of_digits}
    parts["strangers"] = strangers, np.full(len(strangers), len(labels)), np.ones(len(strangers))
    shares["strangers"] = settings.strangers
    digit_of = np.full(len(labels) + 1, -1)
    digit_of[places[places >= 0]] = np.flatnonzero(places >= 0)

    def redraw(frames: np.ndarray, shown: np.ndarray, chance: np.random.Generator) -> np.ndarray:
        return add_styles(frames, digit_of[shown], chance, settings.augment)

    weights = [shares[kind] * often / often.sum() for kind, (_, _, often) in parts.items()]
    return fit.Batches(
        np.concatenate([frames for frames, _, _ in parts.values()]),
        np.concatenate([shown for _, shown, _ in parts.values()]),
        settings.batch_size,
        redraw,
        np.concatenate(weights),
        settings.per_epoch,
    )


def _rarely(values: np.ndarray) -> np.ndarray:
    """Return the root of how rare each value (N,) is among them."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return 1 / np.sqrt(counts[inverse])
