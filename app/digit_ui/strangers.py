"""Words that strangers chose, names of files and what stands in them, for places that understand Markdown."""

import re

from digits.network.foreign.refusal import plain


def as_text(words: object) -> str:
    """Return words in one line whose signs mean nothing: no picture is fetched, nothing is formatted."""
    return re.sub(r"([\\`*_\[\]<>$~|])", r"\\\1", plain(words, 800))
