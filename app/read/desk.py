"""What is edited on a picture, and what can be done with its boxes: each kind of `Desk` says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from app.read.sources import PAGE, Source
from app.shared import work
from digits.deploy import boxes
from digits.deploy.boxes import Edits, View
from digits.models import alphabet
from digits.plots.text import percent
from digits.reading import Reading

LONGEST_TEXT = 40
MOST_ACTIONS = 500


@dataclass(frozen=True)
class Item:
    """One box, and what was read in it."""

    key: str
    """See `digits.deploy.boxes`."""
    title: str
    box: boxes.Box
    """In pixels of the view."""
    text: str
    """As it was read; "?" for what is no digit."""
    confidence: float
    doubtful: bool
    digits: list[Reading]
    place: tuple[int, int, int, int] | None = None
    """Row and column in a table, and how many it takes."""

    @property
    def is_read(self) -> bool:
        """Whether it holds digits, and all of them were read as one."""
        return bool(self.digits) and all(digit.label is not None for digit in self.digits)


@dataclass(frozen=True)
class Desk:
    """What is edited, and what can be done with its boxes."""

    source: Source
    view: View
    items: list[Item]
    words: str
    """For those who cannot see the picture."""

    kind: ClassVar[str] = ""
    """By which its edits are known, beside its source."""
    tools: ClassVar[tuple[str, ...]] = ()
    """Buttons over the picture, of those in `editor.html`."""
    is_ruled: ClassVar[bool] = False
    """Whether lines may be printed around the boxes."""
    is_digit: ClassVar[bool] = False
    """Whether each box holds one digit, or letter."""
    teaches: ClassVar[bool] = True
    """Whether what is said of a box is what is written in it."""
    shape: tuple[int, int] | None = None
    """Rows and columns of the grid beside the picture, where there is one."""
    heads: list[str] | None = None
    """What stands before its rows; None: their numbers."""
    told: ClassVar[tuple[str, str]] = (
        "Nothing is doubtful. Click a box to put it right.",
        "doubtful ones are put right.",
    )
    """Said where nothing waits: there was nothing, or of so many all are done."""
    chosen: str | None = None
    """The key of the box that is looked at first; None: the most doubtful."""
    more: int = 0
    """How many other pictures have something doubtful left."""
    labels: tuple[str, ...] = alphabet.DIGITS
    """What the model that read it can answer."""

    @property
    def name(self) -> tuple[str, str]:
        """By which its edits are known."""
        return self.kind, self.source.key

    @property
    def first(self) -> Any:
        """The edits before anything was done."""
        return Edits()

    @property
    def edits(self) -> Any:
        """What was done so far."""
        return steps(*self.name, self.first)[-1]

    @property
    def has_letters(self) -> bool:
        """Whether it may hold letters."""
        return alphabet.has_letters(self.labels)

    def said(self, item: Item) -> str | None:
        """Return what a person said of a box."""
        return self.edits.said.get(item.key)

    def note(self, item: Item) -> str:
        """Return what is told of a box."""
        said = self.said(item)
        done = "" if said is None else ": confirmed by you" if said == item.text else ": put right by you"
        return f"Read as {item.text or 'blank'}, {percent(item.confidence)} sure{done}"

    def changed(self, before: Any, action: Mapping[str, Any]) -> Any:
        """Return the edits after an action, which a browser sent: it may hold anything.

        Raises:
            ValueError: it cannot be done; one sentence that says why.
        """
        kind, key = action.get("do"), action.get("key")
        if kind == "say":
            return self.say(before, self.item(key), action.get("text"))
        if kind == "move":
            return before.draw({self.item(key).key: self.drawn(action)})
        if kind == "add":
            return before.draw(self.added(action))
        if kind == "split":
            return before.draw(self.divided(self.item(key)), [self.item(key).key])
        if kind == "merge":
            keys = action.get("keys")
            if not isinstance(keys, list) or len(keys) < 2:
                raise ValueError("There is no second box to join.")
            return before.draw(*self.joined([self.item(each) for each in keys[:MOST_ACTIONS]]))
        raise ValueError("This cannot be done here.")

    def item(self, key: object) -> Item:
        """Return the box with a key."""
        found = next((item for item in self.items if item.key == key), None)
        if found is None:
            raise ValueError("This box is no longer there.")
        return found

    def say(self, before: Edits, item: Item, text: object) -> Edits:
        """Return the edits with what a box says; what is as it was read only where that was doubtful."""
        if text is None:
            return before.say(item.key, None)
        text = str(text).strip()[:LONGEST_TEXT]
        known = alphabet.KNOWN if self.has_letters else alphabet.DIGITS
        if self.is_digit and text and text not in known:
            expected = "a letter or a digit" if self.has_letters else "0 to 9"
            raise ValueError(
                f"{text} cannot stand here; expected {expected}, or nothing where there is none."
            )
        return before.say(item.key, None if text == item.text and not item.doubtful else text)

    def drawn(self, action: Mapping[str, Any]) -> boxes.Box:
        """Return the box of an action, in pixels of the whole picture."""
        box = action.get("box")
        if not isinstance(box, list) or not all(type(side) in (int, float) for side in box):
            raise ValueError("A box is not x, y, width and height.")
        return self.view.back(self.view.clipped(box))

    def added(self, action: Mapping[str, Any]) -> dict[str, boxes.Box]:
        """Return the boxes, with keys, that an action adds."""
        raise ValueError("This cannot be done here.")

    def divided(self, item: Item) -> dict[str, boxes.Box]:
        """Return the boxes, with keys, into which one is divided."""
        raise ValueError("This cannot be done here.")

    def joined(self, items: list[Item]) -> tuple[dict[str, boxes.Box], list[str]]:
        """Return the box, with its key, that takes the place of several, and the keys of these."""
        raise ValueError("This cannot be done here.")

    def choose(self, key: object) -> None:
        """Take in that a box was chosen."""


def edits_of(kind: str, source: Source) -> Edits:
    """Return what a person did to the boxes of a picture so far, of a kind of desk."""
    return steps(kind, source.key)[-1]


def steps(kind: str, key: str, first: Any = None) -> list[Any]:
    """Return the edits after each step so far; `first`: those before any, if not empty."""
    return work.of(PAGE).setdefault("edits", {}).get((kind, key)) or [Edits() if first is None else first]
