"""Judge a model of letters on letters and digits that come the whole road, by the site of their writers.

    python -m evaluation.judges.letters --model characters      # some minutes

Each letter of UNIPEN (CC BY 4.0) is drawn on a canvas and read alone. Only sites count that no training and
no choice saw; those that chose or calibrated are reported apart, those learnt from are not read at all. The
default reader of digits is shown the same. Writes evaluation/results/<name>.letters.json.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tyro
from tqdm import tqdm

from digits import Reading, Recognizer, config, experiment, metrics
from digits.config import DEFAULT_MODEL, find_data
from digits.data.characters import site_of
from digits.data.strokes import StrokeSet, draw_somewhere, load_strokes
from digits.files import sha256
from digits.models import alphabet, checkpoints
from digits.models.leaderboard import ROAD, Result
from evaluation.handwriting.scores import calibration_of

DATA = "handwriting/letters_strokes.npz", "handwriting/unipen_strokes.npz"
KINDS = "letters", "digits"
"""Of what these two files have."""

BATCH = 256
DRAWS = 1000
"""How often chance is played anew for the interval of the mean over sites."""

SHOWN = 20
"""Pairs that are confused most."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge a model of letters, site by site."""

    model: str = "characters"
    """A name in models/, or the path of a .keras, .tflite or .onnx file."""
    every: int = 1
    """Judge on every so many-th letter and digit only; the result is kept apart."""
    seed: int = 1
    """Start of the choice of pens and places."""

    def __post_init__(self):
        config.check_least(self, every=1, seed=0)


@dataclass(frozen=True)
class Written:
    """Letters or digits, and what was read; N of them."""

    truth: np.ndarray
    """(N,) str, one character each."""
    sites: np.ndarray
    writers: np.ndarray
    """(N,) str; "" where it is not known who."""
    readings: list[Reading]

    def right(self, labels: Sequence[str]) -> np.ndarray:
        """Return which (N,) are read right at the model's labels, where cases may be one."""
        places = (alphabet.index(labels, str(one)) for one in self.truth)
        pairs = zip(places, self.readings, strict=True)
        return np.array([place == reading.index is not None for place, reading in pairs], bool)

    @property
    def right_with_case(self) -> np.ndarray:
        """Which (N,) are read right at all 62 characters: what is one label is read as its capital."""
        return np.array(
            [one == reading.label for one, reading in zip(self.truth, self.readings, strict=True)]
        )

    def part(self, chosen: np.ndarray) -> "Written":
        """Return those where `chosen` (N,) is true."""
        kept = [self.readings[place] for place in np.flatnonzero(chosen)]
        return Written(self.truth[chosen], self.sites[chosen], self.writers[chosen], kept)


def sites_seen(recognizer: Recognizer) -> tuple[set[str], set[str]]:
    """Return the sites that a model has learnt from, and those that chose or calibrated, by its card."""
    said = recognizer.card.config if recognizer.card else {}
    chose = {str(site) for site in said.get("hold_out") or ()}
    learnt = {str(one).partition("/")[0] for found in said.get("learnt_from", {}).values() for one in found}
    return learnt - chose, chose


def read(recognizer: Recognizer, strokes: StrokeSet, seed: int) -> list[Reading]:
    """Draw all strokes on canvases, the same ones for the same seed, and read each alone."""
    rng, found = np.random.default_rng(seed), list[Reading]()
    for first in tqdm(range(0, len(strokes), BATCH), unit="batch"):
        rows = range(first, min(first + BATCH, len(strokes)))
        found += recognizer.read_digits([draw_somewhere(strokes[row], rng) for row in rows])
    return found


def figures(seen: Written, labels: Sequence[str], seed: int) -> dict:
    """Return how much is right with intervals by writer, at the labels and at 62 characters, the calibration
    error of what was answered, and how often it was refused."""
    right = seen.right(labels)
    statuses = Counter(reading.status for reading in seen.readings)
    sure = calibration_of(np.array([reading.confidence for reading in seen.readings]), right)
    return metrics.share_right_by(right, seen.writers, seed) | {
        "with_case": metrics.share_right_by(seen.right_with_case, seen.writers, seed),
        "ece": sure["ece"],
        "statuses": dict(statuses),
    }


def sites_alike(seen: Written, right: np.ndarray, seed: int) -> dict:
    """Return the mean over sites of what is right (N,), each site counting the same; for its interval the
    writers of each site are drawn anew."""
    counts = []
    for site in sorted(set(seen.sites)):
        here = seen.sites == site
        _, place = np.unique(seen.writers[here], return_inverse=True)
        counts.append((np.bincount(place, weights=right[here]), np.bincount(place)))
    rng = np.random.default_rng(seed)
    drawn = [
        np.mean([hits[rows].sum() / many[rows].sum() for hits, many, rows in _again(counts, rng)])
        for _ in range(DRAWS)
    ]
    mean = np.mean([hits.sum() / many.sum() for hits, many in counts])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {
        "n": len(right),
        "accuracy": round(float(mean), 5),
        "interval_95": [round(float(low), 5), round(float(high), 5)],
        "sites": sorted(set(seen.sites.tolist())),
    }


