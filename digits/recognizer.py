"""The front door: the single road from a picture to a reading.

picture -> ink -> candidates -> frames -> network -> calibrated probabilities -> reading, built once; a number
is read by other readers too, see `numbers`; whether a picture of one digit holds any, the glimpse reader also
says, on a screen only where a network that has learnt what is no digit is in doubt. Of letters the other
readers know nothing: a model of letters is on its own
"""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from digits import numbers
from digits.config import CLASSES, DEFAULT_MODEL, SIDE
from digits.fields import Field
from digits.files import sha256
from digits.forms import Form, FormReading
from digits.forms import read as forms
from digits.models import alphabet, calibration, checkpoints, glimpse, runtimes
from digits.models import card as card_
from digits.models.memory import Memory, Said
from digits.models.runtimes import Logits, Runtime, keras_runtime
from digits.preprocessing.components import shared
from digits.preprocessing.decode import WORKING_SIDE, Picture, to_grey
from digits.preprocessing.finder import see
from digits.preprocessing.frame import as_batch, to_uint8
from digits.preprocessing.ink import find_inks
from digits.preprocessing.lattice import DOUBTFUL, Layout, find_hypotheses, layout_of
from digits.preprocessing.layout import Layout as FinderLayout
from digits.preprocessing.layout import find_layout
from digits.reading import Answer, NumberReading, Reading, TableReading, Way, no_idea, nothing
from digits.tables import read as tables
from digits.tables.known import Known

Found = tuple[list[Layout], bool, np.ndarray]
"""What a picture of one digit may be; see `find_hypotheses`."""

Seen = tuple[Layout, Said]
"""A layout, and what is said to its candidates."""

AMONG_DIGITS = 3.0
"""What speaks for a digit, in nats, where digits stand beside it and the glimpse reader is not asked: it is
then unsure rather than none."""

OTHER, DOUBTED = 2.0, (0.01, 0.5)
"""So much of what the finder says for other writing in place of a digit counts, and between which chances of
a digit."""

EVIDENCE, MOST, UNTAUGHT = 0.6, 6.0, 1.5
"""So much speaks for a digit for each nat of its energy, up to the most; and of readers that were never shown
what is no digit, as if it had the last."""

HEARD = 2.0
"""So much the word of the glimpse reader counts beside that of the network."""

TOGETHER = 2.75
"""Two readers of one thing mistake the same things: both together are less sure by this temperature. Chosen
by the likelihood of ledgers, exam cells and made photos that count for nothing else."""

ALIKE = 1.5
"""Of several hypotheses that is believed which reads best; so much counts, beside the network's word, how
sure both readers are together."""

SILENCE, MOST_SILENT, EXPECTED = 2.0, 9.0, 1.0
"""So much the word of the glimpse reader counts beside the network's energy where the question is whether
there is a digit at all; by so much at most, in nats, it speaks for or against one; and so much rather one is
there than in the scenes that it learns from. Chosen as above, and on cells without a digit."""

SILENCE_DRAWN, EXPECTED_DRAWN, PLAIN = 0.8, -0.4, 4.0
"""The same on a screen, where the network knows the pen; and what has less energy than the last, or than is
asked of a digit, is shown to the glimpse reader there. Chosen on pens, letters and scribbles of development.
"""

SAME = 0.5
"""What hypotheses of the ink take for the digit is one thing where their boxes share so much of both."""

SURE_AT_A_GLANCE = 0.9
"""What is read without rules is believed if it is right with this probability. On numbers of simulated photos
that costs nothing, and saves them on five of six."""

PICTURES, PIXELS = 64, 2**22
"""Pictures looked at together, and shown to the network while the next are looked at: so many at most, and
no more once they have so many pixels in all."""

BATCH = 512
"""Frames per call of the network: bounds memory."""


@dataclass(frozen=True)
class Beside:
    """What the glimpse reader says of a picture of one digit, beside the network."""

    silence: float
    """How much rather none than any is there, in nats."""
    digits: np.ndarray | None = None
    """On paper, its logits of the digits (10,); None on a screen, where it is not asked which one it is."""

    @property
    def against(self) -> float:
        """How much of that counts against any digit."""
        drawn = self.digits is None
        weight, expected = (SILENCE_DRAWN, EXPECTED_DRAWN) if drawn else (SILENCE, EXPECTED)
        return float(np.clip(weight * self.silence, -MOST_SILENT, MOST_SILENT)) - expected


