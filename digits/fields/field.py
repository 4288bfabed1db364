"""What is known of one number or code: its length, pattern, values, range, check digit, calendar.

A field is an automaton for the search among texts (`Field.begins`, digit by digit) and a judge of whole ones
(`Field.fits`); which of those that fit is the most probable, `digits.numbers` finds, of letters `letters`.
"""

import dataclasses
import re
import string
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from digits import config
from digits.fields.checks import CHECKS, iban
from digits.models.sandbox.container import plain

LONGEST = 40
"""Digits of a field, at most."""

MOST_VALUES = 20_000
"""Values of a field, at most."""

WRITTEN, BRIEF = 100, 60
"""Letters of a pattern, at most, and of what a refusal repeats."""

UNEXPECTED, REFUTED = 0.02, -12.0
"""The chance that what is written does not fit what is known; and what fits is not taken where it is less
probable by so much, in nats, than what is read without."""

SEPARATORS = ".,-/: "
"""What may stand between the digits of a pattern."""

CALENDAR = {
    "DD": (1, 31),
    "MM": (1, 12),
    "YYYY": (1, 9999),
    "YY": (0, 99),
    "hh": (0, 23),
    "mm": (0, 59),
    "ss": (0, 59),
}
"""What may stand in a pattern for the parts of a date or a time, and from what to what each goes."""

CENTURY = 2000
"""To which years of two digits belong: that decides whether there was a 29 February."""

SIGNS = {
    "d": string.digits,
    "L": string.ascii_uppercase,
    "l": string.ascii_lowercase,
    "A": string.ascii_letters,
    "X": string.digits + string.ascii_letters,
}
"""What may stand in a pattern for one sign, and which signs it may be."""

