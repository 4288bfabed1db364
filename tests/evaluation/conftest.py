"""A judged tiny model, and a small folder of handwriting as handwriting.py expects it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes, write_strokes
from PIL import Image

from digits import experiment
from digits.data.strokes import draw
from digits.files import write_json
from digits.models import checkpoints
from evaluation.judges import accuracy

BAR = [np.array([[0, 0], [0, 9]], np.float32), np.array([[5, 0], [5, 9]], np.float32)]
"""The two bars of an "n" or so: what is written does not matter here."""


@pytest.fixture(scope="session")
def judged_once(tiny_data, tiny_model, tiny_card, tmp_path_factory) -> Path:
    """Judge a tiny model once; return the folder with its models/ and results/."""
    folder = tmp_path_factory.mktemp("judged")
    checkpoints.save(tiny_model, tiny_card, folder / "models" / "tiny.keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "_claims", set())  # as if in a process of its own
        patch.setenv("DIGITS_DATA_DIR", str(tiny_data))
        for name in ("models", "results"):
            patch.setenv(f"DIGITS_{name.upper()}_DIR", str(folder / name))
        accuracy.main(accuracy.Settings(model="tiny"))
    return folder


@pytest.fixture
def judged(judged_once, surroundings) -> Path:
    """Return temporary folders with a copy of the judged model."""
    shutil.copytree(judged_once, surroundings, dirs_exist_ok=True)
    return surroundings


@pytest.fixture(scope="session")
def handwriting_folder(tiny_data, tmp_path_factory) -> Path:
    """Return a data folder: MNIST, digits of three sites, letters of two, a few pictures in each real set."""
    folder = tmp_path_factory.mktemp("written")
    shutil.copy(tiny_data / "mnist.npz", folder)
    place = folder / "handwriting"
    for digit in range(10):
        for site in ("aga", "app", "apa"):
            save(
                place / "unipen" / str(digit) / f"{site}_1.png", 255 - draw(strokes(digit, 60, 10, 10), 80, 6)
            )
        for number in range(4):
            picture = 220 - draw(strokes(digit, 24, 5, 3 + number), 32, 3) // 2
            for real in ("ledger", "exam_cells"):
                save(place / real / str(digit) / f"{digit}_{number}.png", picture)
    row = np.hstack([255 - draw(strokes(digit, 60, 10, 10), 80, 6) for digit in (3, 5)])
    save(place / "numbers" / "35.png", row)
    for number in range(6, 10):  # names of both halves
        save(place / "amounts" / f"{number}.png", np.roll(row, number))
        save(place / "other_cells" / "box" / f"{number}.png", np.roll(row, number))
    labels = {f"{number}.png": {"digits": "35", "boxes": []} for number in range(6, 10)}
    write_json(place / "amounts" / "labels.json", labels)
    digits, sites = np.tile(range(10), 3), np.repeat(["aga", "app", "apa"], 10)
    write_strokes(place / "unipen_strokes.npz", [strokes(d, 50, 0, 0) for d in digits], digits, sites)
    letters, sites = np.tile(list("nHn"), 2), np.repeat(["aga", "kai"], 3)
    write_strokes(place / "not_digits_strokes.npz", [BAR] * 6, letters, sites)
    sites = np.repeat(["aga/one", "kai/two"], 2)
    write_strokes(place / "letters_strokes.npz", [BAR] * 4, np.tile(list("yz"), 2), sites)
    return folder


@pytest.fixture
def handwriting_data(handwriting_folder, monkeypatch) -> Path:
    """Point the data there; return the folder."""
    monkeypatch.setenv("DIGITS_DATA_DIR", str(handwriting_folder))
    return handwriting_folder


def save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
