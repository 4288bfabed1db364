"""The card beside a model: what it was trained on, how well it did, its temperature and thresholds.

A card may come from anywhere, like the model; what the app and the recognizer rely on is checked.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from digits.config import FRAME_VERSION, SIDE, now
from digits.files import read_json
from digits.models import alphabet
from digits.models.calibration import NEUTRAL_THRESHOLDS
from digits.models.sandbox.container import plain
from digits.models.sandbox.inputs import FORMS, UNIT, Finding

INPUT = {"shape": [SIDE, SIDE, 1], "range": [0.0, 1.0], "polarity": "bright ink on black"}
"""What our models take."""

LARGEST_CARD = 2**20  # bytes


LONGEST_TEXT, MOST_PARTS, DEEPEST = 4000, 10_000, 6
"""Characters of a text, parts of a list or object, levels of what a card holds."""

Check = Callable[[Any, str], None]
"""A value and where it stands, e.g. "thresholds.refused"; raises ValueError with what was expected there."""


def _wrong(where: str, expected: str) -> NoReturn:
    raise ValueError(f"expected {where} to be {expected}")


def _number(low: float, high: float, whole: bool = False) -> Check:
    """Take finite numbers; NaN lies between no two."""

    def check(value: Any, where: str) -> None:
        kind = int if whole else int | float
        if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:
            _wrong(where, f"a {'whole ' if whole else ''}number from {low:g} to {high:g}")

    return check


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        _wrong(where, f"a text of at most {LONGEST_TEXT:,} characters")


def _list_of(check: Check, least: int = 0) -> Check:
    def check_all(value: Any, where: str) -> None:
        if not isinstance(value, list) or not least <= len(value) <= MOST_PARTS:
            _wrong(where, f"a list of {least} to {MOST_PARTS:,} things")
        for number, part in enumerate(value):
            check(part, f"{where}[{number}]")

    return check_all


def _object(known: dict[str, Check], others: Check, required: tuple[str, ...] = ()) -> Check:
    """Take objects: the values of known names by their checks, all others by one."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict) or len(value) > MOST_PARTS:
            _wrong(where, "an object of names and values")
        for name in required:
            if name not in value:
                _wrong(f"{where}.{name}", "there")
        for name, part in value.items():
            _text(name, f"a name in {where}")
            known.get(name, others)(part, f"{where}.{plain(name, 40)}")

    return check


def _or_nothing(check: Check) -> Check:
    return lambda value, where: None if value is None else check(value, where)


def _plain(value: Any, where: str, deep: int = DEEPEST) -> None:
    """Take whatever JSON holds, within bounds."""
    if isinstance(value, str):
        _text(value, where)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        _number(-1e18, 1e18)(value, where)
    elif isinstance(value, list | dict) and deep and len(value) <= MOST_PARTS:
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            _plain(part, f"{where}.{plain(name, 40)}", deep - 1)
    else:
        _wrong(where, "plain JSON of usual depth and length")


def _range(value: Any, where: str) -> None:
    _list_of(_number(-1e4, 1e4))(value, where)
    if len(value) != 2 or not value[0] < value[1]:
        _wrong(where, "two numbers, the smaller one first")


def _labels(value: Any, where: str) -> None:
    _list_of(_text)(value, where)
    try:
        alphabet.checked(value)
    except ValueError:
        _wrong(where, "two or more digits and letters, each once")


def _form(value: Any, where: str) -> None:
    if not isinstance(value, str) or value not in FORMS:
        _wrong(where, f"one of {', '.join(FORMS)}")


_share = _number(0, 1)
_measure = _number(-1e9, 1e9)
_row: dict[str, Check] = {
    "unsure_below": _number(0, 2),
    "refused": _share,
    "errors_caught": _share,
    "letters_caught": _share,
}
_texts = _object({}, _text)

SCHEMA: dict[str, Check] = {
    "name": _text,
    "architecture": _text,
    "parameters": _number(1, 1e12, whole=True),
    "trained_on": _list_of(_object({}, _text, required=("name",))),
    "config": _object(
        {
            "script": _or_nothing(_text),
            "base": _or_nothing(_text),
            "remarks": _or_nothing(_text),
            "learnt_from": _object({}, _list_of(_text)),
            "adopted": _object({"when": _text, "replaces": _or_nothing(_text)}, _plain, ("when", "replaces")),
        },
        _plain,
    ),
    "seed": _number(-(2**63), 2**63, whole=True),
    "validation": _object(
        {"n": _number(0, 1e9, whole=True), "accuracy": _share, "learnt_all": _plain},
        _or_nothing(_measure),
        required=("accuracy",),
    ),
    "temperature": _number(1e-3, 1e3),
    "thresholds": _object({**_row, "unsure_below": _share}, _number(-1e6, 1e6), required=("unsure_below",)),
    "created": _text,
    "versions": _texts,
    "minutes": _number(0, 1e9),
    "hardware": _text,
    "input": _object(
        {
            "shape": _list_of(_or_nothing(_number(1, 1e6, whole=True)), least=1),
            "range": _range,
            "polarity": _text,
            "form": _form,
        },
        _plain,
    ),
    "frame_version": _number(0, 1e6, whole=True),
    "sha256": _text,
    "labels": _labels,
    "trade_off": _list_of(
        _object(_row, _number(-1e6, 1e6), required=("unsure_below", "refused", "errors_caught"))
    ),
    "promises": _object({}, _number(0, 1e6)),
    "history": _list_of(
        _object({"epoch": _number(0, 1e9, whole=True)}, _or_nothing(_measure), required=("epoch",))
    ),
}
"""What each part of a card must be: the app, the recognizer and the report rely on it."""

