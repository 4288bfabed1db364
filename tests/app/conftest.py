"""A stand-in for the canvas, which Streamlit's test harness cannot run."""

import json
import sys
import types

import pytest
import streamlit
from app_pages import Drawn


@pytest.fixture
def canvas(monkeypatch, tmp_path):
    """Put a fake canvas in place of the real one; set `.image` to draw on it, look into `.calls`.

    What pages keep of a visitor goes into the folder `kept` of the test; what they want done for a model in
    the background is not done, but stands in `.tasks`.
    """
    monkeypatch.setenv("DIGITS_USER_DIR", str(tmp_path / "kept"))
    from digits.train.jobs import tasks

    fake_tasks = []
    monkeypatch.setattr(tasks, "start", lambda model, kind: fake_tasks.append((model, kind)))
    fake = types.SimpleNamespace(image=None, calls=[], tasks=fake_tasks)

    def st_canvas(**arguments):
        fake.calls.append(arguments)
        drawn = Drawn(fake.image)
        streamlit.session_state[arguments["key"]] = {"drawing": {"raw": drawn.json_data}}
        return drawn

    monkeypatch.setattr(sys.modules["streamlit_drawable_canvas"], "st_canvas", st_canvas, raising=False)
    return fake


class Editor:
    """A stand-in for the editor of boxes, which lives in the browser."""

    def __init__(self):
        self.calls, self.actions, self.waiting = [], [], []

    def __call__(self, key, data, on_log_change):
        self.calls.append(json.loads(json.dumps(data)))
        self.key, self.taken = key, on_log_change

    def begin(self) -> None:
        """Take in what waits, as callbacks do: before anything is drawn."""
        while self.waiting:
            streamlit.session_state[self.key] = {"log": json.loads(json.dumps(self.waiting.pop()))}
            self.taken()

    @property
    def items(self) -> dict[str, dict]:
        """What it shows last, by title."""
        return {item["t"]: item for item in self.calls[-1]["items"]}

    @property
    def grid(self) -> list[list[str]]:
        """The texts of a table, row by row."""
        rows, columns = self.calls[-1]["shape"]
        texts = [[""] * columns for _ in range(rows)]
        for item in self.calls[-1]["items"]:
            texts[item["at"][0]][item["at"][1]] = item["r"] if item["s"] is None else item["s"]
        return texts

    def act(self, app, do: str, title: str = "", **more) -> None:
        """Do something, to the box with a title, as a person does in the browser, and let the page answer."""
        more |= {"key": self.items[title]["k"]} if title else {}
        self.actions.append({"do": do, "n": len(self.actions) + 1, "name": self.calls[-1]["name"], **more})
        self.send(app, {"mount": "here", "actions": self.actions[-3:]})  # some of them once more

    def send(self, app, log) -> None:
        """Send a log of actions, and let the page answer."""
        self.waiting.append(log)
        app.run()
        assert not app.exception


@pytest.fixture
def editor(canvas, monkeypatch):
    """Put a fake editor in place of the real one."""
    from app.read import editor as page
    from app.shared import work

    fake, begin = Editor(), work.begin
    monkeypatch.setattr(page, "_component", fake)
    monkeypatch.setattr(work, "begin", lambda: (begin(), fake.begin()))
    return fake


@pytest.fixture
def own_models(canvas, surroundings):
    """Return a folder of models in place of the shipped ones, empty; the test digits are the tiny ones."""
    from app.shared import digit_source

    digit_source._mnist.clear()  # kept for all visitors: those of other tests
    yield surroundings / "models"
    digit_source._mnist.clear()