PART = re.compile("|".join([*CALENDAR, *SIGNS, f"[{re.escape(SEPARATORS)}]"]))


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is known of a number, or of a code with letters: their pattern, and no more than a length and a
    check of one's own. "Digits" below are then all its signs.

    Raises:
        ValueError: some of it is out of range, or contradicts the rest; the message says what.
    """

    length: int | None = None
    """How many digits it has."""
    pattern: str | None = None
    """How it is written: d for a digit, L and l for a capital and a small letter, A for either, X for a digit
    or a letter, and `SEPARATORS`, e.g. "ddd-ddd" or "LL-dddd"; or a date or a time of the parts in
    `CALENDAR`, e.g. "DD.MM.YYYY" or "hh:mm". It has all of its digits, whether or not separators are
    written."""
    values: Sequence[str] | None = None
    """All that it may be, e.g. student numbers."""
    between: tuple[int, int] | None = None
    """The least and the largest number that its digits may be; without zeros before it, unless length or
    pattern say how many digits there are."""
    step: int | None = None
    """What number they are a multiple of."""
    check: str | Callable[[str], bool] | None = None
    """A name in `CHECKS`, "iban:" and a country, or what tells of 1 to 40 digits whether they are right."""

    def __post_init__(self) -> None:
        self._check_kinds()
        if self.length is not None:
            config.check("length", self.length, 1 <= self.length <= LONGEST, f"1 to {LONGEST}")
        if self.step is not None:
            config.check("step", self.step, self.step >= 1, "1 or more")
        if self.between is not None:
            low, high = self.between
            words = "two numbers from 0, the lower one first"
            config.check("between", plain(self.between, BRIEF), 0 <= low <= high < 10**LONGEST, words)
        if self.pattern is not None:
            parts, slots = "".join(self._parts), [part for part in self._slots if part in CALENDAR]
            good = parts == self.pattern and 1 <= self._digits <= LONGEST and len(self.pattern) <= WRITTEN
            good &= len({part[0] for part in slots}) == len(slots)
            words = (
                f"1 to {LONGEST} of d (or of letters: {', '.join([*SIGNS][1:])}), or each once "
                f"{', '.join(CALENDAR)}, and between them {SEPARATORS!r}"
            )
            config.check("pattern", plain(self.pattern, BRIEF), good, words)
        if self.has_letters:
            beside = [name for name in ("between", "step", "values") if getattr(self, name) is not None]
            beside += ["check"] * isinstance(self.check, str)
            words = "no more than a length and a check of one's own beside letters"
            config.check("pattern", f"{self.pattern} with {' and '.join(beside)}", not beside, words)
        if isinstance(self.check, str):
            known = self.check in CHECKS or re.fullmatch("iban:[A-Z]{2}", self.check)
            words = f"{', '.join(CHECKS)}, or iban: and a country's two capital letters"
            config.check("check", plain(self.check, BRIEF), bool(known), words)
        if self.values is not None:
            object.__setattr__(self, "values", tuple(self.values))
            words = f"1 to {LONGEST} digits in each, with or without separators"
            odd = next((one for one in self.values if not _digits(one)), None)
            config.check("one of values", repr(plain(odd, BRIEF)), odd is None, words)
            config.check(
                "values", len(self.values), 1 <= len(self.values) <= MOST_VALUES, f"1 to {MOST_VALUES:,}"
            )
        if not self.begins("") or (self.values is not None and not self.known):
            said = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
            words = ", ".join(
                f"{name} {plain(value, BRIEF)}" for name, value in said.items() if value is not None
            )
            raise ValueError(f"Nothing fits {words}; expected a field that does not contradict itself.")

    def _check_kinds(self) -> None:
        """Raise a ValueError if something is of another kind than it says."""
        kinds: dict[str, tuple[bool, str]] = {
            "length": (_whole(self.length), "a whole number"),
            "step": (_whole(self.step), "a whole number"),
            "pattern": (isinstance(self.pattern, str), "text"),
            "between": (
                isinstance(self.between, tuple | list)
                and len(self.between) == 2
                and all(map(_whole, self.between)),
                "two whole numbers",
            ),
            "values": (
                not isinstance(self.values, str)
                and isinstance(self.values, Sequence)
                and all(isinstance(one, str) for one in self.values),
                "a list of texts",
            ),
            "check": (isinstance(self.check, str) or callable(self.check), "a name or a function"),
        }
        for name, (good, words) in kinds.items():
            value = getattr(self, name)
            config.check(name, plain(value, BRIEF), value is None or good, words)

    @classmethod
    def parse(cls, words: Iterable[str]) -> "Field":
        """Return the field that words like "length=8" and "check=luhn" say; "values" and "between" are
        separated by commas.

        Raises:
            ValueError: a word is none of these, or see `Field`.
        """
        known: dict[str, Callable[[str], Any]] = {
            "length": int,
            "pattern": str,
            "values": lambda value: tuple(value.split(",")),
            "between": lambda value: tuple(int(one) for one in value.split(",")),
            "step": int,
            "check": str,
        }
        said: dict[str, Any] = {}
        for word in words:
            name, _, value = word.partition("=")
            config.check("The field", f"{plain(name, BRIEF)} twice", name not in said, "each once")
            try:
                said[name] = known[name](value)
            except (KeyError, ValueError) as error:
                raise ValueError(
                    f"The field {plain(word, BRIEF)!r} is not understood; expected e.g. length=8, "
                    "pattern=dd.dd, values=12,15, between=0,60, step=5 or check=luhn."
                ) from error
        return cls(**said)

    def begins(self, digits: str) -> bool:
        """Tell whether digits may begin a text that fits, as far as can be said before its end: all that does
        fit is begun so, but not all that is begun so can be ended; a check digit is not asked."""
        lengths = [length for length in self._lengths if length >= len(digits)]
        if self._natural and digits[:1] == "0":
            lengths = [length for length in lengths if length == 1]
        if self.has_letters and not all(map(str.__contains__, self.signs, digits)):
            return False
        if not lengths or not all(low <= high for low, high in self._calendar(digits)):
            return False
        if self.values is not None:
            place = bisect_left(self.known, digits)
            if place == len(self.known) or not self.known[place].startswith(digits):
                return False
        return any(self._reaches(digits, length) for length in lengths)

    def fits(self, digits: str) -> bool:
        """Tell whether digits are what is expected."""
        plain_digits = digits.isascii() and digits.isdigit()
        if not (plain_digits or self.has_letters) or len(digits) not in self._lengths:
            return False
        if not self.begins(digits):
            return False
        if self.values is not None and digits not in self._set:
            return False
        return self._is_date(digits) and (self.check is None or self._checked(digits))

    def written(self, digits: str) -> str:
        """Return digits that fit as the pattern writes them, or the values do."""
        if self.values is not None:
            return self._spellings[digits]
        if self.pattern is None:
            return digits
        rest = iter(digits)
        return "".join(
            part if part in SEPARATORS else "".join(islice(rest, len(part))) for part in self._parts
        )

    @cached_property
    def has_letters(self) -> bool:
        """Whether letters may stand in it: a model of digits cannot read it."""
        return any(part in SIGNS and part != "d" for part in self._slots)

    @cached_property
    def signs(self) -> list[str]:
        """What may stand at each place, without separators; digits wherever no pattern says otherwise."""
        found = [SIGNS.get(part, string.digits) for part in self._slots for _ in part]
        return found or [string.digits] * LONGEST

    @property
    def _natural(self) -> bool:
        """Whether it is a number without zeros before it."""
        return self.between is not None and self.length is None and self.pattern is None

    @cached_property
    def _parts(self) -> list[str]:
        return PART.findall(self.pattern or "")

    @cached_property
    def _slots(self) -> list[str]:
        """The parts of the pattern that are digits and letters."""
        return [part for part in self._parts if part not in SEPARATORS]

    @property
    def _digits(self) -> int:
        """How many digits the pattern has."""
        return sum(map(len, self._slots))

    @cached_property
    def known(self) -> list[str]:
        """The digits of all values that fit the rest, sorted."""
        if self.values is None:
            return []
        rest = dataclasses.replace(self, values=None)
        return sorted({digits for digits in map(_digits, self.values) if rest.fits(digits)})

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Each value by its digits; of several with the same, the first."""
        return {_digits(value): value for value in reversed(self.values or ())}

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.known)

    @cached_property
    def _lengths(self) -> list[int]:
        """How many digits there may be."""
        lengths = set(range(1, LONGEST + 1))
        if self.length is not None:
            lengths &= {self.length}
        if self.pattern is not None:
            lengths &= {self._digits}
        if self.values is not None:
            lengths &= set(map(len, self.known))
        if self._natural:
            low, high = (len(str(end)) for end in self.between or ())
            lengths &= set(range(low, high + 1))
        return sorted(lengths)

    def _reaches(self, digits: str, length: int) -> bool:
        """Tell whether digits may go on to a number of so many in range, of which the step is a part."""
        if self.between is None and self.step is None:
            return True
        power = 10 ** (length - len(digits))
        first = int(digits or 0) * power
        low, high = self.between or (0, 10**length)
        low, high = max(low, first), min(high, first + power - 1)
        step = self.step or 1
        return -(-low // step) * step <= high

    def _calendar(self, digits: str) -> Iterator[tuple[int, int]]:
        """Yield for each part of a date or a time that digits begin which of its values are left."""
        place = 0
        for part in self._slots:
            here, place = digits[place : place + len(part)], place + len(part)
            if part in CALENDAR and here:
                power = 10 ** (len(part) - len(here))
                (low, high), first = CALENDAR[part], int(here) * power
                yield max(low, first), min(high, first + power - 1)

    def _is_date(self, digits: str) -> bool:
        place, said = 0, dict[str, int]()
        for part in self._slots:
            if part in CALENDAR:
                said[part] = int(digits[place : place + len(part)])
            place += len(part)
        if not {"DD", "MM"} <= said.keys():
            return True
        year = said.get("YYYY", CENTURY + said.get("YY", 0))  # 2000 is a leap year: any day may be in it
        return said["DD"] <= monthrange(year, said["MM"])[1]

    def _checked(self, digits: str) -> bool:
        if callable(self.check):
            return bool(self.check(digits))
        name = str(self.check)
        return iban(name[-2:], digits) if name.startswith("iban:") else CHECKS[name](digits)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _digits(text: str) -> str:
    """Return the digits of a value, "" if anything but separators is beside them."""
    bare = "".join(one for one in text if one not in SEPARATORS)
    return bare if bare.isascii() and bare.isdigit() and len(bare) <= LONGEST else ""
