"""A stand-in for the canvas, which Streamlit's test harness cannot run."""

import sys
import types

import pytest
from app_pages import Drawn

from digits.contract import ROOT


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

    module = types.ModuleType("streamlit_drawable_canvas")
    module.st_canvas = st_canvas
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", module)
    monkeypatch.syspath_prepend(str(ROOT / "app"))
    for name in [name for name in list(sys.modules) if name.startswith("digit_ui")]:  # a model may be loading
        monkeypatch.delitem(sys.modules, name)
    return fake
