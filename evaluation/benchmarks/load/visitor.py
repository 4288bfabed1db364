"""A visitor without a browser: it speaks to the app as Streamlit's own page does, and looks at what comes.

Each click or stroke is one message that says what all widgets hold; the app sends the new parts of the page,
and then that it has finished.
"""

import asyncio
import time
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

from evaluation.benchmarks.load.drawings import Step
from evaluation.benchmarks.load.page import Page

PATIENCE = 60.0
"""Seconds until an answer counts as missing."""


@dataclass(frozen=True)
class Answer:
    """What became of a stroke."""

    text: str | None
    """What stands in the place of the answer, if anything."""
    first: float | None
    """Seconds until that stood there."""
    seconds: float
    """Until the page had all that belongs to it."""


class Visitor:
    """One session of the app: `async with Visitor(address) as visitor`.

    The first three methods are those of a `load.browsers.Window` too. All of them, and coming in, raise an
    OSError where the app cannot be reached or does not answer in time, websockets' ConnectionClosed where the
    line breaks off, and a ValueError for what is not on the page.
    """

    def __init__(self, address: str):
        self.page, self._address = Page(), address

    async def __aenter__(self) -> "Visitor":
        """Come in, and wait for the whole first page."""
        self._line = await connect(
            self._address.replace("http", "ws", 1) + "/_stcore/stream",
            origin=self._address,
            subprotocols=["streamlit"],
            proxy=None,
            open_timeout=PATIENCE,
            ping_interval=None,  # a browser sends none
            max_size=None,
        )
        await self._run(BackMsg())
        return self

    async def __aexit__(self, *error) -> None:
        """Close the window."""
        await self._line.close()

    async def draw(self, step: Step) -> Answer:
        """Draw the last stroke of a step: hand in what the canvas then reports, and wait for the answer."""
        self.page.widgets["canvas"] = WidgetState(id=self.page.widget("canvas-"), json_value=step.value)
        asked = self._asked()
        asked.rerun_script.fragment_id = self.page.fragment("canvas")
        begin = time.perf_counter()
        first = await self._run(asked, "answer")
        seconds = time.perf_counter() - begin
        return Answer(self.page.text("answer"), first and first - begin, seconds)

    async def clear(self) -> None:
        """Clear the canvas, and wait until it is."""
        await self.press("clear")

    async def problems(self) -> list[str]:
        """Return the words of each error that the page shows."""
        return self.page.problems()

    async def press(self, key: str, patience: float | None = PATIENCE) -> None:
        """Press the button with a key; wait for the new page."""
        asked = self._asked()
        asked.rerun_script.widget_states.widgets.add(id=self.page.widget(key), trigger_value=True)
        await self._run(asked, patience=patience)

    async def set(self, key: str, **value) -> None:
        """Let the widget with a key hold a value, named as in Streamlit's WidgetState; wait for the page."""
        self.page.widgets[key] = WidgetState(id=self.page.widget(key), **value)
        await self._run(self._asked())

    async def go(self, address: str) -> None:
        """Follow the link to the page of the app with this address."""
        self.page.hash = self.page.others[address]
        await self._run(self._asked())

    def _asked(self) -> BackMsg:
        asked = BackMsg()
        asked.rerun_script.widget_states.widgets.extend(self.page.widgets.values())
        asked.rerun_script.page_script_hash = self.page.hash
        return asked

    async def _run(
        self, asked: BackMsg, watched: str = "", patience: float | None = PATIENCE
    ) -> float | None:
        """Ask for a run and wait for its end; return when something came into the container `watched`."""
        asked.rerun_script.context_info.url = self._address
        came = None
        async with asyncio.timeout(patience):
            await self._line.send(asked.SerializeToString())
            while True:
                message = ForwardMsg.FromString(await self._line.recv())
                ended = self.page.take(message)
                if came is None and self.page.brings(message, watched):
                    came = time.perf_counter()
                if ended:
                    return came
