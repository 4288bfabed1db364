"""What was collected."""

from digit_ui.sidebar import Choices


def collected_ui(choices: Choices) -> None:
    """Show it."""
