"""The front door: the single road from a picture to a reading.

picture -> ink -> frame -> network -> calibrated probabilities -> reading
"""

import copy
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from digits.contract import CLASSES, DEFAULT_MODEL, SIDE
from digits.network import checkpoints
from digits.network.runtimes import Runtime, keras_runtime
from digits.picture.decode import Picture
from digits.picture.frame import frame, is_blob
from digits.picture.ink import Ink, find_ink
from digits.picture.segment import Piece, split_digits, stand_apart
from digits.trust import confidence

BATCH = 512
"""Frames per call of the network: bounds memory."""


@dataclass(frozen=True)
class Reading:
    """What was read from a picture of one digit."""

    digit: int | None
    """0 to 9, or None when the status is neither "digit" nor "unsure"."""
    probabilities: np.ndarray
    """(10,) float32, calibrated, sums to 1; all equal when there was nothing to read."""
    status: str
    """"digit", "unsure", "blank", "not_a_digit" or "several"."""
    framed: np.ndarray
    """(28, 28) float32 in [0, 1], what the model saw."""
    steps: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    """Pictures (h, w) float32 in [0, 1] of the stages, in order, by a short title."""
    box: tuple[int, int, int, int] | None = None
    """Where the digit stands: x, y, width, height in pixels of the upright picture."""

    @property
    def confidence(self) -> float:
        """The largest probability, in [0, 1]; 0 when there is no digit."""
        return 0.0 if self.digit is None else float(self.probabilities.max())

    @property
    def ranking(self) -> list[int]:
        """The ten digits, most probable first."""
        return [int(digit) for digit in np.argsort(-self.probabilities, kind="stable")]


@dataclass(frozen=True)
class NumberReading:
    """What was read from a picture of several digits."""

    written: list[list[Reading | str]]
    """Line by line, each from the left: the digits with their boxes, and where they were asked for the marks
    between them: ".", ",", "-" and " "."""
    marks: bool = False
    """Whether marks were asked for."""

    @property
    def digits(self) -> list[Reading]:
        """The digits in reading order, each with its box."""
        return [token for line in self.written for token in line if isinstance(token, Reading)]

    @property
    def lines(self) -> list[str]:
        """The best guess, line by line; "?" stands for what is no digit."""
        return self.spelled({})

    @property
    def text(self) -> str:
        """The best guess, e.g. "3268"; empty for a blank picture. With marks, lines are kept apart."""
        return ("\n" if self.marks else "").join(self.lines)

    def spelled(self, corrections: dict[int, int]) -> list[str]:
        """Return the lines with some digits put right.

        Args:
            corrections: the right digit by its place in `digits`, counted from 0.
        """
        place = {id(reading): index for index, reading in enumerate(self.digits)}

        def spell(token: Reading | str) -> str:
            if isinstance(token, str):
                return token
            digit = corrections.get(place[id(token)], token.digit)
            return "?" if digit is None else str(digit)

        return ["".join(map(spell, line)) for line in self.written]


