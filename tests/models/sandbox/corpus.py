"""Hostile and broken model files, made from a sound one.

Whatever would run code tries to write the canary, a file whose path is given. `MAKERS` has them all: the name
says what is wrong with a file, the maker returns its bytes.
"""

import copy
import gzip
import io
import json
import pickle
import random
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

PARTS = ("metadata.json", "config.json", "model.weights.h5")
LISTED = b"PK\1\2"
"""How an entry of an archive's list begins."""

KERNEL = "layers/dense/vars/0"
SHAPE = (784, 10)


class Kit:
    """A sound model in pieces, to be put together wrongly."""

    def __init__(self, sound: Path, canary: Path):
        with zipfile.ZipFile(sound) as archive:
            self.parts = {name: archive.read(name) for name in PARTS}
        self.whole, self.canary = sound.read_bytes(), canary
        self.config = json.loads(self.parts["config.json"])
        self.code = f"__import__('pathlib').Path({str(canary)!r}).write_text('ran')"

    def pack(self, kind: int = zipfile.ZIP_STORED, more=(), **parts: bytes) -> bytes:
        """Return an archive; `config`, `weights` and `metadata` replace what is sound."""
        names = {"config": "config.json", "weights": "model.weights.h5", "metadata": "metadata.json"}
        members = self.parts | {names[name]: data for name, data in parts.items()}
        return archived([*members.items(), *more], kind)

    def described(self, change: Callable[[dict[str, Any]], Any]) -> bytes:
        """Return an archive whose config.json was changed by a function."""
        config = copy.deepcopy(self.config)
        change(config)
        return self.pack(config=json.dumps(config).encode())

    def with_dense(self, **changes) -> bytes:
        """Return an archive whose Dense layer has other settings."""
        return self.described(lambda config: dense(config)["config"].update(changes))

    def with_layer(self, module: str, name: str, config: dict[str, Any] | None = None, **more) -> bytes:
        """Return an archive whose Flatten layer is replaced by something of another class."""
        entry = {"module": module, "class_name": name, "config": config or {}, "registered_name": None}
        return self.described(
            lambda config: config["config"]["layers"][1].update(entry | {"build_config": None} | more)
        )

    def weighed(self, change: Callable[[h5py.File], Any]) -> bytes:
        """Return an archive whose weights were changed by a function."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "w.h5"
            path.write_bytes(self.parts["model.weights.h5"])
            with h5py.File(path, "r+") as file:
                change(file)
            return self.pack(weights=path.read_bytes())

    def with_kernel(self, put: Callable[[h5py.Group], Any]) -> bytes:
        """Return an archive with something else as "0", in the place of the kernel."""

        def change(file: h5py.File) -> None:
            del file[KERNEL]
            put(file["layers/dense/vars"])

        return self.weighed(change)


def archived(members: list[tuple[str | zipfile.ZipInfo, bytes]], kind: int = zipfile.ZIP_STORED) -> bytes:
    """Return a ZIP archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def dense(config: dict[str, Any]) -> dict[str, Any]:
    """Return the entry of the only Dense layer."""
    return next(layer for layer in config["config"]["layers"] if layer["class_name"] == "Dense")


def sound_model(folder: Path) -> Path:
    """Save the model that everything is made from: Input, Flatten, Dense of 10."""
    import keras

    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    path = folder / "sound.keras"
    keras.Sequential(layers).save(path)
    return path