@dataclass(frozen=True)
class Choice:
    """What a hypothesis takes for the digit."""

    layout: Layout
    said: Said
    """To all candidates of the layout."""
    index: int
    """Of the candidate that is taken, or of the best of several."""
    score: float
    """How well it reads, in nats; -inf for several."""

    @property
    def is_one(self) -> bool:
        """Whether one digit is seen, not several."""
        return self.score > -np.inf

    def is_same(self, other: "Choice") -> bool:
        """Tell whether it is one digit that stands where the other's stands, and no dot."""
        here, there = (one.layout.box(one.index) for one in (self, other))
        return self.is_one and not self.layout.blobs[self.index] and shared(here, there) >= SAME


class Recognizer:
    """A model with the road that leads to it. Safe to share between threads.

    `labels` are what its K outputs stand for, the digits unless its card says otherwise.
    """

    def __init__(self, runtime: Logits, name: str, card: card_.Card | None = None, sha256: str = ""):
        self.name, self.card = name, card
        self.sha256 = card.sha256 if card else sha256
        """Of the .keras file, of which a light copy was made; where no card tells it, of the file itself; ""
        of what has none."""
        self.memory: Memory | None = None
        """Of a hand; see `with_memory`."""
        self._runtime = runtime if isinstance(runtime, Runtime) else Runtime(runtime)
        self.labels: tuple[str, ...] = tuple(card.labels) if card else alphabet.DIGITS
        self.has_letters = alphabet.has_letters(self.labels)
        self.temperature = card.temperature if card else 1.0
        self.thresholds = card.thresholds if card else calibration.NEUTRAL_THRESHOLDS

    @classmethod
    def load(cls, model: str | Path = DEFAULT_MODEL, light: bool | None = None) -> "Recognizer":
        """Load a model by its name in models/, or by the path of a .keras, .tflite or .onnx file.

        The latter two need one small package each, and no TensorFlow; see `digits.models.export.formats`.

        Args:
            model: name or path.
            light: whether to take the light copy of a .keras file where one is there and can be loaded, which
                gives the same answers; None: where the model is given by its name, and the copy tells
                features too, as memories need.

        Raises:
            ValueError: there is no such model, or it cannot be loaded; one sentence that says why.
        """
        path = checkpoints.find(model)
        by_name = light is None and Path(model).suffix != path.suffix
        if (light or by_name) and (copy := runtimes.find_copy(path)) != path:
            with suppress(ValueError):
                runtime, card = runtimes.load_exported(copy)
                if light or runtime.looks:
                    return cls(runtime, path.stem, card, "" if card else sha256(path))
        if path.suffix in checkpoints.EXPORTED:
            runtime, card = runtimes.load_exported(path)
        else:
            keras_model, card = checkpoints.shared(path)
            runtime = keras_runtime(keras_model)
        return cls(runtime, path.stem, card, "" if card else sha256(path))

    def read_digit(self, image: Picture, steps: bool = False) -> Reading:
        """Read a picture of one digit, or letter where the model has these.

        Args:
            image: PIL image, or uint8 (H, W), (H, W, 3) RGB or (H, W, 4) RGBA; 8 x 8 to 8000 x 8000 pixels,
                dark ink on light paper or the other way round.
            steps: also keep the pictures of the stages, a megabyte or several of a photo, and where there are
                several digits read these one by one.

        Raises:
            ValueError: not a picture of an accepted type or size.
        """
        return self.read_digits([image], steps)[0]

    def read_digits(self, images: Sequence[Picture], steps: bool = False) -> list[Reading]:
        """Read pictures of one digit each, in batches; see `read_digit`."""
        return [self._alone(*asked) for asked in self._ask(images, steps)]

    def read_number(
        self, image: Picture, marks: bool = False, field: Field | None = None, thorough: bool = True
    ) -> NumberReading:
        """Read all digits on a picture, in reading order.

        Args:
            image: see `read_digit`.
            marks: also read decimal points, commas, minus signs and the spaces between groups.
            field: what is known of it. The most probable text that fits is taken; where none does, what is
                read fits nothing, and `value` is None. Models of letters alone can read letters in it.
            thorough: False for many small pictures, as cells of a table: where the finder and the line reader
                are sure, the rules are not asked, which takes most of the time.

        Raises:
            ValueError: see `read_digit`; or the field has letters, and the model none.
        """
        self._check_field(field)
        if not (thorough or self.has_letters) and (quick := self._at_a_glance(to_grey(image), marks, field)):
            return quick
        inks, seen = find_inks(image)
        cut = self._numbers([layout_of(ink) for ink in inks], marks)
        by_rules = max(cut, key=lambda number: numbers.sureness(number.digits))
        if inks[0].blank:
            return by_rules
        seen = seen or see(inks[0].grey, inks[0].scale)
        by_finder = self._by_finder(find_layout(seen), marks)
        unsure_below = self.thresholds["unsure_below"]
        if self.has_letters:
            return numbers.surest([by_rules, by_finder], unsure_below, field)
        return numbers.agreed(by_rules, by_finder, seen, unsure_below, field)

    def _check_field(self, field: Field | None) -> None:
        if field is not None and field.has_letters and not self.has_letters:
            raise ValueError(
                f"{self.name} reads digits alone; expected a model of letters for pattern {field.pattern}."
            )

    def _only_digits(self, what: str) -> None:
        if self.has_letters:
            raise ValueError(f"{self.name} reads letters; expected a model of digits to read {what}.")

    def _at_a_glance(self, grey: np.ndarray, marks: bool, field: Field | None) -> NumberReading | None:
        """Return a number on a picture (H, W) as it is read without rules; None where that is not sure."""
        seen = see(grey)
        found = self._by_finder(find_layout(seen), marks)
        number = numbers.agreed(found, found, seen, self.thresholds["unsure_below"], field)
        sure = bool(number.digits) and all(digit.status == "digit" for digit in number.digits)
        chance = np.prod([digit.confidence for digit in number.digits])
        return number if sure and chance >= SURE_AT_A_GLANCE else None

    def read_table(
        self,
        image: Picture,
        marks: bool = False,
        fields: Mapping[int, Field] | None = None,
        sums: Collection[Way] = (),
    ) -> TableReading:
        """Read a table with ruled lines, photographed or scanned, turned by any angle.

        Args:
            image: see `read_digit`.
            marks: see `read_number`.
            fields: what is known of the numbers in columns, counted from 0, of the largest table.
            sums: "rows" where its last column has the sum of each row, "columns" where its last row has that
                of each column. Cells are then read together; a first row or column of headings is left alone.

        Raises:
            ValueError: the model reads letters; there is no table on the picture, one of too many rows or
                columns, or without a column that has a field.
        """
        self._only_digits("a table")
        return tables.read(to_grey(image), self, marks, Known(fields or {}, sums))

    def read_form(self, image: Picture, form: Form) -> FormReading:
        """Read a filled-in form, photographed or scanned, turned by any angle.

        Args:
            image: see `read_digit`.
            form: what it is, and where its boxes are.

        Raises:
            ValueError: the model reads letters; the form is not on the picture, or cannot be read there; one
                sentence that says why.
        """
        self._only_digits("a form")
        return forms.read(to_grey(image), form, self)

    @property
    def looks(self) -> bool:
        """Whether its file tells features, as a memory needs; see `represent`."""
        return self._runtime.looks

    @property
    def operating_points(self) -> list[dict[str, float]]:
        """What more or less care costs and brings, from the card: thresholds with their price, lax first."""
        return self.card.trade_off if self.card else []

    def with_thresholds(self, thresholds: dict[str, float]) -> "Recognizer":
        """Return the same reader with other thresholds, e.g. of `operating_points`; the network is shared.

        Raises:
            ValueError: there is no `unsure_below` among them.
        """
        if "unsure_below" not in thresholds:
            raise ValueError(f"Thresholds {sorted(thresholds)}; expected unsure_below among them.")
        other = copy.copy(self)
        other.thresholds = thresholds
        return other

    def with_memory(self, memory: Memory | None) -> "Recognizer":
        """Return the same reader with the memory of a hand, or None; the network is shared.

        The memory tells one digit from another. What is a digit at all, and where it stands, the network
        tells as before.

        Raises:
            ValueError: it was made for another model, this one answers more than digits, or its file does not
                say from which features it answers.
        """
        if memory is not None:
            if self.labels != alphabet.DIGITS:
                raise ValueError(
                    f"{self.name} answers {''.join(self.labels)}; a memory is for models of digits."
                )
            memory.check_model(self.sha256, self.name)
            if len(memory):
                memory.votes(self.represent(np.zeros((1, SIDE, SIDE), np.uint8))[0])
        other = copy.copy(self)
        other.memory = memory
        return other

    def represent(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, D) and the bare model's logits (N, 10), both float32, of frames (N, 28, 28),
        uint8 or float32 in [0, 1].

        Raises:
            ValueError: another shape or range, or the model's file has no features to show.
        """
        batch = _checked(as_batch(frames))
        parts = [self._runtime.look(batch[i : i + BATCH]) for i in range(0, max(1, len(batch)), BATCH)]
        features, logits = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        return features, logits

    def look(self, images: Sequence[Picture]) -> tuple[np.ndarray, np.ndarray]:
        """Return what a memory keeps of pictures of one digit each: frames (N, 28, 28) uint8, black where no
        single digit was found, and features (N, D); see `read_digit` and `represent`."""
        frames = [reading.framed for reading in self.read_digits(images)]
        shown = to_uint8(np.stack(frames)) if frames else np.zeros((0, SIDE, SIDE), np.uint8)
        return shown, self.represent(shown)[0]

    def say(self, frames: np.ndarray) -> Said:
        """Return what the network says to frames (N, 28, 28) float32 in [0, 1], and the memory's votes."""
        if not self.memory or not len(frames):
            return Said(self.logits(frames[..., None]))
        features, logits = self.represent(frames)
        return Said(logits, self.memory.votes(features))

    trade_off = operating_points  # these two under their first names
    careful = with_thresholds

    def probabilities(self, batch: np.ndarray) -> np.ndarray:
        """Return the bare model's probabilities, for evaluation: no framing, no calibration.

        Args:
            batch: (N, 28, 28, 1) float32 in [0, 1], already framed.

        Returns:
            (N, K) float32.

        Raises:
            ValueError: another shape or range; the message names it.
        """
        return calibration.softmax(self.logits(batch))

    def logits(self, batch: np.ndarray) -> np.ndarray:
        """Return the bare model's logits (N, K) float32; see `probabilities`."""
        batch = _checked(batch)
        if not len(batch):
            return np.zeros((0, len(self.labels)), np.float32)
        parts = [self._runtime(batch[i : i + BATCH]) for i in range(0, len(batch), BATCH)]
        return np.concatenate(parts)

    def warm_up(self) -> None:
        """Ask the network once, so that the first real answer does not wait for its compilation."""
        self.say(np.zeros((1, SIDE, SIDE), np.float32))

    def _ask(
        self, images: Sequence[Picture], keep: bool
    ) -> Iterator[tuple[list[Seen], Beside | None, np.ndarray]]:
        """Yield what each picture of one digit may be, with what is said to its candidates; on paper what the
        glimpse reader, which knows no letters, says of it; and its glimpses. `keep` as in `find_hypotheses`.
        """
        for found in _found_ahead(images, keep):
            seen = iter(self._look_at([layout for each, *_ in found for layout in each]))
            asked = [not (screen or self.has_letters) for _, screen, _ in found]
            papers = [shown for (*_, shown), ask in zip(found, asked, strict=True) if ask]
            spoken = glimpse.read(np.stack(papers)) if papers else ()
            beside = (Beside(glimpse.silence(one), one[:CLASSES]) for one in spoken)
            for (each, _, shown), ask in zip(found, asked, strict=True):
                yield [next(seen) for _ in each], next(beside) if ask else None, shown

    def _look_at(self, layouts: Sequence[Layout]) -> list[Seen]:
        """Return layouts with what is said to their candidates; with all cuts where something was left uncut
        and does not read well."""
        seen = list(zip(layouts, self._say_all(layouts), strict=True))
        doubtful = [
            place
            for place, (layout, said) in enumerate(seen)
            if layout.uncut and self._scores(layout, said).max() <= DOUBTFUL
        ]
        cut = [layouts[place].cut() for place in doubtful]
        for place, layout, said in zip(doubtful, cut, self._say_all(cut), strict=True):
            seen[place] = layout, said
        return seen

    def _alone(self, hypotheses: list[Seen], beside: Beside | None, shown: np.ndarray) -> Reading:
        """Return the answer for a picture of one digit, by the hypothesis that reads best; which digit it is,
        all that read it say together, each the louder the better it reads. The arguments are as `_ask` yields
        them."""
        found = [self._choose(layout, said, beside) for layout, said in hypotheses if layout.lines]
        if not found:
            return nothing("blank", hypotheses[0][0].steps(), labels=self.labels)
        best = max(found, key=lambda one: one.score)
        layout, said = best.layout, best.said
        is_seen = beside is not None and beside.silence < 0  # then what else is there are neighbours
        if best.is_one or (layout.crop and is_seen):
            if beside is None and not layout.blobs[best.index] and self._doubts(said[best.index]):
                beside = Beside(glimpse.silence(glimpse.read(shown[None])[0]))
            spare = AMONG_DIGITS * (layout.crop and beside is None)
            same = [(one.score, one.said.logits[one.index]) for one in found if one.is_same(best)]
            reading = self._reading(layout, best.index, said[best.index], spare, beside, together(same))
            if reading.status != "not_a_digit" or not self._is_number(layout, said):
                return reading
        kept = [(one.kept[0], one) for one, _ in hypotheses if one.kept]
        cut = zip(self._numbers([layout_of(ink) for ink, _ in kept]), [one for _, one in kept], strict=True)
        number, layout = max(cut, key=lambda pair: numbers.sureness(pair[0].digits), default=(None, layout))
        return nothing("several", layout.steps(), number, self.labels)

    def _choose(self, layout: Layout, said: Said, beside: Beside | None) -> Choice:
        """Return what one hypothesis takes for the digit."""
        scores = self._scores(layout, said)
        chosen = layout.alone(scores) or layout.whole
        index = layout.central(chosen) if chosen else int(scores.argmax())
        score = float(scores[index]) if len(chosen) == 1 else -np.inf
        if beside is not None:
            both = calibration.softmax(self._spoken(said.logits[index], beside.digits)[None])
            score += ALIKE * float(np.log(both.max()))
        return Choice(layout, said, index, score)

    def _doubts(self, said: Said) -> bool:
        """Whether the network, if it knows digits alone and what is none, is in doubt that there is any."""
        least = self.thresholds.get("not_a_digit_below")
        if least is None or self.has_letters:
            return False
        return float(calibration.energy(said.logits[None])[0]) < max(PLAIN, least)

    def _is_number(self, layout: Layout, said: Said) -> bool:
        """Tell whether what is no digit reads well as several."""
        if layout.uncut:
            layout = layout.cut()
            (said,) = self._say_all([layout])
        scores = self._scores(layout, said)
        chosen = layout.main([i for line in layout.best(scores) for i in line], scores)
        statuses = {self._reading(layout, i, said[i]).status for i in chosen}
        return len(chosen) > 1 and statuses == {"digit"}

    def _say_all(self, layouts: Sequence[Layout]) -> Iterator[Said]:
        """Return what is said to each layout's candidates, one after the other; the network is asked once."""
        if not layouts:
            return iter(())
        said = self.say(np.concatenate([layout.frames for layout in layouts]))
        ends = np.cumsum([len(layout.frames) for layout in layouts])
        return (said[end - len(layout.frames) : end] for layout, end in zip(layouts, ends, strict=True))

    def _numbers(self, layouts: Sequence[Layout], marks: bool = False) -> list[NumberReading]:
        """Return the answers for a picture of several digits as rules cut them out, by layout."""
        cut = []
        for layout, said in zip(layouts, self._say_all(layouts), strict=True):
            chosen = layout.best(self._scores(layout, said))
            read = [
                [self._reading(layout, i, said[i], AMONG_DIGITS * (len(line) > 1)) for i in line]
                for line in chosen
            ]
            cut.append(_written(read, layout.marks(chosen) if marks else None))
        return cut

    def _by_finder(self, layout: FinderLayout, marks: bool) -> NumberReading:
        """Return the answer for a picture of several digits as the finder sees them."""
        said = self.say(layout.frames)
        scores = calibration.log_max_prob(said.logits, self.temperature, self._taught)
        energy = calibration.energy(said.logits) if self._taught else np.full(len(scores), UNTAUGHT)
        chosen = layout.best(scores, EVIDENCE * np.clip(energy, 0, MOST))

        def read(index: int, among_digits: bool) -> Reading:
            chance = float(np.clip(layout.candidates[index].chance, *DOUBTED))
            doubt = 0.0 if self.has_letters else OTHER * float(np.log((1 - chance) / chance))
            answer = self._answer(said[index], AMONG_DIGITS * among_digits, doubt)
            framed = layout.frames[index].copy()
            return Reading(**answer, framed=framed, box=layout.box(index), against=doubt)

        found = [[read(i, len(line) > 1) for i in line] for line in chosen]
        return _written(found, layout.marks(chosen) if marks else None)

    @property
    def _taught(self) -> bool:
        """Whether the network has learnt what is no digit."""
        return self.card is not None and "not_a_digit_below" in self.card.thresholds

    def _scores(self, layout: Layout, said: Said) -> np.ndarray:
        """Return how well each candidate reads, without the memory: it knows no wrong cuts."""
        logits = said.logits
        energy = calibration.energy(logits) if self._taught else np.full(len(logits), np.inf)
        return layout.scores(calibration.log_max_prob(logits, self.temperature, self._taught), energy)

    def _reading(
        self,
        layout: Layout,
        index: int,
        said: Said,
        spare: float = 0.0,
        beside: Beside | None = None,
        mean: np.ndarray | None = None,
    ) -> Reading:
        """Return the answer to a candidate, given what is said to it, (K,); see `_answer`."""
        framed = layout.frames[index].copy()  # not a view, which would hold the frames of all the others
        box, steps = layout.box(index), layout.steps(index)
        if layout.blobs[index]:
            idea = no_idea(len(self.labels))
            return Reading(None, idea, "not_a_digit", framed, steps, box, asked=False, labels=self.labels)
        against, heard = (beside.against, beside.digits) if beside else (0.0, None)
        answer = self._answer(said, spare, against, heard, mean)
        return Reading(**answer, framed=framed, steps=steps, box=box, against=against)

    def _spoken(self, logits: np.ndarray, heard: np.ndarray | None) -> np.ndarray:
        """Return the logits (K,) of what the network says, and another reader with it if one was asked."""
        spoken = logits / self.temperature
        return spoken if heard is None else (spoken + HEARD * heard) / TOGETHER

    def _answer(
        self,
        said: Said,
        spare: float = 0.0,
        against: float = 0.0,
        heard: np.ndarray | None = None,
        mean: np.ndarray | None = None,
    ) -> dict[str, Any]:
        """Return what is said to one frame, (K,), as the parts of an `Answer`.

        `against` speaks against any digit, in nats; what is none by less than `spare` is unsure; `heard` are
        the logits of another reader; `mean` are those of the network for all frames that it may have, which
        tell one digit from another in place of its own. Whether it is a digit at all, the memory has no say
        in; which it is, it says in full beside the other reader too, which knows nothing of the hand.
        """
        spoken = self._spoken(said.logits if mean is None else mean, heard)
        votes = 0.0 if said.votes is None else said.votes / self.temperature
        probabilities = calibration.softmax((spoken + votes)[None])[0]
        known = "not_a_digit_below" in self.thresholds
        energy = float(calibration.energy(said.logits[None])[0] if known else UNTAUGHT) - against
        thresholds = self.thresholds if known else {**self.thresholds, "not_a_digit_below": 0.0}
        status = calibration.decide_status(probabilities, energy, thresholds)
        if status == "not_a_digit" and spare > 0:
            spared = calibration.decide_status(probabilities, energy + spare, thresholds)
            status = "unsure" if spared != status else status
        index = None if status == "not_a_digit" else int(probabilities.argmax())
        before = index if said.votes is None or index is None else int(spoken.argmax())
        return {
            "index": index,
            "probabilities": probabilities,
            "status": status,
            "labels": self.labels,
            "untaught": None if before == index else before,
        }


