"""The printable sheet."""

from digit_ui.sidebar import Choices


def sheet_ui(choices: Choices) -> None:
    """Show it."""
