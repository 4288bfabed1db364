"""Does the app bear several people who all draw at once, for how long do they wait, and does it grow?

    python -m evaluation.benchmarks.load      # a quarter of an hour; nothing else should run on the machine

Starts the app as a user does. Visitors in Chromium windows draw people's digits, stroke by stroke, and wait
for each answer, while the app's process is weighed. Then a few draw as fast as they can, to see whether
predictions leave memory behind; and a few draw while somebody else sweeps all kinds of damage, and while
nobody does. Each answer is held against that of the reader alone. The browser runs on the same machine and
takes its share of it. Linux only. Writes evaluation/results/load.json; ends with 1 when an answer failed or
came too late, or memory grew.
"""

import asyncio
import dataclasses
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tyro

from digits import Recognizer, config, experiment
from digits.config import DEFAULT_MODEL
from digits.deploy import lite
from digits.models import checkpoints
from digits.models.leaderboard import Result
from evaluation import browser as served
from evaluation.benchmarks.visitors import Step, Window, chromium, drawings, windows
from evaluation.handwriting import sets

if TYPE_CHECKING:
    from playwright.async_api import Browser

PACKAGES = ("streamlit", "streamlit-drawable-canvas")
ASKED = {"p95_s": 1.0, "growth_mib": 64.0}
"""At most: seconds from stroke to answer for 95 of 100, and MiB by which a warm process may grow.

One that kept every tenth of 2,000 canvases (0.3 MiB each) would grow by as much.
"""

WARM = 60.0
"""Seconds of drawing after which memory counts as warm; a third of the time, where that is shorter."""

FEW = 4
"""Visitors who draw as fast as answers come."""

UNEVEN = 0.5, 1.5
"""How much shorter and longer than usual a pause may be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Let many visitors draw at once."""

    browsers: int = 8
    """Visitors in Chromium windows."""
    minutes: float = 3.0
    """How long they draw."""
    pause: float = 3.0
    """Seconds between two strokes of a visitor, on average."""
    warm: int = 500
    """Predictions before memory is looked at."""
    predictions: int = 2000
    """Predictions after that: as many must leave no memory behind."""
    drawers: int = 4
    """Visitors who draw while another one sweeps."""
    n: int = 100
    """Different digits, drawn in any order."""
    seed: int = 1
    """Start of the random choice of digits, places and pauses."""
    port: int = 0
    """Where the app listens; 0 for any free port."""

    def __post_init__(self):
        for flag in ("browsers", "warm", "drawers", "n"):
            config.check(f"--{flag}", getattr(self, flag), getattr(self, flag) >= 1, "1 or more")
        config.check("--minutes", self.minutes, self.minutes > 0, "more than 0")
        config.check_least(self, pause=0, predictions=20)


@dataclass
class Tally:
    """What visitors have seen, and how large the app was meanwhile."""

    seconds: list[float] = field(default_factory=list)
    """From stroke to answer."""
    others: list[str] = field(default_factory=list)
    """Where an answer was not that of the reader alone: the two."""
    errors: list[str] = field(default_factory=list)
    """A sentence each."""
    at: list[float] = field(default_factory=list)
    """When the app was weighed, after each answer: seconds since the beginning."""
    mib: list[float] = field(default_factory=list)
    """What it weighed."""

    def figures(self) -> dict:
        """Return it for a result: within how many seconds half, 95 % and all answers came, and the rest."""
        found = {"n": len(self.seconds)}
        for name, share in (("p50_s", 0.5), ("p95_s", 0.95), ("max_s", 1.0)):
            found[name] = round(float(np.quantile(self.seconds, share)), 3) if self.seconds else None
        about = {"other_answers": len(self.others), "others": self.others[:20], "errors": self.errors}
        return found | about


