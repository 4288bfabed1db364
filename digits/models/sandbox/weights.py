"""The weights of an untrusted model, read out of HDF5 by names and order, in the child process alone.

They must be plain numbers that lie in the file, are all there and finite. HDF5 is a format of many tricks:
links to other files, arrays whose values lie elsewhere or nowhere, filters that unpack a few bytes to
gigabytes. Keras uses none of them, so none is accepted; and the library that reads the format is written in
C, which is why it does so in a process of its own.

Keras has named the places in three ways: until 2023 in `.h5` by the layers' names, with a list of the
arrays; since then in `.keras` by class and counter, "layers/conv2d_1/vars/0", for a while under
`_layer_checkpoint_dependencies`, and on Windows with \\ for /.
"""

import io
import re
from collections.abc import Iterator
from itertools import count

import h5py
import numpy as np

from digits.models.sandbox.container import Refusal, shown
from digits.models.sandbox.outline import Branch, Layer, Plan

MOST_OBJECTS, DEEPEST = 20_000, 24
"""Groups and arrays in a file, and levels of groups."""

MOST_ATTRIBUTE = 2**22
"""Bytes of a description inside an .h5 file."""

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""Groups with the layers of a model."""

OLD = "model_weights"
"""The group with the weights in an .h5 file of a whole model."""

Arrays = dict[tuple[str, ...], h5py.Dataset]
"""By path, the parts between / and \\."""


def read_description(data: bytes) -> bytes:
    """Return the description of a model that an old .h5 file holds.

    Raises:
        Refusal: it holds none, or is damaged.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            found = _attribute(file, "model_config")
    except Refusal:
        raise
    except Exception as error:  # h5py raises many kinds
        raise Refusal("It is an HDF5 file that is damaged and cannot be read.") from error
    if found is None:
        raise Refusal(
            "It is an HDF5 file with weights alone, without the layers that they belong to; "
            "save the whole model, with model.save('name.keras')."
        )
    return found


