"""A stand-in for the canvas, which Streamlit's test harness cannot run."""

import sys
import types

import pytest
from app_pages import Drawn


@pytest.fixture
def canvas(monkeypatch, tmp_path):
    """Put a fake canvas in place of the real one; set `.image` to draw on it, look into `.calls`.

    What pages keep of a visitor goes into the folder `kept` of the test.
    """
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "kept"))
    fake = types.SimpleNamespace(image=None, calls=[])

    def st_canvas(**arguments):
        fake.calls.append(arguments)
        return Drawn(fake.image)

    monkeypatch.setattr(sys.modules["streamlit_drawable_canvas"], "st_canvas", st_canvas, raising=False)
    return fake


@pytest.fixture
def own_models(canvas, surroundings):
    """Return a folder of models in place of the shipped ones, empty; the test digits are the tiny ones."""
    from app.shared import digit_source

    digit_source._mnist.clear()  # kept for all visitors: those of other tests
    yield surroundings / "models"
    digit_source._mnist.clear()
