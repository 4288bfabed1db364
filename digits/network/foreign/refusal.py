"""Saying no: one sentence, whatever stands in the file that it is about."""


class Refusal(ValueError):
    """A file must not be used; the message is one sentence that does not name the file."""


def shown(value: object, most: int = 60) -> str:
    """Return what a stranger's file says, fit for a sentence: short, without control characters."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plain(text: object, most: int = 200) -> str:
    """Return a text in one line that any terminal can bear."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