def _found_ahead(images: Sequence[Picture], keep: bool) -> Iterator[list[Found]]:
    """Yield what pictures of one digit may be, group by group: while one is read, the next is looked at."""
    find = partial(find_hypotheses, keep=keep)
    threads = cv2.getNumThreads()  # one in a process that others stand beside
    if min(threads, len(images)) < 2:
        yield from (list(map(find, group)) for group in _groups(images))
        return
    pool = ThreadPoolExecutor(threads)  # OpenCV and NumPy let other threads run
    following: Iterator[Found] = iter(())
    try:
        for group in _groups(images):
            found, following = following, pool.map(find, group)
            yield list(found)
        yield list(following)
    finally:
        pool.shutdown(cancel_futures=True)


def _groups(images: Sequence[Picture]) -> Iterator[list[Picture]]:
    """Yield groups of `PICTURES`, or fewer with more than `PIXELS`, as they are looked at."""
    group, pixels = list[Picture](), 0
    for image in images:
        if isinstance(image, np.ndarray | Image.Image):  # whatever else is refused when it is looked at
            size = image.size if isinstance(image, Image.Image) else image.shape[:2]
            pixels += min(int(np.prod(size)), WORKING_SIDE**2)
        group.append(image)
        if len(group) == PICTURES or pixels > PIXELS:
            yield group
            group, pixels = [], 0
    yield group


