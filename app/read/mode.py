"""What is read from pictures - numbers, tables, forms - and the one way that all of them go: bring pictures,
read them, choose one, put it right, take everything as files."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import streamlit as st

from app.read import editor, listing, sources
from app.read.listing import File
from app.read.sources import Asked, Source
from app.shared import work
from app.shared.sidebar import Choices
from digits import Recognizer
from digits.deploy.batch.read import Opener


@dataclass(frozen=True)
class One:
    """The picture that is looked at."""

    source: Source
    read: Any
    """As it was read."""
    row: Any
    """As the person put it right."""
    asked: Asked
    more: int
    """How many other pictures have something doubtful left."""


class Mode(ABC):
    """One kind of what is read. A row is what became of one picture; it has `file` and `error`."""

    label: ClassVar[str]
    kind: ClassVar[str]
    """Begins the keys of its widgets, and of what is kept."""
    hints: ClassVar[Mapping[str, str]]
    """What to do, by source."""
    slot: ClassVar[str] = ""
    """Begins the names of its pictures; of one name they are the same."""
    is_slow: ClassVar[bool] = True

    def begin_ui(self) -> bool:
        """Draw what comes before the pictures; return whether they can come."""
        return True

    @abstractmethod
    def question_ui(self) -> Any:
        """Draw what else can be known; return what is asked of each picture, something that can be a key;
        None after showing what is wrong."""

    @abstractmethod
    def read(
        self, reader: Callable[[], Recognizer], found: Iterable[tuple[str, Opener]], question: Any, jobs: int
    ) -> Iterator[Any]:
        """Read pictures, a row each; see `digits.deploy.batch.read`."""

    @abstractmethod
    def edited(self, source: Source, row: Any, asked: Asked) -> Any:
        """Return a row as the person put it right."""

    @abstractmethod
    def doubt(self, row: Any) -> float:
        """Return how doubtful what was not put right on a row is, in [0, 1]."""

    @abstractmethod
    def is_waiting(self, row: Any) -> bool:
        """Tell whether something on a row is doubtful that was not put right."""

    @abstractmethod
    def line(self, row: Any) -> dict[str, Any]:
        """Return a row as a line of the list, by column."""

    def columns(self, question: Any) -> dict[str, Any]:
        """Return how columns of the list are shown."""
        return {}

    @abstractmethod
    def show(self, one: One | None, hint: str) -> None:
        """Show one picture to put it right; without one, the hint."""

    @abstractmethod
    def files(self, rows: list[Any], question: Any) -> list[File]:
        """Return all rows as files."""


def run(mode: Mode, choices: Choices) -> None:
    """Show input, list, one picture and files; the containers are there in every state."""
    if not mode.begin_ui():
        return
    chosen, found = sources.sources_ui(choices, mode.hints, mode.kind, mode.slot)
    question = mode.question_ui()
    many, desk, files = st.container(key="many"), st.container(key=mode.kind), st.container(key="files")
    one, rows = None, []
    with many:
        asked = sources.asked(choices, question) if found and question is not None else None
        if asked:
            read = sources.read(asked, found, mode.kind, mode.read, mode.is_slow)
            rows = [mode.edited(*pair, asked) for pair in zip(found, read, strict=True)]
            place, more = _chosen_ui(mode, found, read, rows, question)
            one = One(found[place], read[place], rows[place], asked, more)
    with desk:
        mode.show(one, mode.hints[chosen])
    with files:
        if one:
            listing.files_ui(mode.files(rows, question))


def _chosen_ui(
    mode: Mode, found: list[Source], read: list[Any], rows: list[Any], question: Any
) -> tuple[int, int]:
    """Draw the list, if there is more than one picture; return the place of the one to look at, and how many
    others have something doubtful left."""
    go_on = st.session_state.pop(editor.GO_ON, False)
    if len(rows) == 1:
        return 0, 0
    # By the doubt before any correction: the list must not shuffle under the visitor's hands.
    order = sorted(
        range(len(rows)),
        key=lambda i: (not read[i].error, not mode.is_waiting(read[i]), -mode.doubt(read[i]), i),
    )
    waiting = {i for i in order if not rows[i].error and mode.is_waiting(rows[i])}
    first = next((line for line, i in enumerate(order) if not rows[i].error), 0)
    if look := work.of(sources.PAGE).get("look"):  # it was carried here from another page
        first = next((line for line, i in enumerate(order) if found[i].key.startswith(f"{look}/")), first)
    name = f"{mode.kind}-{hash(tuple(source.key for source in found))}"
    lines = [mode.line(rows[i]) | listing.about(rows[i], mode.doubt(rows[i])) for i in order]

    def after(line: int) -> int:
        return next((at for at in [*range(line + 1, len(order)), *range(line)] if order[at] in waiting), line)

    line = listing.table_ui(lines, mode.columns(question), first, name, after if go_on else None)
    return order[line], len(waiting - {order[line]})
