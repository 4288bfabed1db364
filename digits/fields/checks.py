"""Check digits, by name: formulas of the field, each of which finds every single wrong digit."""

from collections.abc import Callable


def luhn(digits: str) -> bool:
    """Tell whether the last digit checks the others by Luhn's formula (US patent 2,950,048): bank cards."""
    doubled = "".join(str(int(d) * (1 + place % 2)) for place, d in enumerate(reversed(digits)))
    return sum(map(int, doubled)) % 10 == 0


def mod11(digits: str) -> bool:
    """Tell whether the last digit checks the others modulo 11 with weights that fall to 1: ISBN-10, NHS
    numbers."""
    return sum(int(d) * weight for weight, d in enumerate(reversed(digits), 1)) % 11 == 0


def mod97(digits: str) -> bool:
    """Tell whether the last two digits check the others (ISO 7064, MOD 97-10)."""
    return int(digits) % 97 == 1


def isbn(digits: str) -> bool:
    """Tell whether these are an ISBN of 10 digits (ISO 2108; no X at the end) or of 13."""
    if len(digits) == 10:
        return mod11(digits)
    weighted = sum(int(d) * (1 + 2 * (place % 2)) for place, d in enumerate(digits))
    return len(digits) == 13 and digits[:3] in ("978", "979") and weighted % 10 == 0


def iban(country: str, digits: str) -> bool:
    """Tell whether these are the digits of an IBAN (ISO 13616) behind the two letters of its country."""
    letters = "".join(str(ord(letter) - ord("A") + 10) for letter in country)
    return len(digits) > 2 and mod97(digits[2:] + letters + digits[:2])


CHECKS: dict[str, Callable[[str], bool]] = {"luhn": luhn, "mod11": mod11, "mod97": mod97, "isbn": isbn}
"""By name; and "iban:DE" for any country."""
