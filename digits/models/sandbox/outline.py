"""An untrusted model on paper: its shapes, parameters and work, without making any of it.

The path of one frame is followed through the description. What Keras would be asked to allocate is known
before it is asked: a Dense layer of 10^9 units is a line of text until then.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any

from digits.config import CLASSES, SIDE
from digits.models.sandbox.container import Refusal, shown
from digits.models.sandbox.layers import MOST_SIDES, RULES, Config, Cost, Shape

Call = tuple[str, int]
"""Of which layer, and the how manieth."""

Tensor = tuple[str, int, int]
"""What a call of a layer gives: the layer, the call, the output."""

TAKES: tuple[Shape, ...] = ((SIDE, SIDE, 1), (SIDE, SIDE), (SIDE * SIDE,))
"""Shapes of a frame that the app can give a model."""

MOST_LAYERS, MOST_INSIDE = 400, 3
"""Layers in all, and models inside models."""

MOST_PARAMETERS = 20_000_000
"""Eighty megabytes; a model of ours has 0.4 million at most."""

MOST_VALUES = 2**18
"""Of one layer's output for one frame: 512 frames at once then need half a gigabyte."""

MOST_VALUES_IN_ALL = 8 * MOST_VALUES
"""Of all outputs together for one frame, which Keras keeps until the last of them is made."""

MOST_WORK = 10**9
"""Multiplications for one frame: about a tenth of a second."""

CALLED_WITH = {"mask", "training"}
"""Words with which a layer may be called beside what it takes in."""

MOST_CALLS, MOST_INPUTS = 400, 64
"""Calls of layers in a model, and what one of them may take in."""


@dataclass
class Ledger:
    """What has been met so far."""

    layers: int = 0
    parameters: int = 0
    work: int = 0
    values: int = 0


def parameters(model: dict[str, Any]) -> int:
    """Return how many numbers a model keeps, from its description.

    Args:
        model: as `description.parse` returns it.

    Raises:
        Refusal: it is too large, takes no frame or does not give ten numbers.
    """
    try:
        return _parameters(model)
    except Refusal:
        raise
    except Exception as error:  # the description may be of any form; each slip has an exception of its own
        raise Refusal(
            f"Its config.json describes no model that Keras writes ({type(error).__name__}); save it again."
        ) from error


def _parameters(model: dict[str, Any]) -> int:
    given = _declared(model)
    ledger = Ledger()
    made = _follow(model, given, ledger, 0)
    if given not in TAKES or made != (CLASSES,):
        one = "), (None, ".join(", ".join(map(str, shape)) for shape in TAKES)
        raise Refusal(
            f"It maps {_batch(given)} to {_batch(made)}; expected (None, {one}) to (None, {CLASSES})."
        )
    return ledger.parameters


def _declared(model: dict[str, Any]) -> Shape:
    """Return the shape of the input that a model declares."""
    config = model["config"]
    inputs = [layer for layer in config["layers"] if layer["class_name"] == "InputLayer"]
    if model["class_name"] == "Sequential":
        inputs = inputs[:1] if config["layers"][0]["class_name"] == "InputLayer" else []
    if len(inputs) > 1:
        raise Refusal(f"It takes {len(inputs)} inputs; expected one.")
    shape = inputs[0]["config"]["batch_shape"] if inputs else config["build_input_shape"]
    if not isinstance(shape, list) or len(shape) < 2 or shape[0] is not None:
        raise Refusal(
            f"It takes inputs of the shape {shown(shape)}; "
            "expected any number of frames: begin with keras.Input."
        )
    sound = all(isinstance(side, int) and 0 < side <= MOST_VALUES for side in shape[1:])
    if not sound or len(shape) > MOST_SIDES:
        raise Refusal(f"It takes inputs of the shape {shown(shape)}; expected known sides of usual length.")
    return tuple(shape[1:])


def _follow(model: dict[str, Any], given: Shape, ledger: Ledger, inside: int) -> Shape:
    if inside > MOST_INSIDE:
        raise Refusal(f"It holds models in models more than {MOST_INSIDE} deep.")
    _check_built(model, [given])
    config = model["config"]
    _check_known(config, "build_input_shape", given)
    if model["class_name"] == "Sequential":
        shape = given
        for layer in config["layers"]:
            shape = _pass(layer, [shape], ledger, inside, first=True)
        return shape
    return _follow_graph(config, given, ledger, inside)


def _follow_graph(config: Config, given: Shape, ledger: Ledger, inside: int) -> Shape:
    """Follow the layers of a functional model in the order in which their inputs become known."""
    source, end = _end(config["input_layers"]), _end(config["output_layers"])
    layers = {layer["name"]: layer for layer in config["layers"]}
    if len(layers) != len(config["layers"]):
        raise Refusal("Two of its layers have the same name.")
    shapes = {source: _pass(layers[source[0]], [given], ledger, inside, first=True)}
    for call, taken in in_order(layers, source):
        before = [shapes[one] for one in taken]
        shapes[(*call, 0)] = _pass(layers[call[0]], before, ledger, inside, first=call[1] == 0)
    return shapes[end]


def _end(value: list) -> Tensor:
    """Return where a functional model begins or ends."""
    found = value if isinstance(value[0], list) else [value]
    if len(found) != 1:
        raise Refusal(f"It has {len(found)} inputs or outputs; expected one of each.")
    layer, call, output = found[0]
    return layer, call, output


