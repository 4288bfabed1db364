"""Numbers as people read them: the one place that decides on digits, signs and certainty."""

import re


def percent(share: float) -> str:
    """Return a share in words that never claim certainty.

    >>> percent(0.9876), percent(0.99999)
    ('98.8 %', 'over 99.9 %')
    """
    if share > 0.999:
        return "over 99.9 %"
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"


def listed(parts: list[str]) -> str:
    """Return one thing or several as people name them.

    >>> listed(["a point"]), listed(["a point", "a dash", "2 commas"])
    ('a point', 'a point, a dash and 2 commas')
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def articles(text: str) -> str:
    """Return a text in which a digit has the article that people say before it.

    >>> articles("Is it a **8**, a 3 or a 80?")
    'Is it an **8**, a 3 or an 80?'
    """
    return re.sub(r"\b([Aa]) (?=\W*8)", r"\1n ", text)


def two_digits(value: float) -> str:
    """Return a number with two digits after the point, never "-0.00".

    >>> two_digits(-0.001), two_digits(2.345)
    ('0.00', '2.35')
    """
    return f"{round(float(value), 2) + 0.0:.2f}"


def short(value: float, digits: int = 3) -> str:
    """Return a number with so many digits that count.

    >>> short(4.8215), short(-0.00001), short(0.01234, 4), short(999.7), short(12345.6)
    ('4.82', '0', '0.01234', '1000', '12346')
    """
    if abs(value) < 1e-4:
        return "0"
    return f"{float(value):.{digits}g}" if abs(value) < 999.5 else f"{float(value):.0f}"


def about(value: float) -> str:
    """Return a number as people say it.

    >>> about(13.6), about(3.16), about(0.42)
    ('14', '3', '0.4')
    """
    return f"{value:.0f}" if value >= 1 else f"{value:.1f}"


def rounded(value: float, digits: int = 4) -> float:
    """Return a number with so many digits that count, as a number: for charts, where people point at it.

    >>> rounded(0.123456)
    0.1235
    """
    return float(f"{float(value):.{digits}g}")
