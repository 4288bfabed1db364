"""A digit reader that works on your handwriting, shows why it decided, and says when it is not sure."""

from digits.recognizer import NumberReading, Reading, Recognizer

__all__ = ["NumberReading", "Reading", "Recognizer"]
