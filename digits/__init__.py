"""A digit reader that works on your handwriting, shows why it decided, and says when it is not sure."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digits.fields import Field, Total
    from digits.reading import NumberReading, Reading, TableReading
    from digits.recognizer import Recognizer

__all__ = ["Field", "NumberReading", "Reading", "Recognizer", "TableReading", "Total"]

MODULES = {"Field": "fields", "Total": "fields", "Recognizer": "recognizer"}
"""Where these are defined; the others in `reading`."""


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: `python -m digits --help` waits for no OpenCV."""
    if name not in __all__:
        raise AttributeError(f"module 'digits' has no attribute {name!r}")
    return getattr(import_module(f"digits.{MODULES.get(name, 'reading')}"), name)
