"""An untrusted model on paper: a plan of its layers, with their shapes, weights and work, before any is made.

The path of one frame is followed through the description. What Keras would be asked to allocate is known
before it is asked: a Dense layer of 10^9 units is a line of text until then. The plan is flat, models inside
models too, and has nothing in it but what `arguments` let through; `build` makes it.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from digits.config import SIDE
from digits.models.alphabet import DIGITS, KNOWN
from digits.models.sandbox.arguments import MOST_SIDES, arguments
from digits.models.sandbox.calls import check_call, end_of, in_order, lateness, taken_in
from digits.models.sandbox.container import Refusal, plain, shown
from digits.models.sandbox.description import MODELS, OLD_OPERATIONS, OPERATIONS, WRAPPERS
from digits.models.sandbox.layers import RULES, Config, Cost, Shape, Weight, both_ways

TAKES: tuple[Shape, ...] = (
    (SIDE, SIDE, 1),
    (SIDE, SIDE),
    (SIDE * SIDE,),
    (SIDE * SIDE, 1),
    (SIDE + 4, SIDE + 4, 1),
)
"""Shapes of a frame that the app can give a model; the last has an edge of 2 around it, as LeNet-5 wants."""

MOST_LAYERS, MOST_INSIDE = 400, 3
"""Layers in all, and models inside models."""

MOST_PARAMETERS = 20_000_000
"""Eighty megabytes; a model of ours has 0.4 million at most."""

MOST_VALUES = 2**18
"""Of one layer's output for one frame: 512 frames at once then need half a gigabyte."""

MOST_VALUES_IN_ALL = 8 * MOST_VALUES
"""Of all outputs together for one frame; the trial asks for a whole batch within its limit of memory."""

MOST_WORK = 10**9
"""Multiplications for one frame: about a tenth of a second."""


PASSING = re.compile("InputLayer|ActivityRegularization|Identity|Random.*")
"""Layers that do nothing to an answer: they are in no plan."""

LETTERS = {26: "letters", 36: "digits and letters", 47: "digits and letters", 62: "digits and letters"}
"""What models with so many outputs usually read."""


@dataclass(frozen=True)
class Layer:
    """A layer of a plan."""

    kind: str
    """Its class, one of `RULES`, or a wrapper around one."""
    name: str
    """Unique in the plan, of letters, digits and _."""
    options: Config = field(default_factory=dict)
    """What Keras makes it with."""
    weights: tuple[Weight, ...] = ()
    inner: "Layer | None" = None
    """Of a wrapper."""


@dataclass(frozen=True)
class Step:
    """One call of a layer."""

    layer: Layer
    takes: tuple[int, ...]
    """Which values: 0 is the frame, n what the nth step gives."""
    shape: Shape


@dataclass
class Branch:
    """A layer, or a model inside a model, at its place in the file with the weights."""

    kind: str
    name: str
    trainable: bool
    layer: Layer | None = None
    parts: "list[Branch]" = field(default_factory=list)

    def layers(self) -> "Iterator[tuple[Layer, bool]]":
        """Yield the layers with weights, and whether training may change them."""
        if self.layer is not None:
            yield self.layer, self.trainable
        for part in self.parts:
            for layer, trainable in part.layers():
                yield layer, trainable and self.trainable


@dataclass(frozen=True)
class Plan:
    """A model that can be made."""

    takes: Shape
    steps: tuple[Step, ...]
    gives: int
    """Which value is the answer; see `Step.takes`."""
    tree: Branch
    work: int

    @property
    def layers(self) -> list[Layer]:
        """All layers with weights, in the order of the file with the weights."""
        return [layer for layer, _ in self.tree.layers()]

    @property
    def parameters(self) -> int:
        """How many numbers it keeps."""
        return sum(math.prod(weight.shape) for layer in self.layers for weight in layer.weights)


@dataclass
class Ledger:
    """What has been met so far."""

    layers: int = 0
    parameters: int = 0
    work: int = 0
    values: int = 0
    steps: list[Step] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class Flow(NamedTuple):
    """A value on its way through the plan."""

    number: int
    shape: Shape


