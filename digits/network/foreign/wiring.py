"""How the layers of a functional model are connected, read from its description."""

from collections.abc import Iterator
from typing import Any

from digits.network.foreign.refusal import Refusal, shown

CALLED_WITH = {"mask", "training"}
"""Words with which a layer may be called beside what it takes in."""


def ends(value: list) -> list[tuple]:
    """Return where a functional model begins or ends, as (layer, call, output) triples."""
    found = value if isinstance(value[0], list) else [value]
    if len(found) != 1:
        raise Refusal(f"It has {len(found)} inputs or outputs; expected one of each.")
    return [tuple(end) for end in found]


def sources(layers: dict[str, Any], node: tuple[str, int]) -> list[tuple]:
    """Return what a call of a layer takes in, as (layer, call, output) triples."""
    call = layers[node[0]]["inbound_nodes"][node[1]]
    odd = {key: value for key, value in call["kwargs"].items() if value is not None}
    if set(call["kwargs"]) - CALLED_WITH or not all(isinstance(value, bool) for value in odd.values()):
        raise Refusal(f"Its layer {shown(node[0])} is called with {shown(call['kwargs'])}.")
    found = list(_tensors(call["args"]))
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
