"""Measure a model that somebody added: on MNIST's test digits and on real writing, and make its look-alikes.

    python -m evaluation.judges.added --model my_model      # a few minutes; the app does it in the background

Sets of real writing that are not on this computer are left out, as is an index that is there. It says at each
step how far it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import tyro

from digits import experiment
from digits.config import find_data
from digits.explain import feature_index
from digits.models import checkpoints
from evaluation import build_index
from evaluation.handwriting import __main__ as writing
from evaluation.judges import accuracy

REAL = ("ledger", "exam_cells")
"""Real digits that one model reads by itself; numbers are read by three others together with it."""

LETTERS = ("letters",)
NEEDED = {"ledger": "ledger", "exam_cells": "exam_cells", "letters": "letters_strokes.npz"}
"""What a set is made of, in the data's folder handwriting/."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Measure a model that was added."""

    model: str
    """A name in models/, or the path of a .keras file."""


def steps(model: str) -> list[tuple[str, Callable[[], None]]]:
    """Return what is to be done for a model, in words and as functions."""
    path = checkpoints.find(model)
    found = [("MNIST's test digits", partial(accuracy.main, accuracy.Settings(model=model)))]
    here = tuple(name for name in (*REAL, *LETTERS) if find_data("handwriting", NEEDED[name]))
    if here:
        words = f"real writing and letters ({', '.join(here)})".replace("_", " ")
        found.append((words, partial(writing.main, writing.Settings(model=model, sets=here))))
    if not feature_index.beside(path).exists():
        settings = build_index.Settings(model=model)
        found.append(("look-alikes", partial(build_index.main, settings)))
    return found


def main(settings: Settings) -> None:
    """Do all steps, one after another."""
    todo = steps(settings.model)
    for number, (words, do) in enumerate(todo, start=1):
        print(f"Step {number} of {len(todo)}: {words}", flush=True)
        do()


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
