"""model.weights.h5 of a stranger's model: plain numbers that lie in this file, are all there and finite.

HDF5 is a format of many tricks: links to other files, arrays whose values lie elsewhere or nowhere, filters
that unpack a few bytes to gigabytes. Keras uses none of them, so none is accepted. To be run in a child
process only: the library that reads the format is written in C.
"""

import io
from collections.abc import Iterator

import h5py
import numpy as np

from digits.network.foreign.refusal import Refusal, shown

MOST_OBJECTS, DEEPEST = 20_000, 24
"""Groups and arrays in a file, and levels of groups."""

NOT_COUNTED = {"seed_generator", "optimizer"}
"""Groups whose numbers are no parameters of the model."""


def check(data: bytes, parameters: int) -> None:
    """Look at the file and all its values.

    Args:
        data: the whole file.
        parameters: how many numbers the model keeps, by its description.

    Raises:
        Refusal: it uses a trick, is damaged, holds another count of numbers, or NaN or infinite ones.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            arrays = list(_arrays(file, ()))
            _check_sizes(arrays, len(data))
            for _, array in arrays:
                _check_values(array)
    except Refusal:
        raise
    except Exception as error:  # h5py raises many kinds
        raise Refusal("Its weights are damaged and cannot be read.") from error
    found = sum(array.size for path, array in arrays if not NOT_COUNTED & set(path))
    if found != parameters:
        raise Refusal(f"Its weights are {found:,} numbers; expected {parameters:,} by its description.")


def _arrays(group: h5py.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], h5py.Dataset]]:
    """Yield all arrays with their paths, following nothing that leads out of the file."""
    if len(path) > DEEPEST:
        raise Refusal(f"Its weights are nested more than {DEEPEST} deep.")
    for number, name in enumerate(group):
        if number > MOST_OBJECTS:
            raise Refusal(f"Its weights are more than {MOST_OBJECTS:,} arrays.")
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
            yield from _arrays(found, (*path, name))
        else:
            raise Refusal(f"Its weights hold a {type(found).__name__}; expected arrays and groups.")


def _check_storage(array: h5py.Dataset) -> None:
    name = shown(array.name)
    if array.external or array.is_virtual:
        raise Refusal(f"The values of its weights {name} lie in another file; expected them in this one.")
    if array.dtype.kind not in "fiub":
        raise Refusal(f"Its weights {name} are of the type {shown(str(array.dtype))}; expected numbers.")
    if array.chunks is not None or array.compression is not None:
        raise Refusal(f"Its weights {name} are packed; expected them as Keras writes them.")
    if array.id.get_storage_size() != array.size * array.dtype.itemsize:
        raise Refusal(f"Its weights {name} claim the shape {array.shape}, but their values are not there.")


def _check_sizes(arrays: list, size: int) -> None:
    total = sum(array.size * array.dtype.itemsize for _, array in arrays)
    if total > size:
        raise Refusal(f"Its weights claim {total:,} bytes in a file of {size:,}.")


def _check_values(array: h5py.Dataset) -> None:
    if array.dtype.kind == "f" and not np.isfinite(array[()]).all():
        raise Refusal(
            f"Its weights {shown(array.name)} hold NaN or infinite numbers; the training went wrong."
        )