def plan(model: dict[str, Any], labels: Sequence[str] = DIGITS) -> Plan:
    """Return how a model is made, from its description.

    Args:
        model: as `description.parse` returns it.
        labels: what its outputs stand for, by its card.

    Raises:
        Refusal: it is too large, takes no frame or does not give a number for each label.
    """
    try:
        return _plan(model, labels)
    except Refusal:
        raise
    except Exception as error:  # the description may be of any form; each slip has an exception of its own
        raise Refusal(
            f"Its config.json describes no model that Keras writes ({type(error).__name__}); save it again."
        ) from error


def parameters(model: dict[str, Any]) -> int:
    """Return how many numbers a model keeps; see `plan`."""
    return plan(model).parameters


def _plan(model: dict[str, Any], labels: Sequence[str]) -> Plan:
    given = _declared(model)
    ledger = Ledger()
    tree = Branch("", "", True)
    made = _follow(model, Flow(0, given), ledger, 0, tree, "")
    if len(made.shape) == 1 and made.shape != (len(labels),):
        raise Refusal(_other_things(made.shape[0], labels))
    if given not in TAKES or made.shape != (len(labels),):
        one = "), (None, ".join(", ".join(map(str, shape)) for shape in TAKES)
        wanted = f"(None, {one}) to (None, {len(labels)})"
        raise Refusal(f"It maps {_batch(given)} to {_batch(made.shape)}; expected {wanted}.")
    steps = _without_sigmoid(ledger.steps, made.number)
    return Plan(given, steps, made.number, tree.parts[0], ledger.work)


def _other_things(outputs: int, labels: Sequence[str]) -> str:
    """Return why a model with so many outputs is none of these labels."""
    if tuple(labels) != DIGITS:
        return f"It has {outputs} outputs, and its card names {len(labels)} labels; expected one for each."
    what = f", as of {LETTERS[outputs]}" if outputs in LETTERS else ""
    said = (
        f"It tells {outputs} things apart{what}, since it has so many outputs; expected the {len(labels)} "
        "digits, and no more"
    )
    if not 2 <= outputs <= len(KNOWN):
        return f"{said}."
    return f'{said}, or a card beside it that names all {outputs} under "labels".'


def _without_sigmoid(steps: list[Step], gives: int) -> tuple[Step, ...]:
    """Let sigmoids at the end be logits: their order is the same, and their softmax is what they
    say."""
    last = steps[gives - 1] if gives else None
    if (
        last
        and last.layer.options.get("activation") == "sigmoid"
        and last.layer.kind in ("Dense", "Activation")
    ):
        last.layer.options["activation"] = "linear"
    return tuple(steps)


def _declared(model: dict[str, Any]) -> Shape:
    """Return the shape of the input that a model declares."""
    config = _listed(model)
    layers = config["layers"]
    inputs = [layer for layer in layers if layer["class_name"] == "InputLayer"]
    if model["class_name"] == "Sequential":
        inputs = layers[:1]
    if len(inputs) > 1:
        raise Refusal(f"It takes {len(inputs)} inputs; expected one.")
    said: list[Any] = [_said(layer) for layer in inputs]
    said += [config.get("build_input_shape"), (model.get("build_config") or {}).get("input_shape")]
    shape = next((one for one in said if one), None)
    if shape is None and inputs and inputs[0]["class_name"] in MODELS:  # it begins with another model
        return _declared(inputs[0])
    if not isinstance(shape, list) or len(shape) < 2:
        raise Refusal(
            f"It takes inputs of the shape {shown(shape)}; expected frames: begin with keras.Input."
        )
    sides = [SIDE] + shape[2:] if shape[1:] == [None, SIDE] else shape[1:]  # rows, as many as there are
    sound = all(isinstance(side, int) and 0 < side <= MOST_VALUES for side in sides)
    if not sound or len(shape) > MOST_SIDES:
        raise Refusal(f"It takes inputs of the shape {shown(shape)}; expected known sides of usual length.")
    return tuple(sides)


def _said(layer: dict[str, Any]) -> Any:
    config = layer["config"]
    if layer["class_name"] in MODELS:
        return None
    return config.get("batch_shape") or config.get("batch_input_shape")


def _listed(model: dict[str, Any]) -> Config:
    """Return a model's config; in the oldest files that of a Sequential is the list of its layers."""
    config = model["config"]
    return {"layers": config} if isinstance(config, list) else config