def together(found: Sequence[tuple[float, np.ndarray]]) -> np.ndarray | None:
    """Return the mean of the logits (K,) for frames of one thing, weighed by how well each reads, in nats."""
    if not found:
        return None
    scores, logits = zip(*found, strict=True)
    (weights,) = calibration.softmax(np.array([scores]))
    return weights @ np.stack(logits)


def _checked(batch: np.ndarray) -> np.ndarray:
    """Return a batch as float32, if its shape is (N, 28, 28, 1) and its values are in [0, 1]."""
    batch = np.asarray(batch, dtype=np.float32)
    if batch.ndim != 4 or batch.shape[1:] != (SIDE, SIDE, 1):
        raise ValueError(f"A batch of shape {batch.shape}; expected (N, {SIDE}, {SIDE}, 1).")
    # Written so that NaN, which compares as false, is refused too.
    if len(batch) and not (batch.min() >= 0 and batch.max() <= 1):
        raise ValueError(f"A batch with values from {batch.min()} to {batch.max()}; expected 0 to 1.")
    return batch


def _written(read: list[list[Reading]], marks: list[list[tuple[int, str]]] | None) -> NumberReading:
    """Return a number of lines of digits with their marks, each with how many digits stand before it; None
    where these were not asked for."""
    written: list[list[Reading | str]] = []
    for line, between in zip(read, marks or [[]] * len(read), strict=True):
        tokens: list[Reading | str] = [*line]
        for place, mark in reversed(between):
            tokens.insert(place, mark)
        if tokens:
            written.append(tokens)
    return NumberReading(written, marks is not None)


@dataclass(frozen=True)
class Opinion(Answer):
    """What one reader says to a frame, without any framing before."""

    name: str
    """Of the reader, by whose thresholds the status is "digit", "unsure" or "not_a_digit"."""
    asked: bool = True
    """As in `Reading.asked`: a frame is always shown to the network."""


def opinions(readers: list[Recognizer], frame: np.ndarray) -> list[Opinion]:
    """Ask every reader what a frame is: (28, 28) uint8, or float32 in [0, 1], bright ink on black.

    Raises:
        ValueError: the frame has another shape or range.
    """
    frame = _checked(as_batch(frame[None]))[..., 0]
    return [Opinion(**reader._answer(reader.say(frame)[0]), name=reader.name) for reader in readers]