def in_order(layers: dict[str, Any], start: Tensor) -> Iterator[tuple[Call, list[Tensor]]]:
    """Yield each call of a layer with what it takes in, after the calls that make it.

    Args:
        layers: their descriptions, by name.
        start: where the model begins.

    Raises:
        Refusal: the calls are too many, go round in a circle or take in what nothing makes.
    """
    calls = [
        (name, number) for name, layer in layers.items() for number, _ in enumerate(layer["inbound_nodes"])
    ]
    if len(calls) > MOST_CALLS:
        raise Refusal(f"It calls its layers {len(calls):,} times; at most {MOST_CALLS}.")
    taken = {call: _sources(layers, call) for call in calls}
    made = {start, *((*call, 0) for call in calls)}
    try:
        order = list(TopologicalSorter({call: [s[:2] for s in taken[call]] for call in calls}).static_order())
    except CycleError:
        made = set()
    if not made.issuperset(source for found in taken.values() for source in found):
        raise Refusal("Its layers are not connected from the input to the output.")
    yield from ((call, taken[call]) for call in order if call in taken)


def _sources(layers: dict[str, Any], node: Call) -> list[Tensor]:
    """Return what a call of a layer takes in."""
    call = layers[node[0]]["inbound_nodes"][node[1]]
    odd = {key: value for key, value in call["kwargs"].items() if value is not None}
    if set(call["kwargs"]) - CALLED_WITH or not all(isinstance(value, bool) for value in odd.values()):
        raise Refusal(f"Its layer {shown(node[0])} is called with {shown(call['kwargs'])}.")
    found = list(islice(_tensors(call["args"]), MOST_INPUTS + 1))
    if len(found) > MOST_INPUTS:
        raise Refusal(f"Its layer {shown(node[0])} takes in more than {MOST_INPUTS} outputs.")
    if not found:
        raise Refusal(f"Its layer {shown(node[0])} takes nothing in.")
    return found


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, list):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        layer, call, output = value["config"]["keras_history"]
        yield layer, call, output
    elif value is not None:
        raise Refusal(f"One of its layers is called with {shown(value)}.")


def _pass(layer: dict[str, Any], shapes: list[Shape], ledger: Ledger, inside: int, first: bool) -> Shape:
    """Lead the shapes through a layer, add what it costs, and return the shape that comes out.

    Args:
        first: whether this is the layer's first call; its parameters serve all later ones too.
    """
    kind, config = layer["class_name"], layer["config"]
    ledger.layers += 1
    if kind in ("Functional", "Sequential"):
        (given,) = shapes
        before = ledger.parameters
        shape = _follow(layer, given, ledger, inside + 1)
        ledger.parameters = ledger.parameters if first else before
        _check_limits(ledger, Cost(shape), shown(config.get("name")))
        return shape
    if first:
        _check_built(layer, shapes)
    if kind == "InputLayer" and (config.get("sparse") or config.get("ragged") or config.get("optional")):
        raise Refusal("Its input is sparse, ragged or optional; expected a plain one.")
    if kind == "InputLayer":
        _check_known(config, "batch_shape", shapes[0])
    if config.get("lora_rank") or config.get("quantization_config"):
        raise Refusal(
            f"Its layer {shown(config.get('name'))} is quantised or has adapters; expected a plain one."
        )
    cost = RULES[kind](config, shapes)
    ledger.parameters += cost.parameters if first else 0
    ledger.work += cost.work
    ledger.values += math.prod(cost.shape)
    _check_limits(ledger, cost, shown(config.get("name")))
    return cost.shape


def _check_limits(ledger: Ledger, cost: Cost, name: str) -> None:
    values = max(math.prod(cost.shape), cost.between)
    if len(cost.shape) > MOST_SIDES:
        raise Refusal(f"Its layer {name} gives {len(cost.shape)} dimensions; expected at most {MOST_SIDES}.")
    for what, found, most, of in (
        (f"Its layer {name} makes", values, MOST_VALUES, "values of one frame"),
        ("It makes", ledger.values, MOST_VALUES_IN_ALL, f"values of one frame up to its layer {name}"),
        ("It keeps", ledger.parameters, MOST_PARAMETERS, f"parameters up to its layer {name}"),
        ("It multiplies", ledger.work, MOST_WORK, f"times for one frame up to its layer {name}"),
        ("It has", ledger.layers, MOST_LAYERS, "layers"),
    ):
        if found > most:
            number = f"{found:,}" if found < 1e15 else "far too many"
            raise Refusal(f"{what} {number} {of}; at most {most:,}.")


def _check_built(layer: dict[str, Any], shapes: list[Shape]) -> None:
    """Check the shape for which Keras would make the layer's weights before it meets any input."""
    build = layer.get("build_config") or {}
    known = build.get("input_shape")
    if set(build) - {"input_shape"}:
        raise Refusal(f"It says how to build a layer in an unusual way, by {shown(sorted(build))}.")
    if known and isinstance(known[0], list):
        if [tuple(one[1:]) for one in known] != shapes:
            raise Refusal(f"It builds a layer for {shown(known)}, where {shown(shapes)} arrive.")
    elif known:
        _check_known(build, "input_shape", shapes[0])


def _check_known(config: Config, key: str, shape: Shape) -> None:
    """Check that a shape with its batch, where it is given, is `shape`."""
    known = config.get(key)
    if known and tuple(known[1:]) != shape:
        raise Refusal(f"It builds a layer for {shown(known)}, where {_batch(shape)} arrives.")


def _batch(shape: Shape) -> str:
    return str((None, *shape))
