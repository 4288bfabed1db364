"""Judge trainings of one model that differ in their seed alone; note their mean and spread in its card.

    python training/train_advanced.py --seed 2 --out runs/seed2.keras      # an hour; so too for 3
    python -m evaluation.judges.seeds --others runs/seed2.keras runs/seed3.keras

The model that is shipped is the one of its first seed, whichever is the best: the others only tell how much
of a figure is chance. On MNIST's test digits all are judged, on the validation digits they were as they
ended.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tyro

from digits import Recognizer, config, experiment
from digits.data.mnist_test import load_test
from digits.files import write_json
from digits.models import checkpoints
from digits.models.card import Card
from evaluation.judges import accuracy

MAY_DIFFER = {"seed", "out", "resume", "min_accuracy", "remarks", "seeds"}
"""Of what a card says of how its model was made."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Judge trainings that differ in their seed alone."""

    others: tuple[Path, ...]
    """Their .keras files, each with its card."""
    model: str = "mnist_advanced"
    """The one that is shipped: a name in models/, or the path of a .keras file."""
    limit: int | None = None
    """Judge on the first so many test digits only; nothing is noted then."""

    def __post_init__(self):
        config.check("--others", self.others, len(self.others) >= 1, "one file or more")
        config.check("--limit", self.limit, self.limit is None or self.limit >= 1, "1 or more")


def check_alike(cards: list[Card]) -> None:
    """Raise a ValueError that names what differs, unless that is the seed alone."""
    first, *others = (
        {**card.config, "parameters": card.parameters, "architecture": card.architecture} for card in cards
    )
    for card, other in zip(cards[1:], others, strict=True):
        names = (first.keys() | other.keys()) - MAY_DIFFER
        if different := sorted(
            name for name in names if (first.get(name) or None) != (other.get(name) or None)
        ):
            raise ValueError(
                f"{card.name} and {cards[0].name} differ in {', '.join(different)}; expected the seed alone."
            )
    seeds = [card.seed for card in cards]
    if len({*seeds}) < len(seeds):
        raise ValueError(f"Seeds {seeds}; expected each once.")


def spread(shares: list[float]) -> dict:
    """Return accuracies with their mean and standard deviation (of a sample: over n - 1)."""
    told = {"mean": np.mean(shares), "deviation": np.std(shares, ddof=1)}
    return {"each": shares} | {name: round(float(value), 5) for name, value in told.items()}


def main(settings: Settings) -> None:
    """Judge each, note, print."""
    paths = [checkpoints.find(model) for model in (settings.model, *settings.others)]
    cards = []
    for path in paths:
        card, _ = checkpoints.card_beside(path)
        if card is None:
            raise ValueError(f"{path} has no card; expected one that says how it was trained.")
        cards.append(card)
    check_alike(cards)
    images, labels = load_test(settings.limit)
    tested = [accuracy.judge(Recognizer.load(path), images, labels)[0]["accuracy"] for path in paths]
    found = {
        "seeds": [card.seed for card in cards],
        "validation": spread([card.validation["accuracy"] for card in cards]),
        "test": spread(tested),
    }
    for name, shares in list(found.items())[1:]:
        each = ", ".join(f"{share:.2%}" for share in shares["each"])
        print(f"{name}: {each}; mean {shares['mean']:.3%}, deviation {shares['deviation']:.3%}")
    if settings.limit is None:
        noted = replace(cards[0], config=cards[0].config | {"seeds": found})
        write_json(paths[0].with_suffix(".json"), noted.as_dict())


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
