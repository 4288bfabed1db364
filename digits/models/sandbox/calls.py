"""Who takes in what: the calls of a functional model's layers, as Keras 2 and 3 write them, put in order."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any

from digits.models.sandbox.container import Refusal, shown
from digits.models.sandbox.layers import Config

Call = tuple[str, int]
"""Of which layer, and the how manieth."""

Tensor = tuple[str, int, int]
"""What a call of a layer gives: the layer, the call, the output."""

CALLED_WITH = {"mask", "training", "initial_state"}
"""Words with which a layer may be called beside what it takes in; none of them with a tensor."""

MOST_CALLS, MOST_INPUTS = 400, 64
"""Calls of layers in a model, and what one of them may take in."""

CONSTANT = "_CONSTANT_VALUE"
"""In place of a layer's name, where TensorFlow took in a number."""


def end_of(value: Any) -> Tensor:
    """Return where a functional model begins or ends."""
    found = value if isinstance(value, list) else list(value.values())
    found = [found] if isinstance(found[0], str) else found
    while len(found) == 1 and isinstance(found[0], list) and isinstance(found[0][0], list):
        found = found[0]
    if len(found) != 1:
        raise Refusal(f"It has {len(found)} inputs or outputs; expected one of each.")
    layer, call, output = found[0]
    return layer, call, output


def lateness(layers: dict[str, Any], ends: list[Tensor]) -> dict[str, int]:
    """Return from which number on the calls of each layer are counted: of models inside often from 1."""
    calls = {name: len(layer["inbound_nodes"]) for name, layer in layers.items()}
    most: dict[str, int] = {}
    taken = [taken_in(layers, (name, n))[0] for name, count in calls.items() for n in range(count)]
    for name, number, _ in [*ends, *(one for tensors in taken for one in tensors)]:
        if not isinstance(number, int) or not 0 <= number <= MOST_CALLS:
            raise Refusal(f"It takes the call {shown(number)} of its layer {shown(name)}.")
        most[name] = max(most.get(name, 0), number)
    return {name: max(0, number + 1 - max(1, calls.get(name, 1))) for name, number in most.items()}


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
    late = lateness(layers, [start])
    taken = {
        call: [
            (name, number - late.get(name, 0), output) for name, number, output in taken_in(layers, call)[0]
        ]
        for call in calls
    }
    made = {start, *((*call, 0) for call in calls)}
    try:
        order = list(TopologicalSorter({call: [s[:2] for s in taken[call]] for call in calls}).static_order())
    except CycleError:
        made = set()
    if not made.issuperset(source for found in taken.values() for source in found):
        raise Refusal("Its layers are not connected from the input to the output.")
    yield from ((call, taken[call]) for call in order if call in taken)


def taken_in(layers: dict[str, Any], call: Call) -> tuple[list[Tensor], list[Any], Config]:
    """Return what a call of a layer takes in: tensors, all arguments in their order, those with names."""
    node = layers[call[0]]["inbound_nodes"][call[1]]
    if isinstance(node, dict):
        given, named = node["args"], node["kwargs"]
    else:  # until 2023: [[layer, call, output, {name: value}], ...], or the only one of these
        entries = [node] if node and isinstance(node[0], str) else node
        given = [entry[2] if entry[0] == CONSTANT else entry[:3] for entry in entries]
        named = {
            key: value for entry in entries for key, value in (entry[3] if len(entry) > 3 else {}).items()
        }
        named.pop("name", None)
    parts = list(
        islice(_tensors([*given, *(named[key] for key in ("y", "x2") if key in named)]), MOST_INPUTS + 1)
    )
    found = [part for part in parts if isinstance(part, tuple)]
    if len(parts) > MOST_INPUTS:
        raise Refusal(f"Its layer {shown(call[0])} takes in more than {MOST_INPUTS} outputs.")
    if not found:
        raise Refusal(f"Its layer {shown(call[0])} takes nothing in.")
    return found, parts, named


def check_call(layers: dict[str, Any], call: Call) -> None:
    """Check that a layer is called with what others give, and nothing else that counts."""
    found, parts, named = taken_in(layers, call)
    plainly = all(value is None or isinstance(value, bool) for value in named.values())
    if set(named) - CALLED_WITH or not plainly or len(parts) != len(found):
        raise Refusal(f"Its layer {shown(call[0])} is called with {shown(named or parts)}.")


def _tensors(value: Any) -> Iterator[Tensor | float]:
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        layer, call, output = value
        yield layer, call, output
    elif isinstance(value, list):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        layer, call, output = value["config"]["keras_history"]
        yield layer, call, output
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
    elif value is not None:
        raise Refusal(f"One of its layers is called with {shown(value)}.")
