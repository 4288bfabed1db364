"""The card beside a model: what it was trained on, how well it did, its temperature and thresholds.

A card may come from anywhere, like the model; what the app and the recognizer rely on is checked.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digits.config import FRAME_VERSION, SIDE
from digits.files import read_json
from digits.models.sandbox.container import plain

INPUT = {"shape": [SIDE, SIDE, 1], "range": [0.0, 1.0], "polarity": "bright ink on black"}
"""What our models take."""

LARGEST_CARD = 2**20  # bytes


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_threshold_row(row: Any) -> bool:
    if not isinstance(row, dict) or not {"unsure_below", "refused", "errors_caught"} <= row.keys():
        return False
    return all(_is_number(value, -1e6, 1e6) for value in row.values())


def _is_range(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(_is_number(v, -1e4, 1e4) for v in value)
    return numbers and value[0] < value[1]


CARD_CHECKS: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str),
    "parameters": lambda value: _is_number(value, 1, 1e12),
    "architecture": lambda value: isinstance(value, str),
    "trained_on": lambda value: isinstance(value, list) and all("name" in source for source in value),
    "input": lambda value: isinstance(value, dict) and _is_range(value.get("range", [0, 1])),
    "created": lambda value: isinstance(value, str),
    "versions": lambda value: isinstance(value, dict),
    "hardware": lambda value: isinstance(value, str),
    "config": lambda value: isinstance(value, dict),
    "validation": lambda value: isinstance(value, dict) and "accuracy" in value,
    "temperature": lambda value: _is_number(value, 1e-3, 1e3),
    "thresholds": lambda value: isinstance(value, dict) and _is_number(value.get("unsure_below"), 0, 1),
    "minutes": lambda value: _is_number(value, 0, 1e9),
    "trade_off": lambda value: isinstance(value, list) and all(_is_threshold_row(row) for row in value),
    "promises": lambda value: isinstance(value, dict) and all(_is_number(v, 0, 1e6) for v in value.values()),
    "history": lambda value: isinstance(value, list) and all("epoch" in row for row in value),
}
"""What the app and the recognizer rely on."""

OPTIONAL = {"trade_off", "promises", "history"}
"""What older cards lack."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a checkpoint says about itself."""

    name: str
    architecture: str
    parameters: int
    trained_on: list[dict[str, str]]  # name, licence and attribution of each data set
    config: dict[str, Any]
    seed: int
    validation: dict[str, float]  # n, accuracy, loss
    temperature: float
    thresholds: dict[str, float]
    created: str
    versions: dict[str, str]
    minutes: float
    hardware: str
    input: dict[str, Any] = field(default_factory=lambda: dict(INPUT))
    frame_version: int = FRAME_VERSION
    sha256: str = ""
    trade_off: list[dict[str, float]] = field(default_factory=list)  # thresholds and their price, lax first
    promises: dict[str, float] = field(default_factory=dict)  # requirements: a measure and its limit
    history: list[dict[str, float]] = field(default_factory=list)  # loss, accuracy and validation by epoch

    @classmethod
    def read(cls, path: Path) -> "Card":
        """Read a card.

        Raises:
            ValueError: not a card, or made for another way of framing; the message says which.
        """
        if not path.is_file():  # to open a pipe is to wait for whoever fills it
            raise ValueError(f"{path.name} is no plain file, which a card is.")
        if path.stat().st_size > LARGEST_CARD:
            raise ValueError(
                f"{path.name} has {path.stat().st_size:,} bytes; a card has {LARGEST_CARD:,} at most."
            )
        return cls.parse(read_json(path), path.name)

    @classmethod
    def parse(cls, values: Any, file: str) -> "Card":
        """Make a card of what stands in a file of that name; see `read`."""
        known = {f.name for f in dataclasses.fields(cls)}
        required = known - OPTIONAL
        if missing := sorted(required - (values.keys() if isinstance(values, dict) else set())):
            raise ValueError(f"{file} is not a complete model card; missing: {', '.join(missing)}.")
        if values["frame_version"] != FRAME_VERSION:
            raise ValueError(
                f"{file} was made for frame version {values['frame_version']}; "
                f"expected {FRAME_VERSION}: train the model again."
            )
        for key, good in CARD_CHECKS.items():
            try:
                is_good = key not in values or good(values[key])
            except TypeError:  # it looks for something inside a number
                is_good = False
            if not is_good:
                raise ValueError(
                    f"{file} has {key} = {plain(repr(values[key]), 80)}, which no card of ours has."
                )
        return cls(**{key: values[key] for key in known & values.keys()})
