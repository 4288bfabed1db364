"""Many visitors at once, each with its own pace and drawings: how long they wait, and what goes wrong."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
from playwright.async_api import Error as BrowserError
from websockets.exceptions import WebSocketException

from evaluation.benchmarks.load.browsers import Window
from evaluation.benchmarks.load.drawings import Drawing
from evaluation.benchmarks.load.figures import waiting
from evaluation.benchmarks.load.visitor import Visitor

UNEVEN = 0.5, 1.5
"""How much shorter and longer than usual a pause may be."""

FAILURES = (OSError, WebSocketException, BrowserError, ValueError)


@dataclass
class Tally:
    """What visitors have seen."""

    answers: list[float] = field(default_factory=list)
    """Seconds from stroke to answer."""
    first: list[float] = field(default_factory=list)
    """Seconds from stroke to the large digit alone, where that is known."""
    others: list[str] = field(default_factory=list)
    """Where an answer was not that of the reader alone: the two."""
    errors: list[str] = field(default_factory=list)
    """A sentence each."""

    def figures(self) -> dict:
        """Return it for a result."""
        first = {"p95_digit_s": waiting(self.first)["p95_s"]} if self.first else {}
        others = {"other_answers": len(self.others), "others": self.others[:20]}
        return waiting(self.answers) | first | others | {"errors": self.errors}


@dataclass(frozen=True)
class Pace:
    """How long visitors draw, and how fast."""

    seconds: float
    """When it is over."""
    pause: float
    """Seconds between two strokes on average; none: as fast as answers come."""
    strokes: int | None = None
    """When it is over too: after so many by all visitors together."""


class Crowd:
    """Visitors that draw; all begin together, each somewhere in its first pause."""

    def __init__(self, drawings: Sequence[Drawing], pace: Pace, seed: int):
        self.tally = Tally()
        self._drawings, self._pace, self._seed = drawings, pace, seed
        self._until = time.perf_counter() + pace.seconds

    async def draw(self, visitors: Sequence[Visitor | Window]) -> Tally:
        """Let them draw until it is over; return what they have seen."""
        rngs = np.random.default_rng(self._seed).spawn(len(visitors))
        await asyncio.gather(*map(self._draw, visitors, rngs))
        return self.tally

    async def _draw(self, visitor: Visitor | Window, rng: np.random.Generator) -> None:
        await asyncio.sleep(rng.uniform(0, self._pace.pause))
        try:
            while not self._over():
                await self._digit(visitor, self._drawings[rng.integers(len(self._drawings))], rng)
                await visitor.clear()
        except FAILURES as error:
            self.tally.errors.append(f"{type(error).__name__}: {error}")

    async def _digit(self, visitor: Visitor | Window, drawing: Drawing, rng: np.random.Generator) -> None:
        for step in drawing:
            begin = time.perf_counter()
            answer = await visitor.draw(step)
            self.tally.answers.append(answer.seconds)
            self.tally.first += [answer.first] if answer.first else []
            self.tally.errors += await visitor.problems()
            if answer.text is None:
                self.tally.errors.append("There was no answer.")
            elif answer.text != step.headline:
                self.tally.others.append(f"{answer.text} for {step.headline}")
            pause = self._pace.pause * rng.uniform(*UNEVEN)
            await asyncio.sleep(max(0.0, begin + pause - time.perf_counter()))

    def _over(self) -> bool:
        enough = self._pace.strokes is not None and len(self.tally.answers) >= self._pace.strokes
        return enough or time.perf_counter() >= self._until


@asynccontextmanager
async def visitors(address: str, n: int) -> AsyncIterator[list[Visitor]]:
    """Yield n visitors who have come in, all at once."""
    async with AsyncExitStack() as stack:
        yield await asyncio.gather(*(stack.enter_async_context(Visitor(address)) for _ in range(n)))


@asynccontextmanager
async def sweeping(address: str) -> AsyncIterator[Visitor]:
    """Let one more visitor sweep all kinds of damage on the Robustness page meanwhile.

    Raises:
        ValueError: the sweep came to its end, or did not begin: there was nothing to draw beside.
    """
    async with Visitor(address) as visitor:
        await visitor.go("robustness")
        await visitor.set("way", string_array_value={"data": ["Sweep"]})
        await visitor.set("sweep_all", bool_value=True)
        await visitor.set("sweep_n", double_array_value={"data": [1000]})
        running = asyncio.create_task(visitor.press("sweep_start", patience=None))
        try:
            yield visitor
            if running.done():
                raise ValueError(f"The sweep has ended early: {visitor.problems() or running.exception()}.")
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, *FAILURES):
                await running