def saved(model) -> bytes:
    """Return what Keras writes for a model."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "m.keras")
        return (Path(folder) / "m.keras").read_bytes()


def built(*names_and_options: tuple, takes: tuple = (28, 28, 1)) -> bytes:
    """Return what Keras writes for these layers in a row, Flatten and a Dense of 10 behind them."""
    import keras

    inputs = x = keras.Input(takes)
    for name, *options in [*names_and_options, ("Flatten",), ("Dense", 10)]:
        given = options.pop() if options and isinstance(options[-1], dict) else {}
        x = getattr(keras.layers, name)(*options, **given)(x)
    return saved(keras.Model(inputs, x))


# ---- programs in disguise


def a_lambda(kit: Kit):
    """Return a Lambda layer that writes the canary when it is called or loaded."""
    import keras

    run = eval(f"lambda x: ({kit.code}, x)[1] if hasattr(x, 'numpy') else x")
    return keras.layers.Lambda(run, output_shape=(28, 28, 1))


def with_lambda(kit: Kit, wrap: Callable[[Any, Any], Any] = lambda keras, layer: layer) -> bytes:
    """Return a model that begins with the Lambda, or with what `wrap` makes of it."""
    import keras

    layers = [keras.Input((28, 28, 1)), wrap(keras, a_lambda(kit))]
    return saved(keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(10)]))


def marshalled(kit: Kit) -> dict[str, Any]:
    """Return the code of a lambda as Keras writes it."""
    from keras.src.utils.python_utils import func_dump

    code, defaults, closure = func_dump(eval(f"lambda *a, **k: {kit.code}"))
    value = {"code": code, "defaults": defaults, "closure": closure}
    return {"class_name": "__lambda__", "config": {"value": value}}


def function(module: str, name: str) -> dict[str, Any]:
    """Return a function as Keras writes it."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, code: str):
        self.code = code

    def __reduce__(self):
        return eval, (self.code,)


LAYERS = "keras.layers"
TYPESPEC = {"class_name": "__typespec__", "spec_name": "system", "module": "os", "registered_name": None}

PROGRAMS: dict[str, Callable[[Kit], bytes]] = {
    "lambda_plain": with_lambda,
    "lambda_nested": lambda kit: with_lambda(
        kit, lambda keras, layer: keras.Sequential([keras.Input((28, 28, 1)), layer])
    ),
    "lambda_in_time_distributed": lambda kit: with_lambda(
        kit, lambda keras, layer: keras.layers.TimeDistributed(layer)
    ),
    "lambda_as_activation": lambda kit: kit.with_dense(activation=marshalled(kit)),
    "lambda_as_initializer": lambda kit: kit.with_dense(kernel_initializer=marshalled(kit)),
    "lambda_in_the_build_config": lambda kit: kit.described(
        lambda config: dense(config)["build_config"].update(hidden=marshalled(kit))
    ),
    "lambda_under_an_unknown_key": lambda kit: kit.with_dense(remark=[{"deep": marshalled(kit)}]),
    "module_os": lambda kit: kit.with_layer("os", "system", {"command": f"touch {kit.canary}"}),
    "module_os_as_function": lambda kit: kit.with_dense(activation=function("os", "system")),
    "module_subprocess": lambda kit: kit.with_layer(
        "subprocess", "Popen", {"args": ["touch", str(kit.canary)]}
    ),
    "module_builtins_eval": lambda kit: kit.with_dense(activation=function("builtins", "eval")),
    "module_of_a_download": lambda kit: kit.with_layer(
        "keras.utils", "get_file", {"origin": "file:///etc/passwd", "fname": str(kit.canary)}
    ),
    "module_inside_keras": lambda kit: kit.with_layer("keras.src.saving.saving_lib", "load_model", {"a": 1}),
    "unsafe_mode_switched_on": lambda kit: kit.with_layer("keras.config", "enable_unsafe_deserialization"),
    "tfsm_layer": lambda kit: kit.with_layer(LAYERS, "TFSMLayer", {"filepath": "/tmp/model"}),
    "torch_wrapper": lambda kit: kit.with_layer(
        LAYERS, "TorchModuleWrapper", {"module": pickle.dumps(Evil(kit.code)).hex()}
    ),
    "custom_class": lambda kit: kit.with_layer("evil.layers", "Evil"),
    "custom_registered_name": lambda kit: kit.with_layer(LAYERS, "Flatten", registered_name="evil>Flatten"),
    "custom_model": lambda kit: kit.described(lambda config: config.update(module="evil", class_name="Mine")),
    "typespec_of_another_module": lambda kit: kit.with_dense(activation=TYPESPEC | {"config": ["true"]}),
    "vocabulary_from_a_file": lambda kit: kit.with_layer(
        LAYERS, "StringLookup", {"vocabulary": "/etc/passwd"}
    ),
    "inner_model_with_a_loss_of_its_own": lambda kit: kit.described(
        lambda config: dense(config).update(compile_config={"loss": "mse", "optimizer": "adam"})
    ),
}


# ---- archives


def turned(data: bytes, mark: bytes, offset: int, flip: int = 0, to: int | None = None) -> bytes:
    """Return bytes of which one, at an offset behind the first mark, is another or has bits turned."""
    place, changed = data.index(mark) + offset, bytearray(data)
    changed[place] = changed[place] ^ flip if to is None else to
    return bytes(changed)


