"""What a layer makes of a shape and what that costs: the words in which `outline` and its rules speak.

A shape is without the batch: (28, 28, 1). Whatever is missing in a description raises KeyError or TypeError,
which `outline` turns into a sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digits.network.foreign.refusal import Refusal, shown

Shape = tuple[int, ...]
Config = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What one layer does to one frame."""

    shape: Shape
    """Of its output."""
    parameters: int = 0
    """Numbers that it keeps, whether they are learnt or not."""
    work: int = 0
    """Multiplications."""
    between: int = 0
    """Values that it makes on the way to its output."""


Rule = Callable[[Config, list[Shape]], Cost]

MOST_SIDES = 6
"""Of a shape."""


def count(value: Any, least: int = 1) -> int:
    """Return a whole number of at least 1, or of `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Refusal(
            f"One of its layers has the size {shown(value)}; expected a whole number from {least} on."
        )
    return value


def sizes(value: Any, sides: list[int]) -> list[int]:
    """Return a size per side; one number stands for all."""
    found = [count(size) for size in (value if isinstance(value, list) else [value] * len(sides))]
    if len(found) != len(sides):
        raise Refusal(f"One of its layers has the sizes {shown(value)} for {len(sides)} sides.")
    return found


def bias(config: Config, size: int) -> int:
    """Return how many parameters a bias of this size adds."""
    return size if config.get("use_bias", True) else 0


def plain_map(config: Config, shapes: list[Shape]) -> Shape:
    """Return the one shape that arrives, of a layer that takes maps with the channels last."""
    (shape,) = shapes
    if config.get("data_format") not in (None, "channels_last"):
        raise Refusal("It wants channels first, which needs a graphics card; expected channels last.")
    return shape
