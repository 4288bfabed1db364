"""How the layers of a functional model are connected, read from its description."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any

from digits.network.foreign.refusal import Refusal, shown

CALLED_WITH = {"mask", "training"}
"""Words with which a layer may be called beside what it takes in."""

MOST_CALLS, MOST_INPUTS = 400, 64
"""Calls of layers in a model, and what one of them may take in."""

Call = tuple[str, int]
"""Of which layer, and the how manieth."""


def ends(value: list) -> list[tuple]:
    """Return where a functional model begins or ends, as (layer, call, output) triples."""
    found = value if isinstance(value[0], list) else [value]
    if len(found) != 1:
        raise Refusal(f"It has {len(found)} inputs or outputs; expected one of each.")
    return [tuple(end) for end in found]


def in_order(layers: dict[str, Any], start: tuple) -> Iterator[tuple[Call, list[tuple]]]:
    """Yield each call of a layer with what it takes in, after the calls that make it.

    Args:
        layers: their descriptions, by name.
        start: where the model begins, as (layer, call, output).

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


def _sources(layers: dict[str, Any], node: Call) -> list[tuple]:
    """Return what a call of a layer takes in, as (layer, call, output) triples."""
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


def _tensors(value: Any) -> Iterator[tuple]:
    if isinstance(value, list):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield tuple(value["config"]["keras_history"])
    elif value is not None:
        raise Refusal(f"One of its layers is called with {shown(value)}.")
