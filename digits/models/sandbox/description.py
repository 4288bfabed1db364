"""config.json of an untrusted model, or the same text of an old .h5: only classes on a list, plain values,
in bounds.

This is the first look, at the text as such: how deep, how long, how many, and no word that names a program.
What the layers are told is held against `arguments`, what they cost is worked out by `outline`; and Keras
never sees the text: it is given what comes out of these two.
"""

import json
from collections.abc import Iterator
from typing import Any

from digits.models.sandbox.arguments import ARGUMENTS, DTYPES, LEARNING
from digits.models.sandbox.container import Refusal, shown

DEEPEST, MOST_VALUES, LONGEST = 48, 200_000, 200
"""Levels of nesting, values in all, characters of a text."""

LARGEST_NUMBER = 2**20
"""Of any size, count or rate in the description; seeds and numbers of objects may be larger."""

UNBOUNDED = {"seed", "shared_object_id"}

MODELS = {"Functional", "Sequential", "Model"}
"""The last is what Keras called the first until 2020."""

WRAPPERS = {"Bidirectional", "TimeDistributed"}
"""Layers with another one inside."""

OPERATIONS = {
    "TrueDivide": "divide",
    "Divide": "divide",
    "Multiply": "multiply",
    "Subtract": "subtract",
    "Add": "add",
    "ExpandDims": "expand_dims",
    "Reshape": "reshape",
    "Relu": "relu",
    "Softmax": "softmax",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
}
"""What a functional model may do to a tensor without a layer, by Keras' class, e.g. `inputs / 255`."""

OLD_OPERATIONS = {
    "math.truediv": "divide",
    "math.divide": "divide",
    "math.multiply": "multiply",
    "math.subtract": "subtract",
    "__operators__.add": "add",
    "math.add": "add",
    "expand_dims": "expand_dims",
    "reshape": "reshape",
    "nn.relu": "relu",
    "nn.softmax": "softmax",
    "math.sigmoid": "sigmoid",
    "math.tanh": "tanh",
}
"""The same, as TensorFlow wrote it until 2.15, as `TFOpLambda`."""

ALLOWED = (
    set(ARGUMENTS)
    | MODELS
    | WRAPPERS
    | set(OPERATIONS)
    | set().union(*LEARNING.values())
    | {"__keras_tensor__", "DTypePolicy", "Policy", "TFOpLambda", "function"}
)
"""Classes that may be named anywhere; where which of them may stand is for the stages behind this one."""

MODULES = ("keras", "builtins")
"""How modules begin that may be named. None of them is imported by its name."""

OBJECT = {"class_name", "registered_name", "module", "spec_name"}
"""Words by which Keras knows that it shall make something."""

PROGRAMS = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
"""The best known of those that bring or load code of their own."""


def parse(text: bytes) -> dict[str, Any]:
    """Return the description, checked, without what only training needs.

    Args:
        text: JSON.

    Raises:
        Refusal: not JSON, or it holds a class or a value that is not allowed.
    """
    try:
        found = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal("Its config.json is not JSON; save the model again.") from error
    if not isinstance(found, dict) or found.get("class_name") not in MODELS:
        kind = found.get("class_name") if isinstance(found, dict) else found
        raise Refusal(f"It is a {shown(kind)}; expected a functional or Sequential model of Keras.")
    found.pop("compile_config", None)  # what it was trained with is never looked at
    for number, _ in enumerate(_walk(found, "", 0)):
        if number >= MOST_VALUES:
            raise Refusal(f"Its config.json holds more than {MOST_VALUES:,} values.")
    _check_shared(found)
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
    known = isinstance(name, str) and name in ALLOWED and _is_keras(module)
    if not known:
        harm = isinstance(name, str) and name in PROGRAMS
        why = "can run any program" if harm else "is not on the list of what is allowed"
        where = f" of {shown(module)}" if module not in (None, "keras.layers") else ""
        raise Refusal(f"It holds {shown(name)}{where}, which {why}.")
    if name != "function" and value.get("registered_name") not in (None, name):
        raise Refusal(
            f"It holds {shown(value['registered_name'])}, a class of somebody's own; "
            "expected layers of Keras alone."
        )
    if value.get("compile_config") and name not in MODELS:
        raise Refusal(f"Its {shown(name)} was compiled by itself; compile only the whole, and save again.")
    value.pop("compile_config", None)


def _is_keras(module: Any) -> bool:
    return module is None or (isinstance(module, str) and module.split(".")[0] in MODULES)


def _check_shared(model: dict[str, Any]) -> None:
    """Check that no number stands for a layer and for something else: one of them would be the other."""
    layers: set[int] = set()
    others: set[int] = set()
    for value, is_layer in _objects(model, False):
        number = value.get("shared_object_id")
        if number is None:
            continue
        if not isinstance(number, int) or number in layers or (is_layer and number in others):
            raise Refusal("Two things of it are said to be one and the same layer; save the model again.")
        (layers if is_layer else others).add(number)


def _objects(value: Any, is_layer: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield what has a class, and whether it is a layer, here or further inside."""
    if isinstance(value, dict):
        if "class_name" in value:
            yield value, is_layer or value["class_name"] in ARGUMENTS
        for key, part in value.items():
            yield from _objects(part, key == "layers")
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part, is_layer)


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
