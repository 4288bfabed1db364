"""config.json of an untrusted model: only layers on a list, only plain values of usual size.

Keras makes whatever class the file names, with whatever numbers it gives. So everything that bears a class
is held against `ALLOWED`, wherever it stands, and every other value must be short and small.
"""

import json
from collections.abc import Iterator
from typing import Any

from digits.models.sandbox.container import Refusal, shown
from digits.models.sandbox.layers import RULES

DEEPEST, MOST_VALUES, LONGEST = 48, 200_000, 200
"""Levels of nesting, values in all, characters of a text."""

LARGEST_NUMBER = 2**20
"""Of any size, count or rate in the description; seeds and numbers of objects may be larger."""

UNBOUNDED = {"seed", "shared_object_id"}

INITIALIZERS = (
    "Constant GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform Ones Orthogonal "
    "OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros"
)

ALLOWED: dict[str | None, set[str]] = {
    None: {"__keras_tensor__"},
    "keras": {"DTypePolicy", "Functional", "Sequential"},
    "keras.models": {"Functional", "Sequential"},
    "keras.src.models.functional": {"Functional"},
    "keras.src.models.sequential": {"Sequential"},
    "keras.layers": set(RULES),
    "keras.regularizers": {"L1", "L2", "L1L2"},
    "keras.constraints": {"MaxNorm", "NonNeg", "UnitNorm"},
    "keras.initializers": set(INITIALIZERS.split()),
}
"""Classes by module."""

OBJECT = {"class_name", "registered_name", "module", "spec_name"}
"""Words by which Keras knows that it shall make something."""

DTYPES = {"float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"}

PROGRAMS = {"Lambda", "__lambda__", "function", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
"""The best known of those that bring or load code of their own."""


def parse(text: bytes) -> dict[str, Any]:
    """Return the description, checked, without what only training needs.

    Args:
        text: config.json.

    Raises:
        Refusal: not JSON, or it holds a class or a value that is not allowed.
    """
    try:
        found = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal("Its config.json is not JSON; save the model again.") from error
    if not isinstance(found, dict) or found.get("class_name") not in ("Functional", "Sequential"):
        kind = found.get("class_name") if isinstance(found, dict) else found
        raise Refusal(f"It is a {shown(kind)}; expected a functional or Sequential model of Keras.")
    found.pop("compile_config", None)  # Keras does not look at it where `compile=False`
    for number, _ in enumerate(_walk(found, "", 0)):
        if number >= MOST_VALUES:
            raise Refusal(f"Its config.json holds more than {MOST_VALUES:,} values.")
    return found


def _walk(value: Any, key: str, depth: int) -> Iterator[None]:
    """Check a value and all in it, and yield for each."""
    yield
    if depth > DEEPEST:
        raise Refusal(f"Its config.json is nested more than {DEEPEST} deep.")
    if isinstance(value, dict):
        if OBJECT & value.keys():
            _check_object(value)
        for inner, part in value.items():
            _check_text(inner)
            yield from _walk(part, inner, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part, key, depth + 1)
    elif isinstance(value, str):
        _check_text(value)
        if key == "dtype" and value not in DTYPES:
            raise Refusal(f"It computes in {shown(value)}; expected one of {', '.join(sorted(DTYPES))}.")
    elif isinstance(value, int | float) and key not in UNBOUNDED:
        _check_number(value, key)


def _check_object(value: dict[str, Any]) -> None:
    name, module = value.get("class_name"), value.get("module")
    known = isinstance(module, str | None) and isinstance(name, str) and name in ALLOWED.get(module, ())
    if not known:
        harm = isinstance(name, str) and name in PROGRAMS
        why = "can run any program" if harm else "is not on the list of what is allowed"
        where = f" of {shown(module)}" if module not in (None, "keras.layers") else ""
        raise Refusal(f"It holds {shown(name)}{where}, which {why}.")
    if value.get("registered_name") not in (None, name):
        raise Refusal(
            f"It holds {shown(value['registered_name'])}, a class of somebody's own; "
            "expected layers of Keras alone."
        )
    if name == "DTypePolicy" and value.get("config", {}).get("name") not in DTYPES:
        raise Refusal(
            f"It computes in {shown(value['config'])}; expected one of {', '.join(sorted(DTYPES))}."
        )
    if value.get("compile_config"):
        raise Refusal("A model inside it was compiled by itself; compile only the whole, and save again.")


def _check_text(text: str) -> None:
    if len(text) > LONGEST or not text.isprintable():
        raise Refusal(
            f"Its config.json holds the text {shown(text)}; "
            f"expected at most {LONGEST} characters, all printable."
        )


def _check_number(value: float, key: str) -> None:
    if not abs(value) <= LARGEST_NUMBER:  # so that NaN, which compares as false, is refused too
        raise Refusal(
            f"Its config.json has {shown(key)} = {shown(value)}; expected at most {LARGEST_NUMBER:,}."
        )


def _no_number(text: str) -> float:
    raise Refusal(f"Its config.json holds {text}; expected finite numbers.")
