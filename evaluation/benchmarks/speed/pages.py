"""How long a page of the app takes to answer, by Streamlit's test harness: all but browser and network."""

import sys
import time
import types

from streamlit.testing.v1 import AppTest

from digits.config import ROOT

ASKED = {"severity_ms": 300.0}
"""At most, on two cores: one move of the slider."""


def severity_change(turns: int) -> list[float]:
    """Return the seconds that each of so many moves of the severity slider takes on the Robustness page.

    A test digit, and the models that the page begins with. The first answer, for which models load, does not
    count. The harness runs the whole page each time, a browser only the part around the slider.
    """
    app = _open_page("robustness", robustness_source="A test digit")
    seconds = []
    for turn in range(turns + 1):
        slider = app.slider(key="damage_severity")
        begin = time.perf_counter()
        app = slider.set_value(1 + turn % 5).run()
        seconds.append(time.perf_counter() - begin)
        if app.exception:
            raise ValueError(f"The page failed: {app.exception[0].value}")
    return seconds[1:]


def _open_page(name: str, **state) -> AppTest:
    # The canvas cannot be imported outside a server; the page asks only whether anything was drawn.
    canvas = types.ModuleType("streamlit_drawable_canvas")
    canvas.st_canvas = lambda **arguments: types.SimpleNamespace(image_data=None, json_data=None)
    sys.modules["streamlit_drawable_canvas"] = canvas
    app = AppTest.from_file(str(ROOT / "app" / "Home.py"), default_timeout=300)
    for key, value in state.items():
        app.session_state[key] = value
    return app.run().switch_page(f"{name}/page.py").run()