OPTIONAL = {"labels", "trade_off", "promises", "history"}
"""What older cards lack."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a checkpoint says about itself."""

    name: str
    architecture: str
    parameters: int
    trained_on: list[dict[str, str]]  # name, licence and attribution of each data set
    config: dict[str, Any]
    seed: int
    validation: dict[str, float]  # n, accuracy, loss
    temperature: float
    thresholds: dict[str, float]
    created: str
    versions: dict[str, str]
    minutes: float
    hardware: str
    input: dict[str, Any] = field(default_factory=lambda: dict(INPUT))
    frame_version: int = FRAME_VERSION
    sha256: str = ""
    labels: list[str] = field(default_factory=lambda: list(alphabet.DIGITS))  # what its outputs stand for
    trade_off: list[dict[str, float]] = field(default_factory=list)  # thresholds and their price, lax first
    promises: dict[str, float] = field(default_factory=dict)  # requirements: a measure and its limit
    history: list[dict[str, float]] = field(default_factory=list)  # loss, accuracy and validation by epoch

    def as_dict(self) -> dict[str, Any]:
        """Return all that it says; of the labels only those that are not the digits, as cards ever did."""
        said = dataclasses.asdict(self)
        if tuple(self.labels) == alphabet.DIGITS:
            del said["labels"]
        return said

    @classmethod
    def read(cls, path: Path) -> "Card":
        """Read a card.

        Raises:
            ValueError: not a card, or made for another way of framing; the message says which.
        """
        return cls.parse(_read(path), path.name)

    @classmethod
    def bare_labels(cls, path: Path) -> tuple[str, ...] | None:
        """Return the labels of a stranger's card, {"labels": [...]} and no more; None if it says more.

        Raises:
            ValueError: there is no JSON, or its labels are none; the message says which.
        """
        values = _read(path)
        if not isinstance(values, dict) or values.keys() != {"labels"}:
            return None
        _checked(values, path.name)
        return tuple(values["labels"])

    @classmethod
    def parse(cls, values: Any, file: str) -> "Card":
        """Make a card of what stands in a file of that name; see `read`."""
        known = {f.name for f in dataclasses.fields(cls)}
        required = known - OPTIONAL
        if missing := sorted(required - (values.keys() if isinstance(values, dict) else set())):
            raise ValueError(f"{file} is not a complete model card; missing: {', '.join(missing)}.")
        if values["frame_version"] != FRAME_VERSION:
            raise ValueError(
                f"{file} was made for frame version {values['frame_version']}; "
                f"expected {FRAME_VERSION}: train the model again."
            )
        _checked(values, file)
        return cls(**{key: values[key] for key in known & values.keys()})

    @classmethod
    def of_untrusted(
        cls,
        name: str,
        sha256: str,
        parameters: int,
        finding: Finding | None,
        labels: Sequence[str] = alphabet.DIGITS,
    ) -> "Card":
        """Return the card of a model that was made elsewhere: nothing is known of it but what its trial
        found.

        Args:
            name: under which it is in models/.
            sha256: of its file.
            parameters: numbers that it keeps.
            finding: of its trial; None where there was nothing to find.
            labels: what its outputs stand for.
        """
        finding = finding or Finding(UNIT, 0.0, 0.0, 0)
        form = FORMS[finding.form]
        given = {"range": sorted(form.values)} if form.values and not form.unit else {}
        told = {
            "asked": finding.asked,
            "right": round(finding.right, 4),
            "unit_right": round(finding.unit_right, 4),
        }
        return cls(
            name=name,
            architecture="unknown",
            parameters=parameters,
            trained_on=[{"name": "unknown, it was made elsewhere"}],
            config={"remarks": finding.remark if finding.asked else "", "made_elsewhere": told},
            seed=0,
            validation={"accuracy": round(finding.right, 4)},
            temperature=1.0,
            thresholds=dict(NEUTRAL_THRESHOLDS),
            created=now(),
            versions={},
            minutes=0.0,
            hardware="unknown",
            input={**INPUT, **given, "form": finding.form},
            sha256=sha256,
            labels=list(labels),
        )


def _read(path: Path) -> Any:
    """Return what a card's file holds; see `Card.read`."""
    if not path.is_file():  # to open a pipe is to wait for whoever fills it
        raise ValueError(f"{path.name} is no plain file, which a card is.")
    if path.stat().st_size > LARGEST_CARD:
        raise ValueError(
            f"{path.name} has {path.stat().st_size:,} bytes; a card has {LARGEST_CARD:,} at most."
        )
    return read_json(path)


def _checked(values: dict[str, Any], file: str) -> None:
    """Raise a ValueError if anything in the file of that name is not what it must be."""
    for key, check in SCHEMA.items():
        if key not in values:
            continue
        try:
            check(values[key], key)
        except ValueError as error:
            raise ValueError(
                f"{file} has {key} = {plain(repr(values[key]), 80)}, which no card of ours has; {error}."
            ) from None