def read(data: bytes, plan: Plan) -> np.ndarray:
    """Return all weights of a model, (plan.parameters,) float32, in the order of `plan.layers`.

    Args:
        data: the whole of model.weights.h5, or of an .h5 file.
        plan: what they are for.

    Raises:
        Refusal: the file uses a trick, is damaged, or its arrays are not those of the plan.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            arrays: Arrays = {}
            for path, array in _arrays(file, (), count()):
                arrays[tuple(re.split(r"[/\\]", "/".join(path)))] = array
            total = sum(array.size * array.dtype.itemsize for array in arrays.values())
            if total > len(data):
                raise Refusal(f"Its weights claim {total:,} bytes in a file of {len(data):,}.")
            old = (
                OLD
                if OLD in file
                else ""
                if "layer_names" in file.attrs or "layer_names0" in file.attrs
                else None
            )
            found = (
                _by_class(arrays, plan)
                if old is None
                else _by_name(file[old] if old else file, arrays, old, plan)
            )
            values = [_values(array, shape) for array, shape in found]
    except Refusal:
        raise
    except Exception as error:  # h5py raises many kinds
        raise Refusal("Its weights are damaged and cannot be read.") from error
    return np.concatenate([np.zeros(0, np.float32), *values])


def _values(array: h5py.Dataset, shape: tuple[int, ...]) -> np.ndarray:
    if array.shape != shape:
        raise Refusal(
            f"Its weights {shown(array.name)} have the shape {array.shape}; "
            f"expected {shape} by its description."
        )
    with np.errstate(over="ignore"):
        values = np.asarray(array[()], np.float32).ravel()
    if not np.isfinite(values).all():
        raise Refusal(
            f"Its weights {shown(array.name)} hold NaN or infinite numbers; the training went wrong."
        )
    return values


def _by_class(arrays: Arrays, plan: Plan) -> Iterator[tuple[h5py.Dataset, tuple[int, ...]]]:
    """Yield the arrays of a file that counts the layers of each class."""
    yield from _of_branch(plan.tree, (), arrays)


def _of_branch(
    branch: Branch, path: tuple[str, ...], arrays: Arrays
) -> Iterator[tuple[h5py.Dataset, tuple[int, ...]]]:
    """Yield the arrays of a model inside the file, layer by layer."""
    under = {key[: len(path) + 2] for key in arrays if key[: len(path)] == path and len(key) > len(path) + 2}
    holder = next((name for name in CONTAINERS if any(key[-2] == name for key in under)), CONTAINERS[0])
    named = sorted({key[-1] for key in under if key[-2] == holder})
    counted: dict[str, int] = {}
    for part in branch.parts:
        if not any(True for _ in part.layers()):
            continue
        stem = snake_case(part.kind)
        places = sorted(
            (name for name in named if re.fullmatch(rf"{stem}(_\d+)?", name)),
            key=lambda name: int(name.removeprefix(stem).strip("_") or 0),
        )
        number = counted[stem] = counted.get(stem, -1) + 1
        if number < len(places):
            place = places[number]
        elif part.name in named:
            place = part.name
        else:
            raise Refusal(f"Its weights lack those of its layer {shown(part.name)} ({part.kind}).")
        here = (*path, holder, place)
        if part.layer is None:
            yield from _of_branch(part, here, arrays)
        else:
            yield from _of_layer(part.layer, here, arrays)


def _of_layer(
    layer: Layer, path: tuple[str, ...], arrays: Arrays
) -> Iterator[tuple[h5py.Dataset, tuple[int, ...]]]:
    counted: dict[str, int] = {}
    for weight in layer.weights:
        number = counted[weight.part] = counted.get(weight.part, -1) + 1
        inside = tuple(weight.part.split("/")) if weight.part else ()
        found = arrays.get((*path, *inside, "vars", str(number)))
        if found is None:
            raise Refusal(
                f"Its weights lack number {number} of its layer {shown(layer.name)}; "
                f"expected {len(layer.weights)} by its description."
            )
        yield found, weight.shape


def _by_name(
    group: h5py.Group, arrays: Arrays, prefix: str, plan: Plan
) -> Iterator[tuple[h5py.Dataset, tuple[int, ...]]]:
    """Yield the arrays of an old file, which lists them for each of the outer layers, what is learnt
    first."""
    found: dict[tuple[str, int], h5py.Dataset] = {}
    for part in plan.tree.parts:
        inside = list(part.layers())
        if not inside:
            continue
        listed = _words(group[part.name], "weight_names") if part.name in group else []
        wanted = [
            (layer.name, number, weight.learnt and trainable)
            for layer, trainable in inside
            for number, weight in enumerate(layer.weights)
        ]
        if len(listed) != len(wanted):
            raise Refusal(
                f"Its weights are {len(listed)} arrays for its layer {shown(part.name)}; "
                f"expected {len(wanted)} by its description."
            )
        if part.layer is None:  # of a model inside: first all that is learnt
            wanted.sort(key=lambda one: not one[2])
        for (name, number, _), word in zip(wanted, listed, strict=True):
            path = tuple(re.split(r"[/\\]", "/".join([*([prefix] if prefix else []), part.name, word])))
            if path not in arrays:
                raise Refusal(f"Its weights lack {shown(word)}, which they list.")
            found[name, number] = arrays[path]
    for layer in plan.layers:
        for number, weight in enumerate(layer.weights):
            yield found[layer.name, number], weight.shape


def snake_case(name: str) -> str:
    """Return the name of a class as Keras writes it into files.

    >>> [snake_case(name) for name in ("Conv2D", "BatchNormalization", "PReLU", "GRU")]
    ['conv2d', 'batch_normalization', 'p_re_lu', 'gru']
    """
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _words(group: h5py.Group, name: str) -> list[str]:
    """Return a list of texts that a group carries, in pieces where it is long."""
    names = (
        [name]
        if name in group.attrs
        else [f"{name}{n}" for n in range(MOST_OBJECTS) if f"{name}{n}" in group.attrs]
    )
    words = []
    for piece in names:
        _check_attribute(group, piece)
        words += [word.decode() if isinstance(word, bytes) else str(word) for word in group.attrs[piece]]
    if len(words) > MOST_OBJECTS:
        raise Refusal(f"Its weights are more than {MOST_OBJECTS:,} arrays.")
    return words


def _attribute(file: h5py.File, name: str) -> bytes | None:
    if name not in file.attrs:
        return None
    _check_attribute(file, name)
    found = file.attrs[name]
    return found if isinstance(found, bytes) else str(found).encode()


def _check_attribute(group: h5py.Group, name: str) -> None:
    about = group.attrs.get_id(name)
    if about.get_storage_size() > MOST_ATTRIBUTE or len(about.shape) > 1:
        raise Refusal(f"It is an HDF5 file with the note {shown(name)} of unusual size.")


def _arrays(
    group: h5py.Group, path: tuple[str, ...], seen: Iterator[int]
) -> Iterator[tuple[tuple[str, ...], h5py.Dataset]]:
    """Yield all arrays with their paths, following nothing that leads out of the file."""
    for name in group:
        if next(seen) > MOST_OBJECTS:
            raise Refusal(f"Its weights are more than {MOST_OBJECTS:,} arrays.")
        if len(path) > DEEPEST:
            raise Refusal(f"Its weights are nested more than {DEEPEST} deep.")
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            kind = "another file" if isinstance(link, h5py.ExternalLink) else "another place"
            raise Refusal(
                f"Its weights have a link {shown(name)} to {kind}; expected the numbers themselves."
            )
        found = group[name]
        if isinstance(found, h5py.Dataset):
            _check_storage(found)
            yield (*path, name), found
        elif isinstance(found, h5py.Group):
            yield from _arrays(found, (*path, name), seen)
        else:
            raise Refusal(f"Its weights hold a {type(found).__name__}; expected arrays and groups.")


def _check_storage(array: h5py.Dataset) -> None:
    name = shown(array.name)
    if array.external or array.is_virtual:
        raise Refusal(f"The values of its weights {name} lie in another file; expected them in this one.")
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8 or array.dtype.subdtype:
        raise Refusal(f"Its weights {name} are of the type {shown(str(array.dtype))}; expected numbers.")
    if (
        array.chunks is not None
        or array.compression is not None
        or array.id.get_create_plist().get_nfilters()
    ):
        raise Refusal(f"Its weights {name} are packed; expected them as Keras writes them.")
    if array.id.get_storage_size() != array.size * array.dtype.itemsize:
        raise Refusal(f"Its weights {name} claim the shape {array.shape}, but their values are not there.")
