"""The lesson."""

from digit_ui.sidebar import Choices


def schooling_ui(choices: Choices) -> None:
    """Show it."""
