"""What the tests of all pages share: the start of the app, a drawn seven, and what stands on a page."""

import io
import re
import zlib

import numpy as np
from handwriting import strokes
from PIL import Image
from streamlit.testing.v1 import AppTest

from digits.config import ROOT
from digits.data.strokes import draw

HOME = str(ROOT / "app" / "Home.py")
SEVEN = 255 - draw(strokes(7, 180, 50, 50), 280, 18)
"""(280, 280) uint8, dark on light."""


class Drawn:
    """What the canvas component returns."""

    def __init__(self, image):
        self.image_bytes = self.json_data = None
        if image is not None:
            rgba = np.dstack([image] * 3 + [np.full_like(image, 255)])
            file = io.BytesIO()
            Image.fromarray(rgba).save(file, "PNG")
            self.image_bytes = file.getvalue()
            stroke = {"type": "path", "stroke": "#000000", "path": zlib.crc32(image.tobytes())}
            self.json_data = {"objects": [stroke]}


def start(page=None, **state):
    """Open the app at its first page or another, e.g. "explain", with values of its session."""
    app = AppTest.from_file(HOME, default_timeout=300)
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    return app if page is None else sound(app.switch_page(f"{page}/page.py").run())


def sound(app):
    """Return the app if its last run brought no exception."""
    assert not app.exception
    return app


def choose(app, kind: str, key: str, value):
    """Set a widget, e.g. the selectbox "model"."""
    return sound(getattr(app, kind)(key=key).set_value(value).run())


def texts(app):
    """Return all that stands on the page as Markdown."""
    return [element.value for element in app.markdown]


def words(app) -> str:
    """Return the same with captions and notes, in one, without what keeps others' words from meaning more."""
    kinds = ("markdown", "caption", "info")
    text = "\n".join(element.value for kind in kinds for element in app.get(kind))
    return re.sub(r"\\([^a-zA-Z0-9\s])|\u2060", r"\1", text)


def html(app) -> str:
    """Return all HTML of the page."""
    return "\n".join(element.value for element in app.get("html"))


def pictures(app) -> dict[str, str]:
    """Return the pictures that stand on the page, by their names; of equal names the last."""
    return {name: source for source, name in re.findall(r'<img src="([^"]+)" alt="([^"]+)"', html(app))}