def relisted(data: bytes, offset: int, *numbers: int) -> bytes:
    """Return an archive whose list says other numbers about the last member, the weights."""
    place, said = data.rfind(LISTED) + offset, struct.pack(f"<{len(numbers)}I", *numbers)
    return data[:place] + said + data[place + len(said) :]


def member_that_is_a_link(kit: Kit) -> bytes:
    link = zipfile.ZipInfo("model.weights.h5")
    link.external_attr = 0o120777 << 16
    return archived([*((name, kit.parts[name]) for name in PARTS[:2]), (link, b"/etc/passwd")])


ARCHIVES: dict[str, Callable[[Kit], bytes]] = {
    "member_that_climbs_out": lambda kit: kit.pack(more=[("../../evil.py", b"x = 1")]),
    "member_with_an_absolute_path": lambda kit: kit.pack(more=[(str(kit.canary), b"ran")]),
    "member_among_the_assets": lambda kit: kit.pack(more=[("assets/layers/lookup/vocabulary.txt", b"a")]),
    "member_that_is_a_link": member_that_is_a_link,
    "member_twice": lambda kit: kit.pack(more=[("config.json", b"{}")]),
    "member_encrypted": lambda kit: turned(turned(kit.pack(), LISTED, 8, flip=1), b"PK\3\4", 6, flip=1),
    "members_missing": lambda kit: archived([("config.json", kit.parts["config.json"])]),
    "members_by_the_thousand": lambda kit: kit.pack(more=[(f"{n}.txt", b"") for n in range(20_000)]),
    "members_packed_by_lzma": lambda kit: kit.pack(zipfile.ZIP_LZMA),
    "bomb_of_weights": lambda kit: kit.pack(zipfile.ZIP_DEFLATED, weights=bytes(50 * 2**20)),
    "bomb_of_weights_that_is_too_large": lambda kit: kit.pack(
        zipfile.ZIP_DEFLATED, weights=bytes(257 * 2**20)
    ),
    "bomb_of_text": lambda kit: kit.pack(zipfile.ZIP_DEFLATED, config=b" " * (4 * 2**20)),
    "bomb_that_lies_about_its_size": lambda kit: relisted(
        kit.pack(zipfile.ZIP_DEFLATED, weights=bytes(50 * 2**20)), 24, 1000
    ),
    "cut_in_the_middle": lambda kit: kit.whole[: len(kit.whole) // 2],
    "cut_at_the_end": lambda kit: kit.whole[:-7],
    "something_behind_the_end": lambda kit: kit.whole + b"#!/bin/sh\nexit 1\n",
    "bit_turned": lambda kit: turned(kit.whole, b"model.weights.h5", 3000, flip=255),
    "packed_into_nonsense": lambda kit: turned(
        kit.pack(zipfile.ZIP_DEFLATED, metadata=b"a"), b"config.json", len(b"config.json"), to=0xFF
    ),
    "version_of_the_future": lambda kit: turned(kit.whole, LISTED, 6, to=99),
    "member_that_is_a_patch": lambda kit: turned(kit.whole, LISTED, 8, flip=0x20),
    "member_whose_name_is_no_text": lambda kit: turned(
        turned(kit.whole, LISTED, 9, flip=0x08), LISTED, 46, to=0xFF
    ),
    "member_that_goes_on_behind_the_end": lambda kit: relisted(kit.pack(), 20, *[len(kit.pack())] * 2),
    "random_bytes": lambda kit: random.Random(1).randbytes(100_000),
    "random_bytes_that_begin_like_a_zip": lambda kit: b"PK\3\4" + random.Random(2).randbytes(100_000),
    "plain_text": lambda kit: b"This is a letter, not a model.\n",
    "empty": lambda kit: b"",
    "h5_renamed": lambda kit: kit.parts["model.weights.h5"],
    "pickle_renamed": lambda kit: pickle.dumps(Evil(kit.code)),
    "gzip_renamed": lambda kit: gzip.compress(kit.whole),
}


# ---- descriptions


POLICY = {"class_name": "DTypePolicy", "module": "keras"}

DESCRIPTIONS: dict[str, Callable[[Kit], bytes]] = {
    "description_nested_without_end": lambda kit: kit.pack(
        config=b'{"class_name": "Sequential", "config": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    ),
    "description_nested_deep": lambda kit: kit.pack(
        config=(json.dumps(kit.config)[:-1] + ', "more": ' + "[" * 300 + "]" * 300 + "}").encode()
    ),
    "description_no_json": lambda kit: kit.pack(config=b"import os"),
    "description_a_list": lambda kit: kit.pack(config=b"[1, 2, 3]"),
    "description_with_nan": lambda kit: kit.with_dense(units=float("nan")),
    "description_with_a_long_text": lambda kit: kit.with_dense(name="a" * 10_000),
    "description_with_a_line_break": lambda kit: kit.with_dense(name="first.\nsecond"),
    "description_with_strange_types": lambda kit: kit.with_dense(units={"a": 1}),
    "policy_of_nothing": lambda kit: kit.with_dense(policy=POLICY | {"config": None}),
    "policy_of_a_list": lambda kit: kit.with_dense(policy=POLICY | {"config": {"name": []}}),
}


# ---- sizes and shapes


def values_by_the_million_in_all(kit: Kit) -> bytes:
    import keras

    x = inputs = keras.Input((28, 28, 1))
    x = keras.layers.UpSampling2D(18)(x)
    x = keras.layers.Add()([keras.layers.ReLU()(x) for _ in range(12)])
    return saved(keras.Model(inputs, keras.layers.Dense(10)(keras.layers.GlobalMaxPooling2D()(x))))


def layers_by_the_thousand(kit: Kit) -> bytes:
    def change(config):
        layers = config["config"]["layers"]
        layers[1:1] = [
            layers[1] | {"class_name": "Identity", "config": {"name": f"i{n}"}} for n in range(5000)
        ]

    return kit.described(change)


def models_in_models(kit: Kit) -> bytes:
    def change(config):
        inner = copy.deepcopy(config["config"]["layers"][1])
        for number in range(6):
            inside = {"name": f"m{number}", "layers": [inner]}
            inner = {"module": "keras", "class_name": "Sequential", "config": inside, "registered_name": None}
        config["config"]["layers"][1] = inner

    return kit.described(change)


def functional(kit: Kit, change: Callable[[list[dict[str, Any]]], Any]) -> bytes:
    """Return an archive with the description of a functional model whose layers were changed."""
    import keras

    inputs = keras.Input((28, 28, 1), name="in")
    x = keras.layers.Dense(10, name="out")(keras.layers.Flatten(name="flat")(inputs))
    config = json.loads(keras.Model(inputs, x).to_json())
    change(config["config"]["layers"])
    return kit.pack(config=json.dumps(config).encode())


def output_twice(kit: Kit) -> bytes:
    import keras

    inputs = keras.Input((784,))
    return saved(keras.Model(inputs, [keras.layers.Dense(10)(inputs) for _ in range(2)]))


def an_object(
    name: str, config: dict[str, Any] | None = None, module: str = "keras.layers"
) -> dict[str, Any]:
    """Return something as Keras writes it."""
    return {"module": module, "class_name": name, "config": config or {}, "registered_name": None}


def with_activation(kit: Kit, activation: dict[str, Any]) -> bytes:
    return kit.with_layer(LAYERS, "Activation", {"name": "act", "activation": activation})


ENLARGING = an_object("UpSampling2D", {"name": "up", "size": [200, 200]})


def numbered(kit: Kit) -> bytes:
    """Return a model whose last layer bears the number of a larger one."""

    def change(config):
        layers = config["config"]["layers"]
        layers[1:1] = [an_object("UpSampling2D", {"name": "up", "size": [18, 18]}) | {"shared_object_id": 7}]
        layers[2]["shared_object_id"] = 7

    return kit.described(change)


def numbered_inside(kit: Kit) -> bytes:
    """Return a model whose initialiser bears the number of a layer."""
    initialiser = an_object("Zeros", {}, "keras.initializers") | {"shared_object_id": 7}

    def change(config):
        config["config"]["layers"][1]["shared_object_id"] = 7
        dense(config)["config"]["kernel_initializer"] = initialiser

    return kit.described(change)


def outer_product(kit: Kit) -> bytes:
    import keras

    inputs = keras.Input((784,))
    column, row = keras.layers.Reshape((784, 1))(inputs), keras.layers.Reshape((1, 784))(inputs)
    x = keras.layers.GlobalMaxPooling1D()(keras.layers.Multiply()([column, row]))
    return saved(keras.Model(inputs, keras.layers.Dense(10)(x)))


def called(kit: Kit, **named: Any) -> bytes:
    """Return a functional model whose Flatten is called with something more."""
    return functional(kit, lambda layers: layers[1]["inbound_nodes"][0]["kwargs"].update(named))


def computed(kit: Kit, name: str, *more: Any, module: str = "keras.src.ops.numpy", **config: Any) -> bytes:
    """Return a functional model with an operation in place of its Flatten."""

    def change(layers):
        layers[1].update(module=module, class_name=name, registered_name=None, build_config=None)
        layers[1]["config"] = {"name": "flat", **config}
        layers[1]["inbound_nodes"][0]["args"] += list(more)

    return functional(kit, change)


def rows_read_by(kit: Kit, **changes: Any) -> bytes:
    """Return a model with a recurrent layer told otherwise."""
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Bidirectional(keras.layers.LSTM(4)), keras.layers.Dense(10)]
    config = json.loads(keras.Sequential(layers).to_json())
    config["config"]["layers"][1]["config"].update(changes)
    return kit.pack(config=json.dumps(config).encode())


CONFIGURED: dict[str, Callable[[Kit], bytes]] = {
    "activation_that_enlarges": lambda kit: with_activation(kit, ENLARGING),
    "activation_that_is_a_model": lambda kit: with_activation(
        kit, an_object("Sequential", {"name": "m", "layers": [ENLARGING]}, "keras")
    ),
    "activation_of_a_dense_that_enlarges": lambda kit: kit.with_dense(activation=ENLARGING),
    "activation_of_somebody": lambda kit: kit.with_dense(activation=function("builtins", "evil")),
    "activation_that_keeps_weights": lambda kit: kit.with_dense(activation=an_object("PReLU")),
    "initialiser_that_is_a_layer": lambda kit: kit.with_dense(kernel_initializer=ENLARGING),
    "initialiser_with_a_layer_inside": lambda kit: kit.with_dense(
        kernel_initializer=an_object("Constant", {"value": ENLARGING}, "keras.initializers")
    ),
    "regulariser_that_is_a_layer": lambda kit: kit.with_dense(kernel_regularizer=ENLARGING),
    "constraint_that_is_a_layer": lambda kit: kit.with_dense(kernel_constraint=ENLARGING),
    "policy_that_is_a_layer": lambda kit: kit.with_dense(dtype=ENLARGING),
    "policy_that_quantises": lambda kit: kit.with_dense(
        dtype=an_object("DTypePolicy", {"name": "float32", "source_name": "int8", "mode": "int8"}, "keras")
    ),
    "rescaling_by_a_list": lambda kit: kit.with_layer(
        LAYERS, "Rescaling", {"name": "r", "scale": [1.0] * 15_000}
    ),
    "rescaling_by_a_layer": lambda kit: kit.with_layer(
        LAYERS, "Rescaling", {"name": "r", "scale": ENLARGING}
    ),
    "normalisation_by_a_list": lambda kit: kit.with_layer(
        LAYERS, "Normalization", {"name": "n", "axis": [3], "mean": [0.0] * 1000, "variance": [1.0] * 1000}
    ),
    "layer_by_the_number_of_another": numbered,
    "initialiser_by_the_number_of_a_layer": numbered_inside,
    "argument_that_no_layer_has": lambda kit: kit.with_dense(units_of=10),
    "argument_of_the_wrong_type": lambda kit: kit.with_dense(use_bias="no"),
    "units_as_text": lambda kit: kit.with_dense(units="10"),
    "units_as_a_flag": lambda kit: kit.with_dense(units=True),
    "units_as_a_fraction": lambda kit: kit.with_dense(units=10.5),
    "rate_beyond_all_numbers": lambda kit: kit.pack(
        config=json.dumps(kit.config)
        .replace('"trainable": true', '"trainable": true, "rate": 1e999', 1)
        .encode()
    ),
    "axis_far_away": lambda kit: kit.with_layer(LAYERS, "BatchNormalization", {"name": "b", "axis": 6}),
    "groups_that_do_not_divide": lambda kit: kit.with_layer(
        LAYERS, "Conv2D", {"name": "c", "filters": 4, "kernel_size": [3, 3], "groups": 3}
    ),
    "vector_repeated_by_the_million": lambda kit: built(("Flatten",), ("RepeatVector", 1000)),
    "resized_by_the_thousand": lambda kit: built(("Resizing", 1000, 1000)),
    "outer_product": outer_product,
    "time_distributed_over_a_model": lambda kit: kit.with_layer(
        LAYERS,
        "TimeDistributed",
        {"name": "t", "layer": an_object("Sequential", {"layers": [ENLARGING]}, "keras")},
    ),
    "time_distributed_growth": lambda kit: kit.with_layer(
        LAYERS,
        "TimeDistributed",
        {"name": "t", "layer": an_object("UpSampling1D", {"name": "u", "size": 10**5})},
    ),
    "read_backwards_by_another": lambda kit: rows_read_by(
        kit, backward_layer=an_object("LSTM", {"name": "b", "units": 4000, "go_backwards": True})
    ),
    "read_both_ways_into_two": lambda kit: rows_read_by(kit, merge_mode=None),
    "state_that_is_kept": lambda kit: kit.with_layer(
        LAYERS, "LSTM", {"name": "l", "units": 4, "stateful": True}
    ),
    "called_with_a_tensor_as_mask": lambda kit: called(
        kit, mask={"class_name": "__keras_tensor__", "config": {"shape": [1], "keras_history": ["in", 0, 0]}}
    ),
    "called_with_what_layers_are_not": lambda kit: called(kit, repeats=10**6),
    "called_for_its_fifth_output": lambda kit: functional(
        kit,
        lambda layers: layers[1]["inbound_nodes"][0]["args"][0]["config"].update(keras_history=["in", 0, 5]),
    ),
    "called_for_a_call_of_the_future": lambda kit: functional(
        kit,
        lambda layers: layers[1]["inbound_nodes"][0]["args"][0]["config"].update(
            keras_history=["in", 10**6, 0]
        ),
    ),
    "operation_not_listed": lambda kit: computed(kit, "Tile", [1, 1000, 1000, 1]),
    "operation_of_another_module": lambda kit: computed(kit, "TrueDivide", 255.0, module="os"),
    "operation_divided_by_nothing": lambda kit: computed(kit, "TrueDivide", 0.0),
    "operation_with_a_huge_number": lambda kit: computed(
        kit, "Multiply", 1e6, module="keras.src.ops.numpy", y=2e6
    ),
    "operation_of_a_file": lambda kit: computed(
        kit, "TFOpLambda", module="keras.layers", function="io.read_file"
    ),
    "operation_that_reshapes_the_batch": lambda kit: computed(kit, "Reshape", newshape=[784, 28]),
    "inner_model_told_more": lambda kit: kit.described(
        lambda config: config["config"].update(dtype_policy="x")
    ),
}
"""What a layer is told, wherever a value may stand in for another thing."""


SIZES: dict[str, Callable[[Kit], bytes]] = {
    "values_by_the_million_inside_a_layer": lambda kit: built(
        ("SeparableConv2D", 1, 1, {"depth_multiplier": 40_000})
    ),
    "gaps_by_the_thousand": lambda kit: built(
        ("DepthwiseConv2D", 3, {"padding": "same", "dilation_rate": 1500})
    ),
    "values_by_the_million_in_all": values_by_the_million_in_all,
    "units_by_the_billion": lambda kit: kit.with_dense(units=10**9),
    "units_by_the_hundred_thousand": lambda kit: kit.with_dense(units=200_000),
    "units_with_four_hundred_places": lambda kit: kit.with_dense(units=10**400),
    "units_below_zero": lambda kit: kit.with_dense(units=-10),
    "adapters_by_the_billion": lambda kit: kit.with_dense(lora_rank=10**6),
    "padding_by_the_million": lambda kit: kit.with_layer(
        LAYERS, "ZeroPadding2D", {"name": "pad", "padding": [[10**6, 0], [0, 10**6]]}
    ),
    "enlarged_by_the_million": lambda kit: kit.with_layer(
        LAYERS, "UpSampling2D", {"name": "up", "size": [10**6, 10**6]}
    ),
    "built_for_another_shape": lambda kit: kit.described(
        lambda config: dense(config).update(build_config={"input_shape": [None, 10**6]})
    ),
    "whole_built_for_another_shape": lambda kit: kit.described(
        lambda config: config["config"].update(build_input_shape=[None, 9, 9, 10**6])
    ),
    "layers_by_the_thousand": layers_by_the_thousand,
    "models_in_models": models_in_models,
    "layers_in_a_circle": lambda kit: functional(
        kit,
        lambda layers: layers[1]["inbound_nodes"][0]["args"][0]["config"].update(keras_history=["out", 0, 0]),
    ),
    "layers_that_hang_in_the_air": lambda kit: functional(kit, lambda layers: layers.pop(1)),
    "two_sides_left_open": lambda kit: kit.with_layer(
        LAYERS, "Reshape", {"name": "r", "target_shape": [-1, -1, 784]}
    ),
    "steps_of_negative_cost": lambda kit: kit.described(
        lambda config: config["config"]["layers"].insert(
            2, an_object("Reshape", {"name": "r", "target_shape": [-1, -784, 1]})
        )
    ),
    "input_of_another_size": lambda kit: built(takes=(32, 32, 3)),
    "input_of_unknown_size": lambda kit: built(("GlobalMaxPooling2D",), takes=(None, None, 1)),
    "output_of_twelve": lambda kit: kit.with_dense(units=12),
    "output_twice": output_twice,
}


# ---- weights


def virtual(group: h5py.Group) -> None:
    layout = h5py.VirtualLayout(SHAPE, "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "kernel", SHAPE)
    group.create_virtual_dataset("0", layout)


def packed(group: h5py.Group) -> None:
    shape = (2_000, 5_000)
    group.create_dataset("0", shape, "f4", compression="gzip", chunks=shape)[:] = 0


def many_groups(file: h5py.File) -> None:
    for number in range(21_000):
        file.create_group(f"more/{number}")


def halves_beyond(group: h5py.Group) -> None:
    """Put in numbers that are finite in their own width alone."""
    group.create_dataset("0", data=np.full(SHAPE, 1e300))


def unwritten(group: h5py.Group) -> None:
    """Put in an array whose values are one number that stands for all."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_fill_value(np.array(1.0, "f4"))
    space = h5py.h5s.create_simple(SHAPE)
    h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, space, plist)


def an_h5(kit: Kit, change: Callable[[h5py.File], Any]) -> bytes:
    """Return the sound model in the old form, changed by a function."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.h5"
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = json.dumps(kit.config)
            inside = file.create_group("model_weights/dense")
            inside.attrs["weight_names"] = ["kernel:0", "bias:0"]
            inside["kernel:0"], inside["bias:0"] = np.zeros(SHAPE, "f4"), np.zeros(10, "f4")
            change(file)
        return path.read_bytes()


def h5_with(kit: Kit, layer: dict[str, Any]) -> bytes:
    """Return the old form with another layer in place of Flatten."""
    config = copy.deepcopy(kit.config)
    config["config"]["layers"][1] = layer
    return an_h5(kit, lambda file: file.attrs.update(model_config=json.dumps(config)))


def h5_linked(file: h5py.File) -> None:
    del file["model_weights/dense/kernel:0"]
    file["model_weights/dense/kernel:0"] = h5py.ExternalLink("/etc/passwd", "/")


OLD_FORM: dict[str, Callable[[Kit], bytes]] = {
    "h5_with_a_lambda": lambda kit: h5_with(kit, an_object("Lambda", {"function": marshalled(kit)})),
    "h5_of_marshalled_code": lambda kit: h5_with(
        kit,
        {"class_name": "Lambda", "config": {"function": ["4wEAAAA=", None, None], "function_type": "lambda"}},
    ),
    "h5_that_enlarges": lambda kit: h5_with(kit, ENLARGING),
    "h5_without_a_description": lambda kit: an_h5(kit, lambda file: file.attrs.pop("model_config")),
    "h5_with_a_description_of_numbers": lambda kit: an_h5(
        kit, lambda file: file.attrs.update(model_config=np.arange(10))
    ),
    "h5_with_an_endless_description": lambda kit: an_h5(
        kit, lambda file: file.attrs.update(model_config="[" * (5 * 2**20))
    ),
    "h5_linked_to_another_file": lambda kit: an_h5(kit, h5_linked),
    "h5_that_lists_what_is_not_there": lambda kit: an_h5(
        kit, lambda file: file["model_weights/dense"].attrs.update(weight_names=["kernel:0", "../../x"])
    ),
    "h5_that_lists_too_few": lambda kit: an_h5(
        kit, lambda file: file["model_weights/dense"].attrs.update(weight_names=["kernel:0"])
    ),
    "h5_cut": lambda kit: an_h5(kit, lambda file: None)[:3000],
}
"""Whole models in HDF5."""


def weights_with_random_headers(kit: Kit) -> bytes:
    data, chance = bytearray(kit.parts["model.weights.h5"]), random.Random(4)
    for _ in range(200):
        data[chance.randrange(8, 4000)] = chance.randrange(256)
    return kit.pack(weights=bytes(data))


WEIGHTS: dict[str, Callable[[Kit], bytes]] = {
    "weights_of_nan": lambda kit: kit.weighed(
        lambda file: file[KERNEL].write_direct(np.full(SHAPE, np.nan, np.float32))
    ),
    "weights_of_infinity": lambda kit: kit.weighed(
        lambda file: file[KERNEL].write_direct(np.full(SHAPE, np.inf, np.float32))
    ),
    "weights_that_are_not_there": lambda kit: kit.with_kernel(
        lambda group: group.create_dataset("0", (10**6, 10**6), "f4")
    ),
    "weights_in_another_file": lambda kit: kit.with_kernel(
        lambda group: group.create_dataset("0", SHAPE, "f4", external=[("/etc/passwd", 0, 31360)])
    ),
    "weights_by_an_external_link": lambda kit: kit.with_kernel(
        lambda group: group.__setitem__("0", h5py.ExternalLink("/etc/passwd", "/"))
    ),
    "weights_by_a_soft_link": lambda kit: kit.with_kernel(
        lambda group: group.__setitem__("0", h5py.SoftLink("/layers/dense/vars/1"))
    ),
    "weights_by_a_circle_of_links": lambda kit: kit.weighed(
        lambda file: file["layers/dense"].__setitem__("again", file["layers"])
    ),
    "weights_virtual": lambda kit: kit.with_kernel(virtual),
    "weights_packed": lambda kit: kit.with_kernel(packed),
    "weights_of_another_count": lambda kit: kit.with_kernel(
        lambda group: group.create_dataset("0", data=np.zeros((784, 9)))
    ),
    "weights_of_text": lambda kit: kit.with_kernel(lambda group: group.create_dataset("0", data=["a", "b"])),
    "weights_cut": lambda kit: kit.pack(weights=kit.parts["model.weights.h5"][:8000]),
    "weights_of_random_bytes": lambda kit: kit.pack(
        weights=b"\x89HDF\r\n\x1a\n" + random.Random(3).randbytes(50_000)
    ),
    "weights_with_random_headers": weights_with_random_headers,
    "weights_in_groups_by_the_thousand": lambda kit: kit.weighed(many_groups),
    "weights_too_large_for_their_kind": lambda kit: kit.with_kernel(halves_beyond),
    "weights_never_written": lambda kit: kit.with_kernel(unwritten),
    "weights_of_arrays": lambda kit: kit.with_kernel(
        lambda group: group.create_dataset("0", SHAPE[:1], np.dtype(("f4", (10,))))
    ),
    "weights_of_records": lambda kit: kit.with_kernel(
        lambda group: group.create_dataset("0", SHAPE, [("a", "f4"), ("b", "f4")])
    ),
    "weights_named_kinds": lambda kit: kit.with_kernel(lambda group: group.__setitem__("0", np.dtype("f4"))),
    "weights_turned": lambda kit: kit.with_kernel(
        lambda group: group.create_dataset("0", data=np.zeros(SHAPE[::-1], "f4"))
    ),
    "weights_of_another_layer": lambda kit: kit.weighed(
        lambda file: file.move("layers/dense", "layers/conv2d")
    ),
}

MAKERS = PROGRAMS | ARCHIVES | DESCRIPTIONS | CONFIGURED | SIZES | WEIGHTS | OLD_FORM


def write(folder: Path, canary: Path) -> list[Path]:
    """Write all files into a folder and return their paths; no payload may get to write the canary."""
    kit = Kit(sound_model(folder), canary)
    for name, make in MAKERS.items():
        (folder / f"{name}.keras").write_bytes(make(kit))
    return [folder / f"{name}.keras" for name in MAKERS]
