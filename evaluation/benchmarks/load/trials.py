"""What is done to a running app: everybody draws, few draw much, few draw while somebody sweeps."""

import asyncio
from dataclasses import dataclass

from evaluation.benchmarks.load.browsers import windows
from evaluation.benchmarks.load.crowd import Crowd, Pace, sweeping, visitors
from evaluation.benchmarks.load.drawings import Drawing
from evaluation.benchmarks.load.figures import growth
from evaluation.benchmarks.load.scales import Scales

WARM = 60.0
"""Seconds of drawing after which memory counts as warm; a third of the time, where that is shorter."""

FEW = 4
"""Visitors who draw as fast as answers come."""

LONG = 3600.0
"""Seconds, where the number of strokes tells when it is over."""


@dataclass(frozen=True)
class Scene:
    """A running app, and who draws on it."""

    address: str
    process: int
    drawn: list[Drawing]
    pause: float
    """Seconds between two strokes of a visitor, on average."""
    seed: int

    async def wake(self) -> float:
        """Let the first visitor draw, for which the network wakes; return the seconds until an answer."""
        async with visitors(self.address, 1) as alone:
            seen = await self._crowd(LONG, 0, strokes=1).draw(alone)
        if not seen.answers:
            raise ValueError(f"The first visitor got no answer: {' '.join(seen.errors)[:500]}")
        return round(seen.answers[0], 1)

    async def together(self, sessions: int, browsers: int, seconds: float) -> dict:
        """Let many draw for some seconds; return what they saw, and how the app grew once it was warm."""
        async with windows(self.address, browsers) as real, visitors(self.address, sessions) as others:
            with Scales(self.process) as scales:
                crowds = self._crowd(seconds, self.pause), self._crowd(seconds, self.pause)
                seen = await asyncio.gather(crowds[0].draw(others), crowds[1].draw(real))
        return {
            "sessions": seen[0].figures(),
            "browsers": seen[1].figures(),
            "memory": growth(scales.at, scales.mib, min(WARM, seconds / 3)),
        }

    async def many(self, warm: int, more: int) -> dict:
        """Let few draw until the app has made so many predictions more than `warm`; return how it grew."""
        crowd = self._crowd(LONG, 0, strokes=warm + more)
        async with visitors(self.address, FEW) as few:
            with Scales(self.process, lambda: len(crowd.tally.answers)) as scales:
                seen = await crowd.draw(few)
        return growth(scales.at, scales.mib, warm) | seen.figures()

    async def beside_sweep(self, drawers: int, seconds: float) -> dict:
        """Let a few draw, first by themselves and then while another one sweeps; return what they saw."""
        async with visitors(self.address, drawers) as few:
            before = await self._crowd(seconds, self.pause).draw(few)
        async with visitors(self.address, drawers) as few, sweeping(self.address) as sweep:
            during = await self._crowd(seconds, self.pause).draw(few)
            progress = next(
                found.progress.text
                for found in sweep.page.within("sweep_progress")
                if found.HasField("progress")
            )
        return {"without": before.figures(), "with": during.figures() | {"swept": progress}}

    def _crowd(self, seconds: float, pause: float, strokes: int | None = None) -> Crowd:
        return Crowd(self.drawn, Pace(seconds, pause, strokes), self.seed)
