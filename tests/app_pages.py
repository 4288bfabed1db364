"""What the tests of all pages share: the start of the app, and a drawn seven."""

import numpy as np
from handwriting import strokes
from streamlit.testing.v1 import AppTest

from digits.config import ROOT
from digits.data.strokes import draw

HOME = str(ROOT / "app" / "Home.py")
SEVEN = 255 - draw(strokes(7, 180, 50, 50), 280, 18)
"""(280, 280) uint8, dark on light."""


class Drawn:
    """What the canvas component returns."""

    def __init__(self, image):
        self.image_data = None if image is None else np.dstack([image] * 3 + [np.full_like(image, 255)])
        self.json_data = None if image is None else {"objects": [{"type": "path", "stroke": "#000000"}]}


def start(**state):
    """Open the app at its first page, with values of its session."""
    app = AppTest.from_file(HOME, default_timeout=120)
    for key, value in state.items():
        app.session_state[key] = value
    return app.run()


def texts(app):
    """Return all that stands on the page as Markdown."""
    return [element.value for element in app.markdown]