class Recognizer:
    """A model with the road that leads to it. Safe to share between threads."""

    def __init__(self, runtime: Runtime, name: str, card: checkpoints.Card | None = None):
        self.name, self.card = name, card
        self._logits = runtime
        self.temperature = card.temperature if card else 1.0
        self.thresholds = card.thresholds if card else confidence.NEUTRAL_THRESHOLDS

    @classmethod
    def load(cls, model: str | Path = DEFAULT_MODEL) -> "Recognizer":
        """Load a model by its name in models/, or by the path of a .keras file.

        Raises:
            ValueError: there is no such model, or it cannot be loaded; one sentence that says why.
        """
        path = checkpoints.find(model)
        keras_model, card = checkpoints.load(path)
        return cls(keras_runtime(keras_model), path.stem, card)

    def read_digit(self, image: Picture) -> Reading:
        """Read a picture of one digit.

        Args:
            image: PIL image, or uint8 (H, W), (H, W, 3) RGB or (H, W, 4) RGBA; 8 x 8 to 8000 x 8000 pixels,
                dark ink on light paper or the other way round.

        Raises:
            ValueError: not a picture of an accepted type or size.
        """
        return self.read_digits([image])[0]

    def read_digits(self, images: list[Picture]) -> list[Reading]:
        """Read pictures of one digit each, in batches; see `read_digit`."""
        return self._judge_all([prepare(image) for image in images])

    def read_number(self, image: Picture, marks: bool = False) -> NumberReading:
        """Read all digits on a picture, in reading order.

        Args:
            image: see `read_digit`.
            marks: also read decimal points, commas, minus signs and the spaces between groups.
        """
        ink = find_ink(image)
        readings = [_framed_piece(piece, ink) for piece in split_digits(ink.map)]
        return NumberReading([self._judge_all(readings)], marks)

    @property
    def trade_off(self) -> list[dict[str, float]]:
        """What more or less care costs and brings, from the card: thresholds with their price, lax first."""
        return self.card.trade_off if self.card else []

    def careful(self, thresholds: dict[str, float]) -> "Recognizer":
        """Return the same reader with other thresholds, e.g. a row of `trade_off`; the network is shared."""
        other = copy.copy(self)
        other.thresholds = thresholds
        return other

    def probabilities(self, batch: np.ndarray) -> np.ndarray:
        """Return the bare model's probabilities, for evaluation: no framing, no calibration.

        Args:
            batch: (N, 28, 28, 1) float32 in [0, 1], already framed.

        Returns:
            (N, 10) float32.

        Raises:
            ValueError: another shape or range; the message names it.
        """
        return confidence.softmax(self.logits(batch))

    def logits(self, batch: np.ndarray) -> np.ndarray:
        """Return the bare model's logits (N, 10) float32; see `probabilities`."""
        batch = np.asarray(batch, dtype=np.float32)
        if batch.ndim != 4 or batch.shape[1:] != (SIDE, SIDE, 1):
            raise ValueError(f"A batch of shape {batch.shape}; expected (N, {SIDE}, {SIDE}, 1).")
        if not len(batch):
            return np.zeros((0, CLASSES), np.float32)
        # Written so that NaN, which compares as false, is refused too.
        if not (batch.min() >= 0 and batch.max() <= 1):
            raise ValueError(f"A batch with values from {batch.min()} to {batch.max()}; expected 0 to 1.")
        parts = [self._logits(batch[i : i + BATCH]) for i in range(0, len(batch), BATCH)]
        return np.concatenate(parts)

    def warm_up(self) -> None:
        """Ask the network once, so that the first real answer does not wait for its compilation."""
        self._logits(np.zeros((1, SIDE, SIDE, 1), np.float32))

    def _judge_all(self, prepared: list[Reading]) -> list[Reading]:
        """Give every reading that waits for the network its answer."""
        waiting = [i for i, reading in enumerate(prepared) if reading.status == "digit"]
        if not waiting:
            return prepared
        frames = np.stack([prepared[i].framed for i in waiting])[..., None]
        answers = confidence.softmax(self.logits(frames), self.temperature)
        for i, probabilities in zip(waiting, answers, strict=True):
            status = confidence.judge(probabilities, self.thresholds)
            digit = int(probabilities.argmax())
            prepared[i] = replace(prepared[i], digit=digit, probabilities=probabilities, status=status)
        return prepared


def prepare(image: Picture) -> Reading:
    """Go the road up to the network: return a reading without answer, status "digit" where one is due.

    `framed` is what the network would see; see `Recognizer.read_digit` for what a picture may be.
    """
    ink = find_ink(image)
    if ink.blank:
        return _nothing("blank", {"Your picture": ink.grey})
    pieces = split_digits(ink.map)
    if stand_apart(pieces):
        return _nothing("several", {"Your picture": ink.grey, "Ink found": ink.map})
    if len(pieces) == 1:  # without the marks beside it
        return _framed_piece(pieces[0], ink)
    return _framed(ink, ink.map, None)


def _framed_piece(piece: Piece, ink: Ink) -> Reading:
    return _framed(ink, piece.ink, tuple(round(side * ink.scale) for side in piece.box))


def _framed(ink: Ink, part: np.ndarray, box) -> Reading:
    framed = frame(part)
    steps = {"Your picture": ink.grey, "Ink found": ink.map, **framed.steps}
    status = "not_a_digit" if is_blob(part) else "digit"
    return Reading(None, _no_idea(), status, framed.image, steps, box)


def _nothing(status: str, steps: dict[str, np.ndarray]) -> Reading:
    return Reading(None, _no_idea(), status, np.zeros((SIDE, SIDE), np.float32), steps)


def _no_idea() -> np.ndarray:
    return np.full(CLASSES, 1 / CLASSES, np.float32)
