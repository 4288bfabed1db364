"""A digit reader that works on your handwriting, shows why it decided, and says when it is not sure."""

from digits.reading import NumberReading, Reading
from digits.recognizer import Recognizer

__all__ = ["NumberReading", "Reading", "Recognizer"]