def _follow(
    model: dict[str, Any], given: Flow, ledger: Ledger, inside: int, tree: Branch, prefix: str
) -> Flow:
    """Follow a model, and add its steps to the ledger and its layers to the tree."""
    if inside > MOST_INSIDE:
        raise Refusal(f"It holds models in models more than {MOST_INSIDE} deep.")
    _check_built(model, [given.shape])
    config = _listed(model)
    _check_known(config, "build_input_shape", given.shape)
    known: set[str] = {
        "name",
        "trainable",
        "dtype",
        "layers",
        "build_input_shape",
        "input_layers",
        "output_layers",
    }
    if strange := sorted(set(config) - known):
        raise Refusal(f"A model of it has {shown(strange[0])}, which no model of Keras has.")
    kind = "Sequential" if model["class_name"] == "Sequential" else "Functional"
    branch = Branch(kind, str(config.get("name")), config.get("trainable", True) is not False)
    tree.parts.append(branch)
    if kind == "Sequential":
        flow = given
        for layer in config["layers"]:
            place = _Place(layer, branch, prefix)
            flow = place.call([flow], ledger, inside)
        return flow
    return _follow_graph(config, given, ledger, inside, branch, prefix)


def _follow_graph(
    config: Config, given: Flow, ledger: Ledger, inside: int, branch: Branch, prefix: str
) -> Flow:
    """Follow the layers of a functional model in the order in which their inputs become known."""
    layers = {layer["name"]: layer for layer in config["layers"]}
    if len(layers) != len(config["layers"]):
        raise Refusal("Two of its layers have the same name.")
    places = {name: _Place(layer, branch, prefix) for name, layer in layers.items()}
    ends = [end_of(config[key]) for key in ("input_layers", "output_layers")]
    late = lateness(layers, ends)
    source, end = ((name, number - late.get(name, 0), output) for name, number, output in ends)
    flows = {source: places[source[0]].call([given], ledger, inside)}
    for call, taken in in_order(layers, source):
        place = places[call[0]]
        before = [flows[one] for one in taken]
        if place.is_operation:
            flows[(*call, 0)] = place.compute(before, ledger, layers[call[0]]["inbound_nodes"][call[1]])
        else:
            check_call(layers, call)
            flows[(*call, 0)] = place.call(before, ledger, inside)
    if end not in flows:
        raise Refusal("Its answer is what none of its layers gives.")
    return flows[end]