def growth(at: Sequence[float], mib: Sequence[float], after: float) -> dict[str, float]:
    """Return how a process' memory grew once it was warm.

    Args:
        at: when it was weighed: seconds, predictions or whatever, ascending.
        mib: how much it held.
        after: from when on it counts as warm.

    Returns:
        `warm_mib` and `end_mib`, each the median of a tenth of what was weighed since then, `growth_mib`
        between them, and `mib_per_unit`, the slope of the straight line through all of it.

    Raises:
        ValueError: it was weighed less than twice since then.
    """
    x, y = (np.asarray(values, float)[np.asarray(at) >= after] for values in (at, mib))
    if len(x) < 2:
        raise ValueError(f"Memory was weighed {len(x)} times after {after:g}; expected 2 or more.")
    tenth = max(1, len(x) // 10)
    warm, end = float(np.median(y[:tenth])), float(np.median(y[-tenth:]))
    return {
        "warm_mib": round(warm, 1),
        "end_mib": round(end, 1),
        "growth_mib": round(end - warm, 1),
        "mib_per_unit": float(np.polyfit(x, y, 1)[0]),
    }


def resident(pid: int) -> float:
    """Return the MiB of memory that a process holds; raise a ValueError where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        raise ValueError("Memory is measured in /proc; expected Linux.") from None
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def headline(reader: Recognizer, step: Step) -> str | None:
    """Return what the Draw page shows large, or None for a canvas without ink."""
    reading = reader.read_digit(step.picture)
    if reading.status == "several":
        return reader.read_number(step.picture).text
    if reading.status == "blank":
        return None
    return "?" if reading.digit is None else str(reading.digit)


@dataclass(frozen=True)
class Scene:
    """A running app, and what is drawn on it."""

    browser: "Browser"
    app: served.Served
    drawn: list[list[tuple[Step, str]]]
    """The steps of each digit, with what the app shall answer."""
    settings: Settings

    async def crowd(
        self, n: int, seconds: float = np.inf, pause: float = 0.0, strokes: float = np.inf
    ) -> Tally:
        """Let n new visitors draw until it is over, by the clock or by the strokes of all together."""
        from playwright.async_api import Error as BrowserError

        tally, rngs = Tally(), np.random.default_rng(self.settings.seed).spawn(n)
        async with windows(self.browser, self.app.address, n) as there:
            begin = time.perf_counter()

            def over() -> bool:
                return len(tally.seconds) >= strokes or time.perf_counter() - begin >= seconds

            async def visit(window: Window, rng: np.random.Generator) -> None:
                await asyncio.sleep(rng.uniform(0, pause))
                try:
                    while not over():
                        for step, expected in self.drawn[rng.integers(len(self.drawn))]:
                            next_one = time.perf_counter() + pause * rng.uniform(*UNEVEN)
                            answer, waited = await window.draw(step.strokes[-1:])
                            tally.seconds.append(waited)
                            tally.at.append(time.perf_counter() - begin)
                            tally.mib.append(resident(self.app.pid))
                            tally.errors += await window.problems()
                            tally.others += [f"{answer} for {expected}"] if answer != expected else []
                            await asyncio.sleep(max(0.0, next_one - time.perf_counter()))
                        await window.clear()
                except (BrowserError, ValueError) as error:
                    tally.errors.append(f"{type(error).__name__}: {error}")

            await asyncio.gather(*map(visit, there, rngs))
        return tally

    async def beside_sweep(self, seconds: float) -> dict:
        """Let a few draw, first by themselves and then while another visitor sweeps; return what they saw.

        Raises:
            ValueError: the sweep came to its end: there was nothing to draw beside.
        """
        before = await self.crowd(self.settings.drawers, seconds, self.settings.pause)
        progress = ".st-key-sweep_progress [data-testid=stProgress]"
        async with windows(self.browser, f"{self.app.address}/robustness", 1, ".st-key-way") as (other,):
            await other.page.get_by_role("radio", name="Sweep").click()
            await other.page.get_by_text(re.compile("All .* kinds of damage")).click()
            await other.page.locator(".st-key-sweep_n").get_by_role("slider").press("End")
            await other.page.get_by_role("button", name="Start").click()
            await other.page.locator(progress).wait_for()
            during = await self.crowd(self.settings.drawers, seconds, self.settings.pause)
            if not await other.page.locator(progress).count():
                raise ValueError(f"The sweep has ended early: {await other.problems()}.")
            swept = await other.page.locator(progress).inner_text()
        return {"without": before.figures(), "with": during.figures() | {"swept": swept.strip()}}


async def tried(app: served.Served, drawn: list[list[tuple[Step, str]]], settings: Settings) -> dict:
    """Try the running app in all ways, one after the other; return what was seen."""
    async with chromium() as browser:
        scene, seconds = Scene(browser, app, drawn, settings), 60 * settings.minutes
        print("The first visitor wakes the network ...", flush=True)
        first = await scene.crowd(1, strokes=1)
        if not first.seconds:
            raise ValueError(f"The first visitor got no answer: {' '.join(first.errors)[:500]}")
        print(f"{settings.browsers} draw for {seconds:.0f} seconds ...", flush=True)
        seen = await scene.crowd(settings.browsers, seconds, settings.pause)
        print(f"A few draw {settings.warm + settings.predictions} strokes ...", flush=True)
        many = await scene.crowd(FEW, strokes=settings.warm + settings.predictions)
        print("A few draw beside a sweep ...", flush=True)
        return {
            "first_answer_s": round(first.seconds[0], 1),
            "browsers": seen.figures(),
            "memory": growth(seen.at, seen.mib, min(WARM, seconds / 3)),
            "app_alone": growth(range(len(many.mib)), many.mib, settings.warm) | many.figures(),
            "beside_sweep": await scene.beside_sweep(seconds / 4),
        }


def faults(result: dict) -> list[str]:
    """Return a sentence for each thing that is not as it was asked."""
    groups = {name: result[name] for name in ("browsers", "app_alone")} | result["beside_sweep"]
    found = [f"{name}: {error}" for name, group in groups.items() for error in group["errors"]]
    if (slow := result["browsers"]["p95_s"] or 0) > ASKED["p95_s"]:
        found.append(f"browsers: 95 of 100 answers came within {slow} s; asked are {ASKED['p95_s']} s.")
    for name in ("memory", "app_alone"):
        if (more := result[name]["growth_mib"]) > ASKED["growth_mib"]:
            found.append(f"{name}: it grew by {more} MiB; at most {ASKED['growth_mib']} are asked.")
    return found


def main(settings: Settings) -> None:
    """Draw, read alone, start, try, write, print."""
    path = checkpoints.find(DEFAULT_MODEL)
    reader, drawn = lite.load(path), drawings(sets.Material(seed=settings.seed), settings.n)
    expected = [[(step, headline(reader, step)) for step in drawing] for drawing in drawn]
    with_ink = [drawing for drawing in expected if all(answer for _, answer in drawing)]
    with served.app(port=settings.port) as app:
        result = asyncio.run(tried(app, with_ink, settings))
    result = {
        "data": "people's digits, drawn stroke by stroke on the Draw page",
        "n": result["browsers"]["n"],
        "seed": settings.seed,
        "settings": dataclasses.asdict(settings),
        "machine": config.hardware(),
        "asked": ASKED,
        **result,
        "packages": {package: version(package) for package in PACKAGES},
    }
    part = "" if replace(settings, port=0) == Settings() else ".short"
    Result(path=path, kind="load", figures=result, part=part, of_program=True).write()
    for name in ("browsers", "memory", "app_alone", "beside_sweep"):
        print(f"{name:<13}", json.dumps(result[name]))
    if bad := faults(result):
        raise SystemExit("Not as it should be:\n" + "\n".join(bad[:20]))


if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
