"""Guided writing on the canvas."""

from digit_ui.sidebar import Choices


def guided_ui(choices: Choices) -> None:
    """Show it."""