class _Place:
    """One layer of a description: it is put into the tree when it is first called."""

    def __init__(self, entry: dict[str, Any], branch: Branch, prefix: str):
        self.entry, self.prefix = entry, prefix
        self.kind, config = entry["class_name"], entry["config"]
        module = str(entry.get("module") or "")
        self.is_operation = (
            self.kind == "TFOpLambda" or ".ops" in module or self.kind not in {*RULES, *WRAPPERS, *MODELS}
        )
        self.said = plain(config.get("name") if isinstance(config, dict) else self.kind)
        trainable = not isinstance(config, dict) or config.get("trainable", True) is not False
        self.branch = Branch(self.kind, self.said, trainable)
        branch.parts.append(self.branch)
        self.layers: list[Layer] | None = None

    def call(self, flows: list[Flow], ledger: Ledger, inside: int) -> Flow:
        """Lead values through the layer, add what it costs, and return what comes out."""
        kind, shapes = self.kind, [flow.shape for flow in flows]
        ledger.layers += 1
        if self.is_operation:
            raise Refusal(f"It holds {shown(kind)} in a row of layers, where no operation can be.")
        if kind in MODELS:
            return self._enter(flows, ledger, inside)
        if self.layers is None:
            _check_built(self.entry, shapes)
        first = self.layers is None
        layer, cost, extra = self._layer(ledger, shapes)
        ledger.parameters += cost.parameters if first else 0
        self._spend(ledger, cost)
        if kind == "InputLayer":
            _check_known(self.entry["config"], "batch_shape", shapes[0])
        if PASSING.fullmatch(kind):
            (flow,) = flows
            return flow
        flow = _add(ledger, layer, flows, cost.shape)
        for activation in extra:
            self._spend(ledger, Cost(cost.shape, work=math.prod(cost.shape)))
            flow = _add(ledger, activation, [flow], cost.shape)
        return flow

    def _enter(self, flows: list[Flow], ledger: Ledger, inside: int) -> Flow:
        """Follow a model inside the model; where it is called again, its layers are the same."""
        (flow,) = flows
        if self.layers is not None:
            raise Refusal(f"Its model {shown(self.said)} is called twice; expected each to be called once.")
        self.layers = []
        parent = Branch("", "", True)
        made = _follow(self.entry, flow, ledger, inside + 1, parent, f"{self.prefix}{self.said}_")
        (inner,) = parent.parts
        self.branch.kind, self.branch.parts = inner.kind, inner.parts
        self._spend(ledger, Cost(made.shape))
        return made

    def _layer(self, ledger: Ledger, shapes: list[Shape]) -> tuple[Layer, Cost, list[Layer]]:
        """Return the layer, made at its first call, what it costs, and the activation behind it."""
        config = self.entry["config"]
        if self.kind in WRAPPERS:
            layer, cost = _wrapped(self.entry, shapes, self.said)
        else:
            options = arguments(self.kind, config, self.said)
            layer, cost = Layer(self.kind, "", options), RULES[self.kind](options, shapes)
        if self.layers is not None:
            return self.layers[0], cost, self.layers[1:]
        activation, extra = layer.options.get("activation"), []
        if isinstance(activation, tuple):
            if layer.kind not in RULES or layer.kind in ("SimpleRNN", "LSTM", "GRU"):
                raise Refusal(f"Its layer {shown(self.said)} has a layer as activation; expected its name.")
            layer.options["activation"] = "linear"
            extra = [Layer(activation[0], _name(ledger, f"{self.prefix}{self.said}_after"), activation[1])]
            if layer.kind == "Activation":
                layer = replace(layer, options={"activation": "linear"})
        if not PASSING.fullmatch(self.kind):
            layer = replace(layer, name=_name(ledger, self.prefix + self.said), weights=cost.weights)
        self.branch.layer = layer if cost.weights else None
        self.layers = [layer, *extra]
        return layer, cost, extra

    def compute(self, flows: list[Flow], ledger: Ledger, node: Any) -> Flow:
        """Lead values through an operation, as the layer that does the same."""
        config, kind = self.entry["config"], self.kind
        operation = OLD_OPERATIONS.get(config["function"]) if kind == "TFOpLambda" else OPERATIONS.get(kind)
        _, parts, named = taken_in({"it": {"inbound_nodes": [node]}}, ("it", 0))
        ledger.layers += 1
        shapes = [flow.shape for flow in flows]
        layer = _as_layer(operation, config | named, parts, shapes)
        if layer is None:
            what = config.get("function", kind)
            raise Refusal(
                f"It computes {shown(what)} outside of a layer, with what it takes; use a layer for it."
            )
        cost = RULES[layer.kind](layer.options, shapes)
        self._spend(ledger, cost)
        return _add(ledger, replace(layer, name=_name(ledger, self.prefix + self.said)), flows, cost.shape)

    def _spend(self, ledger: Ledger, cost: Cost) -> None:
        ledger.work += cost.work
        ledger.values += math.prod(cost.shape)
        _check_limits(ledger, cost, shown(self.said))


def _wrapped(entry: dict[str, Any], shapes: list[Shape], name: str) -> tuple[Layer, Cost]:
    """Return a wrapper with the layer inside, and what it costs."""
    kind, config = entry["class_name"], dict(entry["config"])
    inner, merge, back = (
        config.pop("layer"),
        config.pop("merge_mode", "concat"),
        config.pop("backward_layer", None),
    )
    options = arguments("Identity", config, name)
    inside = Layer(inner["class_name"], "", arguments(inner["class_name"], inner["config"], name))
    if isinstance(inside.options.get("activation"), tuple) or PASSING.fullmatch(inside.kind):
        raise Refusal(f"Its layer {shown(name)} wraps {shown(inside.kind)}; expected a layer that computes.")
    rule = RULES[inside.kind]
    if kind == "TimeDistributed":
        ((steps, *rest),) = shapes
        cost = rule(inside.options, [tuple(rest)])
        cost = Cost(
            (steps, *cost.shape),
            tuple(replace(weight, part=f"layer/{weight.part}".strip("/")) for weight in cost.weights),
            steps * cost.work,
            steps * cost.between,
        )
        return Layer(kind, name, options, inner=inside), cost
    if inside.kind not in ("SimpleRNN", "LSTM", "GRU") or merge not in ("concat", "sum", "ave", "mul"):
        raise Refusal(f"Its layer {shown(name)} reads {shown(inside.kind)} both ways by {shown(merge)}.")
    if back is not None:
        other = arguments(back["class_name"], back["config"], name) | {"go_backwards": False}
        if (back["class_name"], other) != (inside.kind, inside.options | {"go_backwards": False}):
            raise Refusal(f"Its layer {shown(name)} reads in one way forwards and in another one backwards.")
    return Layer(kind, name, {"merge_mode": merge}, inner=inside), both_ways(
        merge, rule(inside.options, shapes)
    )


