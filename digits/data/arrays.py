"""Reading .npz files, with one sentence for whatever is wrong with them."""

import zipfile
from pathlib import Path

import numpy as np


def read_npz(path: Path, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the arrays named `keys`; others in the file are not read.

    Raises:
        ValueError: not an .npz file, damaged, or without one of the arrays; the message names the file.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = [key for key in keys if key not in arrays]
            found = {} if missing else {key: arrays[key] for key in keys}
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{path} cannot be read as an .npz file of arrays; expected {', '.join(keys)}."
        ) from error
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}; expected the arrays {', '.join(keys)}.")
    return found
