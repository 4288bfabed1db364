"""Hostile and broken model files, made from a sound one: `python tests/models/sandbox/corpus.py FOLDER`.

Whatever would run code tries to write the canary, a file whose path is given. Each maker below returns the
bytes of a file; its name says what is wrong with it.
"""

import copy
import gzip
import io
import json
import pickle
import random
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

MAKERS: dict[str, Callable[["Kit"], bytes]] = {}

PARTS = ("metadata.json", "config.json", "model.weights.h5")


def maker(make: Callable[["Kit"], bytes]) -> Callable[["Kit"], bytes]:
    """Enter a maker under its own name."""
    MAKERS[make.__name__] = make
    return make


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
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", kind) as archive:
            for name, data in [*members.items(), *more]:
                archive.writestr(name, data)
        return out.getvalue()

    def described(self, change: Callable[[dict[str, Any]], Any]) -> bytes:
        """Return an archive whose config.json was changed by a function."""
        config = copy.deepcopy(self.config)
        config = change(config) or config
        return self.pack(config=json.dumps(config).encode())

    def with_dense(self, **changes) -> bytes:
        """Return an archive whose Dense layer has other settings."""
        return self.described(lambda config: dense(config)["config"].update(changes))

    def with_layer(self, **entry) -> bytes:
        """Return an archive whose Flatten layer is replaced by a layer of another class."""

        def change(config):
            config["config"]["layers"][1].update({"registered_name": None, "build_config": None} | entry)

        return self.described(change)

    def weighed(self, change: Callable[[h5py.File], None]) -> bytes:
        """Return an archive whose weights were changed by a function."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "w.h5"
            path.write_bytes(self.parts["model.weights.h5"])
            with h5py.File(path, "r+") as file:
                change(file)
            return self.pack(weights=path.read_bytes())


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


def a_lambda(kit: Kit):
    """Return a Lambda layer that writes the canary when it is called or loaded."""
    import keras

    run = eval(f"lambda x: ({kit.code}, x)[1] if hasattr(x, 'numpy') else x")
    return keras.layers.Lambda(run, output_shape=(28, 28, 1))


# ---- programs in disguise


@maker
def lambda_plain(kit):
    import keras

    layers = [keras.Input((28, 28, 1)), a_lambda(kit), keras.layers.Flatten(), keras.layers.Dense(10)]
    return saved(keras.Sequential(layers))


@maker
def lambda_nested(kit):
    import keras

    inner = keras.Sequential([keras.Input((28, 28, 1)), a_lambda(kit), keras.layers.Flatten()])
    inputs = keras.Input((28, 28, 1))
    return saved(keras.Model(inputs, keras.layers.Dense(10)(inner(inputs))))


@maker
def lambda_in_time_distributed(kit):
    import keras

    layers = [keras.Input((28, 28, 1)), keras.layers.TimeDistributed(a_lambda(kit)), keras.layers.Flatten()]
    return saved(keras.Sequential([*layers, keras.layers.Dense(10)]))


def marshalled(kit) -> dict[str, Any]:
    """Return the code of a lambda as Keras writes it."""
    from keras.src.utils.python_utils import func_dump

    code, defaults, closure = func_dump(eval(f"lambda *a, **k: {kit.code}"))
    value = {"code": code, "defaults": defaults, "closure": closure}
    return {"class_name": "__lambda__", "config": {"value": value}}


@maker
def lambda_as_activation(kit):
    return kit.with_dense(activation=marshalled(kit))


@maker
def lambda_as_initializer(kit):
    return kit.with_dense(kernel_initializer=marshalled(kit))


@maker
def lambda_as_regularizer(kit):
    return kit.with_dense(kernel_regularizer=marshalled(kit))


@maker
def lambda_in_the_build_config(kit):
    return kit.described(lambda config: dense(config)["build_config"].update(hidden=marshalled(kit)))


@maker
def lambda_under_an_unknown_key(kit):
    return kit.with_dense(remark=[{"deep": marshalled(kit)}])


@maker
def module_os(kit):
    return kit.with_layer(module="os", class_name="system", config={"command": f"touch {kit.canary}"})


@maker
def module_os_as_function(kit):
    name = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    return kit.with_dense(activation=name)


@maker
def module_subprocess(kit):
    return kit.with_layer(
        module="subprocess", class_name="Popen", config={"args": ["touch", str(kit.canary)]}
    )


@maker
def module_builtins_eval(kit):
    name = {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "eval"}
    return kit.with_dense(activation=name)


@maker
def module_of_a_download(kit):
    config = {"origin": "file:///etc/passwd", "fname": str(kit.canary)}
    return kit.with_layer(module="keras.utils", class_name="get_file", config=config)


@maker
def module_inside_keras(kit):
    return kit.with_layer(module="keras.src.saving.saving_lib", class_name="load_model", config={"a": 1})


@maker
def unsafe_mode_switched_on(kit):
    return kit.with_layer(module="keras.config", class_name="enable_unsafe_deserialization", config={})


@maker
def tfsm_layer(kit):
    return kit.with_layer(module="keras.layers", class_name="TFSMLayer", config={"filepath": "/tmp/model"})


@maker
def torch_wrapper(kit):
    code = pickle.dumps(Evil(kit.code)).hex()
    return kit.with_layer(module="keras.layers", class_name="TorchModuleWrapper", config={"module": code})


@maker
def custom_class(kit):
    return kit.with_layer(module="evil.layers", class_name="Evil", config={})


@maker
def custom_registered_name(kit):
    return kit.with_layer(module="keras.layers", class_name="Flatten", registered_name="evil>Flatten")


@maker
def custom_model(kit):
    return kit.described(lambda config: config.update(module="evil", class_name="Mine"))


@maker
def typespec_of_another_module(kit):
    spec = {"class_name": "__typespec__", "spec_name": "system", "module": "os", "registered_name": None}
    return kit.with_dense(activation=spec | {"config": ["true"]})


@maker
def vocabulary_from_a_file(kit):
    return kit.with_layer(
        module="keras.layers", class_name="StringLookup", config={"vocabulary": "/etc/passwd"}
    )


@maker
def inner_model_with_a_loss_of_its_own(kit):
    return kit.described(
        lambda config: dense(config).update(compile_config={"loss": "mse", "optimizer": "adam"})
    )


# ---- archives


@maker
def member_that_climbs_out(kit):
    return kit.pack(more=[("../../evil.py", "x = 1")])


@maker
def member_with_an_absolute_path(kit):
    return kit.pack(more=[(str(kit.canary), "ran")])


@maker
def member_among_the_assets(kit):
    return kit.pack(more=[("assets/layers/lookup/vocabulary.txt", "a")])


@maker
def member_that_is_a_link(kit):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in kit.parts.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == "model.weights.h5" else 0o100644) << 16
            archive.writestr(info, b"/etc/passwd" if name == "model.weights.h5" else data)
    return out.getvalue()


@maker
def member_twice(kit):
    return kit.pack(more=[("config.json", b"{}")])


@maker
def member_encrypted(kit):
    data = bytearray(kit.pack())
    for place in (data.find(b"PK\1\2") + 8, 6):
        data[place] |= 1
    return bytes(data)


@maker
def members_missing(kit):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("config.json", kit.parts["config.json"])
    return out.getvalue()


@maker
def members_by_the_thousand(kit):
    return kit.pack(more=[(f"{number}.txt", b"") for number in range(20_000)])


@maker
def members_packed_by_lzma(kit):
    return kit.pack(zipfile.ZIP_LZMA)


@maker
def bomb_of_weights(kit):
    return kit.pack(zipfile.ZIP_DEFLATED, weights=bytes(200 * 2**20))


@maker
def bomb_of_weights_that_is_too_large(kit):
    return kit.pack(zipfile.ZIP_DEFLATED, weights=bytes(300 * 2**20))


@maker
def bomb_of_text(kit):
    return kit.pack(zipfile.ZIP_DEFLATED, config=b" " * (4 * 2**20))


@maker
def bomb_that_lies_about_its_size(kit):
    data = bytearray(kit.pack(zipfile.ZIP_DEFLATED, weights=bytes(50 * 2**20)))
    place = data.rfind(b"PK\1\2")  # the list's entry of the last member: the weights
    data[place + 24 : place + 28] = struct.pack("<I", 1000)
    return bytes(data)


@maker
def cut_in_the_middle(kit):
    return kit.whole[: len(kit.whole) // 2]


@maker
def cut_at_the_end(kit):
    return kit.whole[:-7]


@maker
def something_behind_the_end(kit):
    return kit.whole + b"#!/bin/sh\nexit 1\n"


@maker
def bit_turned(kit):
    data = bytearray(kit.whole)
    data[kit.whole.find(b"model.weights.h5") + 3000] ^= 255
    return bytes(data)


def turned(data: bytes, mark: bytes, offset: int, **bits: int) -> bytes:
    """Return bytes of which those at an offset behind the first mark are replaced, or get more bits."""
    place, changed = data.index(mark) + offset, bytearray(data)
    changed[place] = bits["to"] if "to" in bits else changed[place] | bits["more"]
    return bytes(changed)


LISTED = b"PK\1\2"


@maker
def packed_into_nonsense(kit):
    data = kit.pack(zipfile.ZIP_DEFLATED, metadata=b"a")
    return turned(data, b"config.json", len(b"config.json"), to=0xFF)


@maker
def version_of_the_future(kit):
    return turned(kit.whole, LISTED, 6, to=99)


@maker
def member_that_is_a_patch(kit):
    return turned(kit.whole, LISTED, 8, more=0x20)


@maker
def member_whose_name_is_no_text(kit):
    return turned(turned(kit.whole, LISTED, 9, more=0x08), LISTED, 46, to=0xFF)


@maker
def member_that_goes_on_behind_the_end(kit):
    data, listed = kit.pack(), len(kit.pack())
    place = data.rfind(LISTED)
    return data[: place + 20] + struct.pack("<II", listed, listed) + data[place + 28 :]


@maker
def random_bytes(kit):
    return random.Random(1).randbytes(100_000)


@maker
def random_bytes_that_begin_like_a_zip(kit):
    return b"PK\3\4" + random.Random(2).randbytes(100_000)


@maker
def plain_text(kit):
    return b"This is a letter, not a model.\n"


@maker
def empty(kit):
    return b""


@maker
def h5_renamed(kit):
    return kit.parts["model.weights.h5"]


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, code: str):
        self.code = code

    def __reduce__(self):
        return eval, (self.code,)


@maker
def pickle_renamed(kit):
    return pickle.dumps(Evil(kit.code))


@maker
def gzip_renamed(kit):
    return gzip.compress(kit.whole)


# ---- descriptions


@maker
def description_nested_without_end(kit):
    return kit.pack(
        config=b'{"class_name": "Sequential", "config": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    )


@maker
def description_nested_deep(kit):
    text = json.dumps(kit.config)[:-1] + ', "more": ' + "[" * 300 + "]" * 300 + "}"
    return kit.pack(config=text.encode())


@maker
def description_no_json(kit):
    return kit.pack(config=b"import os")


@maker
def description_a_list(kit):
    return kit.pack(config=b"[1, 2, 3]")


@maker
def description_with_nan(kit):
    return kit.with_dense(units=float("nan"))


@maker
def description_with_a_long_text(kit):
    return kit.with_dense(name="a" * 10_000)


@maker
def description_with_a_line_break(kit):
    return kit.with_dense(name="first.\nsecond")


@maker
def description_with_strange_types(kit):
    return kit.with_dense(units={"a": 1})


# ---- sizes


@maker
def policy_of_nothing(kit):
    return kit.with_dense(policy={"class_name": "DTypePolicy", "module": "keras", "config": None})


@maker
def policy_of_a_list(kit):
    return kit.with_dense(policy={"class_name": "DTypePolicy", "module": "keras", "config": {"name": []}})


@maker
def values_by_the_million_inside_a_layer(kit):
    import keras

    inputs = keras.Input((28, 28, 1))
    x = keras.layers.SeparableConv2D(1, 1, depth_multiplier=40_000)(inputs)
    return saved(keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(x))))


@maker
def gaps_by_the_thousand(kit):
    import keras

    inputs = keras.Input((28, 28, 1))
    x = keras.layers.DepthwiseConv2D(3, padding="same", dilation_rate=1500)(inputs)
    return saved(keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(x))))


@maker
def values_by_the_million_in_all(kit):
    import keras

    x = inputs = keras.Input((28, 28, 1))
    x = keras.layers.UpSampling2D(18)(x)
    x = keras.layers.Add()([keras.layers.ReLU()(x) for _ in range(12)])
    return saved(keras.Model(inputs, keras.layers.Dense(10)(keras.layers.GlobalMaxPooling2D()(x))))


@maker
def units_by_the_billion(kit):
    return kit.with_dense(units=10**9)


@maker
def units_by_the_hundred_thousand(kit):
    return kit.with_dense(units=200_000)


@maker
def units_with_four_hundred_places(kit):
    return kit.with_dense(units=10**400)


@maker
def units_below_zero(kit):
    return kit.with_dense(units=-10)


@maker
def adapters_by_the_billion(kit):
    return kit.with_dense(lora_rank=10**6)


@maker
def padding_by_the_million(kit):
    config = {"name": "pad", "padding": [[10**6, 0], [0, 10**6]], "data_format": "channels_last"}
    return kit.with_layer(module="keras.layers", class_name="ZeroPadding2D", config=config)


@maker
def enlarged_by_the_million(kit):
    config = {"name": "up", "size": [10**6, 10**6], "data_format": "channels_last"}
    return kit.with_layer(module="keras.layers", class_name="UpSampling2D", config=config)


@maker
def built_for_another_shape(kit):
    return kit.described(lambda config: dense(config).update(build_config={"input_shape": [None, 10**6]}))


@maker
def whole_built_for_another_shape(kit):
    return kit.described(lambda config: config["config"].update(build_input_shape=[None, 9, 9, 10**6]))


@maker
def layers_by_the_thousand(kit):
    def change(config):
        layers = config["config"]["layers"]
        layers[1:1] = [
            layers[1] | {"class_name": "Identity", "config": {"name": f"i{n}"}} for n in range(5000)
        ]

    return kit.described(change)


@maker
def models_in_models(kit):
    def change(config):
        inner = copy.deepcopy(config["config"]["layers"][1])
        for number in range(6):
            inside = {"name": f"m{number}", "layers": [inner]}
            inner = {"module": "keras", "class_name": "Sequential", "config": inside, "registered_name": None}
        config["config"]["layers"][1] = inner

    return kit.described(change)


def functional() -> dict[str, Any]:
    """Return the description of a small functional model."""
    import keras

    inputs = keras.Input((28, 28, 1), name="in")
    x = keras.layers.Flatten(name="flat")(inputs)
    x = keras.layers.Dense(10, name="out")(x)
    return json.loads(keras.Model(inputs, x).to_json())


@maker
def layers_in_a_circle(kit):
    config = functional()
    history = config["config"]["layers"][1]["inbound_nodes"][0]["args"][0]["config"]
    history["keras_history"] = ["out", 0, 0]
    return kit.pack(config=json.dumps(config).encode())


@maker
def layers_that_hang_in_the_air(kit):
    config = functional()
    config["config"]["layers"].pop(1)
    return kit.pack(config=json.dumps(config).encode())


# ---- shapes


def of_shapes(takes, *ends) -> bytes:
    import keras

    inputs = keras.Input(takes)
    flat = keras.layers.Flatten()(inputs)
    return saved(keras.Model(inputs, [keras.layers.Dense(end)(flat) for end in ends]))


@maker
def input_of_another_size(kit):
    return of_shapes((32, 32, 3), 10)


@maker
def input_of_unknown_size(kit):
    import keras

    inputs = keras.Input((None, None, 1))
    pooled = keras.layers.GlobalMaxPooling2D()(inputs)
    return saved(keras.Model(inputs, keras.layers.Dense(10)(pooled)))


@maker
def output_of_twelve(kit):
    return of_shapes((28, 28, 1), 12)


@maker
def output_twice(kit):
    return of_shapes((28, 28, 1), 10, 10)


# ---- weights

PLACE = "layers/dense/vars/0"


def replaced(file: h5py.File, put: Callable[[h5py.Group], None]) -> None:
    """Put something else in the place of the kernel."""
    del file[PLACE]
    put(file["layers/dense/vars"])


@maker
def weights_of_nan(kit):
    return kit.weighed(lambda file: file[PLACE].write_direct(np.full((784, 10), np.nan, np.float32)))


@maker
def weights_of_infinity(kit):
    return kit.weighed(lambda file: file[PLACE].write_direct(np.full((784, 10), np.inf, np.float32)))


@maker
def weights_that_are_not_there(kit):
    shape = (10**6, 10**6)
    return kit.weighed(lambda file: replaced(file, lambda group: group.create_dataset("0", shape, "f4")))


@maker
def weights_in_another_file(kit):
    def put(group):
        group.create_dataset("0", (784, 10), "f4", external=[("/etc/passwd", 0, 31360)])

    return kit.weighed(lambda file: replaced(file, put))


@maker
def weights_by_an_external_link(kit):
    def put(group):
        group["0"] = h5py.ExternalLink("/etc/passwd", "/")

    return kit.weighed(lambda file: replaced(file, put))


@maker
def weights_by_a_soft_link(kit):
    def put(group):
        group["0"] = h5py.SoftLink("/layers/dense/vars/1")

    return kit.weighed(lambda file: replaced(file, put))


@maker
def weights_by_a_circle_of_links(kit):
    return kit.weighed(lambda file: file["layers/dense"].__setitem__("again", file["layers"]))


@maker
def weights_virtual(kit):
    def put(group):
        layout = h5py.VirtualLayout((784, 10), "f4")
        layout[:] = h5py.VirtualSource("/tmp/other.h5", "kernel", (784, 10))
        group.create_virtual_dataset("0", layout)

    return kit.weighed(lambda file: replaced(file, put))


@maker
def weights_packed(kit):
    def put(group):
        group.create_dataset("0", (20_000, 5_000), "f4", compression="gzip", chunks=(20_000, 5_000))[:] = 0

    return kit.weighed(lambda file: replaced(file, put))


@maker
def weights_of_another_count(kit):
    return kit.weighed(lambda file: replaced(file, lambda g: g.create_dataset("0", data=np.zeros((784, 9)))))


@maker
def weights_of_text(kit):
    return kit.weighed(lambda file: replaced(file, lambda g: g.create_dataset("0", data=["a", "b"])))


@maker
def weights_cut(kit):
    data = kit.parts["model.weights.h5"]
    return kit.pack(weights=data[: len(data) // 2])


@maker
def weights_of_random_bytes(kit):
    return kit.pack(weights=b"\x89HDF\r\n\x1a\n" + random.Random(3).randbytes(50_000))


@maker
def weights_with_random_headers(kit):
    data = bytearray(kit.parts["model.weights.h5"])
    chance = random.Random(4)
    for _ in range(200):
        data[chance.randrange(8, 4000)] = chance.randrange(256)
    return kit.pack(weights=bytes(data))


def write(folder: Path, canary: Path) -> list[Path]:
    """Write all files into a folder.

    Args:
        folder: where to; made if need be.
        canary: the file that no payload may get to write.

    Returns:
        Their paths, in the order of the makers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kit = Kit(sound_model(folder), canary)
    paths = []
    for name, make in MAKERS.items():
        paths.append(folder / f"{name}.keras")
        paths[-1].write_bytes(make(kit))
    return paths


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[1]) / "canary.txt")