def _as_layer(operation: str | None, said: Config, parts: list[Any], shapes: list[Shape]) -> Layer | None:
    """Return the layer that does what an operation does, or None where there is none."""
    numbers = [part for part in parts if isinstance(part, float)]
    if operation in ("relu", "softmax", "sigmoid", "tanh") and len(parts) == 1:
        return Layer("Activation", "", {"activation": operation})
    if operation in ("expand_dims", "reshape"):
        return _reshaping(operation, said, shapes)
    if len(parts) != 2:
        return None
    if not numbers:
        kinds = {"add": "Add", "subtract": "Subtract", "multiply": "Multiply"}
        return Layer(kinds[operation], "") if operation in kinds else None
    number, turned = numbers[0], isinstance(parts[0], float)
    scale, offset = {
        "add": (1.0, number),
        "subtract": (-1.0, number) if turned else (1.0, -number),
        "multiply": (number, 0.0),
        "divide": (1 / number if number and not turned else math.nan, 0.0),
    }.get(operation or "", (math.nan, 0.0))
    if math.isnan(scale):
        return None
    return Layer("Rescaling", "", arguments("Rescaling", {"scale": scale, "offset": offset}, "operation"))


def _reshaping(operation: str, said: Config, shapes: list[Shape]) -> Layer | None:
    (shape,) = shapes
    if operation == "expand_dims":
        axis = said["axis"]
        place = axis + len(shape) + 1 if axis < 0 else axis - 1
        if not 0 <= place <= len(shape):
            return None
        target = [*shape[:place], 1, *shape[place:]]
    else:
        wanted = said.get("newshape") or said.get("shape")
        if not isinstance(wanted, list) or len(wanted) < 2 or wanted[0] not in (-1, None):
            return None
        target = wanted[1:]
    return Layer("Reshape", "", arguments("Reshape", {"target_shape": target}, "operation"))


def _add(ledger: Ledger, layer: Layer, flows: list[Flow], shape: Shape) -> Flow:
    ledger.steps.append(Step(layer, tuple(flow.number for flow in flows), shape))
    return Flow(len(ledger.steps), shape)


def _name(ledger: Ledger, wanted: str) -> str:
    """Return a name that no other layer of the plan has, and that Keras can bear."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", wanted).strip("_")[:60] or "layer"
    name, number = stem, 1
    while name.casefold() in ledger.names:
        name, number = f"{stem}_{number}", number + 1
    ledger.names.add(name.casefold())
    return name


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
    """Check the shape for which a description says that a layer was built: it is not used, but must not
    lie."""
    build = layer.get("build_config") or {}
    known = build.get("input_shape")
    if set(build) - {"input_shape", "input_shapes", "shapes_dict"}:
        raise Refusal(f"It says how to build a layer in an unusual way, by {shown(sorted(build))}.")
    if known and isinstance(known[0], list):
        if [_sides(one) for one in known] != [tuple(shape) for shape in shapes]:
            raise Refusal(f"It builds a layer for {shown(known)}, where {shown(shapes)} arrive.")
    elif known:
        _check_known(build, "input_shape", shapes[0])


def _check_known(config: Config, key: str, shape: Shape) -> None:
    """Check that a shape with its batch, where it is given, is `shape`; sides may be left open."""
    known = config.get(key)
    if known and (
        len(known) != len(shape) + 1
        or any(one not in (None, side) for one, side in zip(known[1:], shape, strict=True))
    ):
        raise Refusal(f"It builds a layer for {shown(known)}, where {_batch(shape)} arrives.")


def _sides(known: list) -> Shape:
    return tuple(known[1:])


def _batch(shape: Shape) -> str:
    return str((None, *shape))
