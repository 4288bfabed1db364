"""Real cells as the glimpse reader learns them: cut from photos of tables, in parts that share no table."""

import json

import keras
import numpy as np
import pytest
from PIL import Image

from digits.config import CLASSES
from digits.data import cells as real
from digits.data.hands import Writing
from digits.train.glimpse import loss
from tests.tables.test_table_cells import ROWS, sheet


@pytest.fixture
def folder(tmp_path):
    rows = [[int(text) if len(text) == 1 else 0 for text in row] for row in ROWS]
    names = ["blank_7.png", "full_7.png", "full_8.png", "full_12.png"]
    for name in names:
        Image.fromarray(sheet()).save(tmp_path / name)
    (tmp_path / "labels.json").write_text(json.dumps(dict.fromkeys(names, rows)))
    return tmp_path


def test_photos_of_the_same_table_are_in_the_same_part(folder):
    parts = real.parts_of(json.loads((folder / "labels.json").read_text()))
    assert parts["blank_7.png"] == parts["full_7.png"] == 0
    assert [parts[name] for name in ("full_8.png", "full_12.png")] == [1, 2]
    assert len(real.load_cells(folder, (0,)).labels) == 2 * len(real.load_cells(folder, (1,)).labels)


def test_cells_are_shown_with_what_stands_in_them(folder):
    found = real.load_cells(folder, (1,))
    assert found.shown.shape[1:] == (64, 64, 2)
    assert found.labels.tolist() == [3, CLASSES, 7, CLASSES, CLASSES, 1, 9, 4, CLASSES]


def test_a_folder_without_its_tables_is_refused(folder):
    (folder / "labels.json").write_text(json.dumps({"full_8.png": [[1, 2]]}))
    with pytest.raises(ValueError, match="shows no table as its labels.json says"):
        real.load_cells(folder, (0,))


def test_nothing_is_learnt_against_a_nought_that_no_puzzle_holds():
    logits = np.zeros((1, CLASSES + 1), np.float32)
    logits[0, 3] = 4.0
    high = logits.copy()
    high[0, 0] = 9.0
    cell, made = np.array([[3, 1]]), np.array([[3, 0]])
    lost = {
        name: float(loss(truth, keras.ops.convert_to_tensor(high)))
        for name, truth in (("cell", cell), ("made", made))
    }
    assert lost["cell"] == pytest.approx(float(loss(cell, keras.ops.convert_to_tensor(logits))), abs=1e-4)
    assert lost["made"] > lost["cell"] + 4


def test_a_batch_holds_made_glimpses_and_real_ones(folder, monkeypatch):
    monkeypatch.setattr(
        real,
        "glimpses",
        lambda writing, chance, lines: (
            np.ones((4 * lines, 64, 64, 2), np.float32),
            np.full((4 * lines, 1), 5, np.int32),
        ),
    )
    writing = Writing(folder / "none.npz", None, (), ())
    shown, labels = real.mixed(writing, [1, 2, 3], 6, folder, 0.5, (0, 1, 2))
    assert shown.shape == (24, 64, 64, 2)
    assert shown.dtype == np.float32
    assert labels[:, 1].tolist() == [0] * 12 + [1] * 12
    assert (labels[:12, 0] == 5).all()
    assert 0 not in labels[12:, 0]
    again = real.mixed(writing, [1, 2, 3], 6, folder, 0.5, (0, 1, 2))
    assert np.array_equal(shown, again[0])
