"""The notes of an archive: what pictures alone do not say. They come from outside, so all is checked."""

import base64
import binascii
import io
import json
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from digits.collection.archive import NOTED, NOTES, Archive
from digits.collection.sample import ORIGINS, STATUSES, check_digit, check_word
from digits.contract import SIDE

LONGEST_NAME = 200
"""Letters of a model's name."""

LONGEST_FRAME = 8192
"""Letters of a frame in base64; 28 x 28 random points take 1,200."""


def read(archive: Archive) -> dict[str, dict[str, Any]]:
    """Return the notes on each picture by its folder and name, like "4/own-3.png"; empty without notes.

    Each has the arguments of `Store.add` but picture and label, `framed` as (28, 28) float32 in [0, 1].

    Raises:
        ValueError: something in the notes is not as it should be; one sentence that says what.
    """
    found = [name for name in archive.names() if PurePosixPath(name).name == NOTES]
    if not found:
        return {}
    if len(found) > 1:
        raise ValueError(f"The archive has {len(found)} files {NOTES}; expected one at most.")
    try:
        notes = json.loads(archive.read(found[0]))["samples"]
        return {str(name): _note(note) for name, note in notes.items()}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"{NOTES} in the archive cannot be used: {error}") from error


def _note(note: dict[str, Any]) -> dict[str, Any]:
    missing = [name for name in (*NOTED, "framed") if name not in note]
    if missing:
        raise ValueError(f"a note without {missing[0]}.")
    answer, model, sha256 = note["answer"], note["model"], note["model_sha256"]
    if not isinstance(model, str) or len(model) > LONGEST_NAME or not model.isprintable():
        raise ValueError(f"a model's name of up to {LONGEST_NAME} letters is expected.")
    if not isinstance(sha256, str) or not re.fullmatch("([0-9a-f]{64})?", sha256):
        raise ValueError("a model's SHA-256 is expected to be empty or 64 hexadecimal digits.")
    created = datetime.fromisoformat(note["created"])
    created = created.astimezone(UTC) if created.tzinfo else created.replace(tzinfo=UTC)
    return {
        "answer": None if answer is None else check_digit(answer, "Answer"),
        "status": check_word(note["status"], STATUSES, "Status"),
        "origin": check_word(note["origin"], ORIGINS, "Origin"),
        "model": model,
        "model_sha256": sha256,
        "created": created.isoformat(timespec="seconds"),
        "framed": _frame(note["framed"]),
    }


def _frame(text: str) -> np.ndarray:
    if not isinstance(text, str) or len(text) > LONGEST_FRAME:
        raise ValueError("a frame is expected to be a PNG of 28 x 28 points in base64.")
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as picture:
            if picture.size != (SIDE, SIDE) or picture.mode != "L":
                raise ValueError(
                    f"a frame of {picture.size} points, mode {picture.mode}; expected 28 x 28 grey."
                )
            return np.asarray(picture, np.float32) / 255
    except (OSError, binascii.Error, SyntaxError) as error:
        raise ValueError(f"a frame cannot be read ({error}).") from error
