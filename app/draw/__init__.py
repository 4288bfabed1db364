"""The page to draw, upload or photograph one digit."""

from app.shared import icons

PAGE = "draw"
"""Under which its files are kept."""

SOURCES = {
    "Draw": f"{icons.HELLO} Draw a digit from 0 to 9 in the box. The answer appears here as you draw.",
    "Upload": f"{icons.HELLO} Choose a picture of one handwritten digit, dark on light or light on dark.",
    "Camera": f"{icons.HELLO} Take a picture of one handwritten digit, large and upright.",
}
"""Where a digit comes from, with what to do."""

PLACES = ("answer", "status", "chart", "right", "onward_ui", "steps")
"""Keys of the containers of an answer."""
