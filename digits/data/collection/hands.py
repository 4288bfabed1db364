"""The hands whose digits a folder keeps apart: "My hand", "left hand", "class 4b"."""

from pathlib import Path

from digits.config import user_dir
from digits.data.collection.database import FIRST, FIRST_NAME, PictureFolder, Table
from digits.data.collection.store import Store

MOST, LONGEST = 50, 40
"""Hands in a folder, and letters of a name."""

__all__ = ["FIRST", "FIRST_NAME", "LONGEST", "MOST", "Hands"]


class Hands:
    """The hands in a folder. There is always one, at first `FIRST_NAME`."""

    def __init__(self, folder: Path | None = None):
        """Name the folder, by default `config.user_dir()`; nothing is made before it is needed."""
        self.folder = Path(folder) if folder else user_dir()
        self._table = Table(self.folder / "collection.sqlite")

    def names(self) -> dict[int, str]:
        """Return the names of all hands by their numbers, oldest first."""
        return self._table.hands()

    def store(self, hand: int = FIRST) -> Store:
        """Return the digits of a hand."""
        return Store(self.folder, hand)

    def add(self, name: str) -> Store:
        """Add a hand; return its store, which is empty.

        Raises:
            ValueError: no name, the name of another hand, or there are `MOST` already.
        """
        return self.store(self._table.add_hand(checked_name(name), MOST))

    def rename(self, hand: int, name: str) -> None:
        """Give a hand another name.

        Raises:
            ValueError: no name, or the name of another hand; or the hand is gone.
        """
        self._table.rename_hand(hand, checked_name(name))

    def remove(self, hand: int) -> None:
        """Remove a hand with all its digits and their files, for good.

        Raises:
            ValueError: it is gone already, or the only one.
        """
        files = PictureFolder(self.folder / "pictures")
        for stem in self._table.forget_hand(hand):
            files.remove(stem)

    def free_name(self, wanted: str) -> str:
        """Return a name that no hand has: the wanted one, or that with a number behind it."""
        taken = {name.casefold() for name in self.names().values()}
        tries = [wanted, *(f"{wanted[: LONGEST - 4]} {n}" for n in range(2, MOST + 2))]
        return next(name for name in tries if name.casefold() not in taken)


def checked_name(name: object) -> str:
    """Return a name for a hand, without space around it.

    Raises:
        ValueError: anything but a line of 1 to `LONGEST` letters.
    """
    plain = name.strip() if isinstance(name, str) else ""
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise ValueError(f"{str(name)[:LONGEST]!r} is no name for a hand; expected 1 to {LONGEST} letters.")
    return plain
