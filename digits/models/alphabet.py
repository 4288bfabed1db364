"""What a model can answer: its labels, in the order of its outputs.

Most models answer digits; one of letters says so in its card, under `labels`.
"""

import string
from collections.abc import Sequence

DIGITS = tuple(string.digits)
"""What a model answers whose card does not say."""

ALIKE = "cijklmopsuvwxyz"
"""Letters whose two cases are written alike; EMNIST's balanced set takes them as one (Cohen et al., "EMNIST:
an extension of MNIST to handwritten letters", 2017, arXiv:1702.05373)."""

LOOK_ALIKES = ("0Oo", "1Il", "2Zz", "5Ss", "8B")
"""What only its surroundings tell apart, beside the two cases of what is in `ALIKE`."""

_APART = "".join(letter for letter in string.ascii_lowercase if letter not in ALIKE)

NAMED: dict[str, tuple[str, ...]] = {
    "digits": DIGITS,
    "upper": tuple(string.ascii_uppercase),
    "letters": tuple(string.ascii_uppercase + _APART),
    "47": (*DIGITS, *string.ascii_uppercase, *_APART),
    "62": (*DIGITS, *string.ascii_uppercase, *string.ascii_lowercase),
}
"""Usual alphabets by name; in "letters" and "47" cases that look alike are one."""

KNOWN = frozenset(string.digits + string.ascii_letters)
"""What may be a label."""


def checked(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels as an alphabet.

    Raises:
        ValueError: fewer than two, not each one digit or letter of ASCII, one twice, or digits alone but not
            all of them in order, as everything that knows digits expects them.
    """
    wrong = next((one for one in labels if not isinstance(one, str) or one not in KNOWN), None)
    twice = len(set(labels)) < len(labels) if wrong is None else False
    if wrong is not None or twice or len(labels) < 2:
        named = repr(wrong) if wrong is not None else repr("".join(labels))
        raise ValueError(f"Labels have {named[:80]}; expected two or more, each once: 0-9, A-Z, a-z.")
    if tuple(labels) != DIGITS and set(labels) <= set(DIGITS):
        raise ValueError(f"Labels are {''.join(labels)}; expected letters among them, or 0123456789.")
    return tuple(labels)


def of(name: str) -> tuple[str, ...]:
    """Return the alphabet of a name in `NAMED`, or that of the characters of the string.

    >>> len(of("47")), of("Aa7")
    (47, ('A', 'a', '7'))

    Raises:
        ValueError: neither; see `checked`.
    """
    return NAMED[name] if name in NAMED else checked(name)


def index(labels: Sequence[str], character: str) -> int | None:
    """Return the place of a character among labels, else of its other case, else None.

    >>> index(NAMED["47"], "c") == index(NAMED["47"], "C"), index(DIGITS, "c")
    (True, None)
    """
    found = (labels.index(one) for one in (character, character.swapcase()) if one in labels)
    return next(found, None)


def alike(character: str) -> str:
    """Return what a character might as well be, those first of which it is most often.

    >>> alike("0"), alike("C"), alike("4")
    ('Oo', 'c', '')
    """
    others = "".join(group for group in LOOK_ALIKES if character in group)
    if character.lower() in ALIKE:
        others = character.swapcase() + others
    return "".join(dict.fromkeys(others.replace(character, "")))


def has_letters(labels: Sequence[str]) -> bool:
    """Tell whether any label is no digit."""
    return any(label not in DIGITS for label in labels)