def _again(counts: list[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator):
    return [(hits, many, rng.integers(0, len(many), len(many))) for hits, many in counts]


def confused(seen: Written, labels: Sequence[str]) -> list[dict]:
    """Return the pairs that are confused most, of the model's labels."""
    wrong = Counter[tuple[str, str]]()
    for truth, reading, right in zip(seen.truth, seen.readings, seen.right(labels), strict=True):
        place = alphabet.index(labels, str(truth))
        if not right and reading.label and place is not None:
            wrong[labels[place], reading.label] += 1
    return [
        {"label": one, "read_as": other, "count": many} for (one, other), many in wrong.most_common(SHOWN)
    ]


def of_digit_model(letters: Written) -> dict:
    """Return what a reader of digits says of letters: how many it refuses, and which it takes for digits."""
    said = Counter(reading.status for reading in letters.readings)
    taken = Counter(
        f"{truth} as {reading.label}"
        for truth, reading in zip(letters.truth, letters.readings, strict=True)
        if reading.status == "digit"
    )
    refused = np.array([reading.status == "not_a_digit" for reading in letters.readings])
    return metrics.share_right_by(refused, letters.writers) | {
        "statuses": dict(said),
        "taken_for_digits": dict(taken.most_common(SHOWN)),
    }


def load(name: str, labels: Sequence[str], sites: set[str], every: int) -> StrokeSet:
    """Return what a strokes file has of an alphabet but for some sites."""
    folder, file = name.split("/")
    path = find_data(folder, file)
    if path is None:
        raise ValueError(f"There is no {name} where the data is; expected it there.")
    strokes = load_strokes(path)
    known = np.array([alphabet.index(labels, str(label)) is not None for label in strokes.labels])
    known &= ~np.isin(site_of(strokes.source), sorted(sites))
    rows = np.flatnonzero(known)[::every]
    return strokes.chosen(np.isin(np.arange(len(strokes)), rows))


def written(recognizer: Recognizer, strokes: StrokeSet, seed: int) -> Written:
    """Read strokes; who wrote them is known where their source says more than the site."""
    sources = strokes.source.astype(str)
    writers = np.array([source if "/" in source else "" for source in sources])
    return Written(strokes.labels.astype(str), site_of(sources), writers, read(recognizer, strokes, seed))


def main(settings: Settings) -> None:
    """Read every letter and digit, count by site, write, print."""
    path = checkpoints.find(settings.model)
    judged, recognizer = sha256(path), Recognizer.load(path)
    if not recognizer.has_letters:
        raise ValueError(f"{recognizer.name} reads digits alone; expected a model of letters.")
    digit_model = Recognizer.load(DEFAULT_MODEL)
    labels, (learnt, chose) = recognizer.labels, sites_seen(recognizer)
    strokes = {
        kind: load(name, labels, learnt, settings.every) for kind, name in zip(KINDS, DATA, strict=True)
    }
    both = {kind: written(recognizer, one, settings.seed) for kind, one in strokes.items() if len(one)}
    others = {kind: written(digit_model, one, settings.seed) for kind, one in strokes.items() if len(one)}
    counted = {kind: ~np.isin(seen.sites, sorted(chose)) for kind, seen in both.items()}
    if "letters" not in both or not counted["letters"].any():
        raise ValueError(f"{recognizer.name} has seen all sites: there is nothing to judge.")
    rows = []
    for kind, seen in both.items():
        for site in sorted(set(seen.sites.tolist())):
            here = seen.sites == site
            found = figures(seen.part(here), labels, settings.seed)
            rows.append({"site": site, "kind": kind, "held_out": site not in chose} | found)
    result = {
        "data": "letters and digits of UNIPEN drawn on a canvas, one each, whole road",
        "seed": settings.seed,
        "labels": "".join(labels),
        "learnt_from": sorted(learnt),
        "chose": sorted(chose),
        "rows": rows,
    }
    for kind, seen in both.items():
        if not counted[kind].any():
            continue
        held = seen.part(counted[kind])
        result[kind] = figures(held, labels, settings.seed)
        result[kind]["confused"] = confused(held, labels)
        result[kind]["sites_alike"] = sites_alike(held, held.right(labels), settings.seed)
        result[kind]["sites_alike_with_case"] = sites_alike(held, held.right_with_case, settings.seed)
        other = others[kind].part(counted[kind])
        if kind == "letters":
            result["digit_model"] = {"name": digit_model.name, "letters": of_digit_model(other)}
        else:
            right = figures(other, digit_model.labels, settings.seed)
            result["digit_model"] |= {
                "digits": right,
                "has_seen": sorted(set.union(*sites_seen(digit_model))),
            }
    result["n"] = sum(int(one.sum()) for one in counted.values())
    part = f".every{settings.every}" if settings.every > 1 else ""
    about = {"part": part, "judged": judged, "data": DATA, "code": (*ROAD, "data/strokes.py")}
    Result(path=path, kind="letters", figures=result, **about).write()
    for row in rows:
        note = "" if row["held_out"] else "  (does not count)"
        print(f"{row['site']} {row['kind']}  {row['accuracy']:.2%} of {row['n']:,}{note}")
    alike = result["letters"]["sites_alike"]
    low, high = alike["interval_95"]
    print(f"{recognizer.name}: {alike['accuracy']:.2%} ({low:.2%} to {high:.2%}), all sites alike")


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
