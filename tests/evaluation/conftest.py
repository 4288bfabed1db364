"""A judged tiny model, and a small folder of handwriting as handwriting.py expects it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from handwriting import strokes
from PIL import Image

from digits import experiment
from digits.data.strokes import draw
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
    """Return a data folder: MNIST, digits of three sites, letters of two, ledger and number pictures."""
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
            save(place / "ledger" / str(digit) / f"{digit}_{number}.png", picture)
    row = np.hstack([255 - draw(strokes(digit, 60, 10, 10), 80, 6) for digit in (3, 5)])
    save(place / "numbers" / "35.png", row)
    samples = [(digit, site) for site in ("aga", "app", "apa") for digit in range(10)]
    write_strokes(place / "unipen_strokes.npz", [strokes(digit, 50, 0, 0) for digit, _ in samples], samples)
    samples = [(letter, site) for site in ("aga", "kai") for letter in "nHn"]
    write_strokes(place / "not_digits_strokes.npz", [BAR for _ in samples], samples)
    return folder


@pytest.fixture
def handwriting_data(handwriting_folder, monkeypatch) -> Path:
    """Point the data there; return the folder."""
    monkeypatch.setenv("DIGITS_DATA_DIR", str(handwriting_folder))
    return handwriting_folder


def save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def write_strokes(path: Path, written: list, samples: list[tuple]) -> None:
    """Write a strokes file of `written` samples with their labels and sites."""
    flat = [stroke for sample in written for stroke in sample]
    np.savez(
        path,
        points=np.concatenate(flat).astype(np.float32) * np.array([1, -1], np.float32),
        stroke_ends=np.cumsum([len(stroke) for stroke in flat]),
        sample_ends=np.cumsum([len(sample) for sample in written]),
        labels=np.array([label for label, _ in samples]),
        source=np.array([site for _, site in samples]),
    )
