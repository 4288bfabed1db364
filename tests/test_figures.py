"""Figures draw what they are given."""

import io

import numpy as np
from PIL import Image

from digits import figures


def test_a_thumbnail_is_centred_and_keeps_its_proportions():
    picture = np.ones((20, 10), np.float32)
    square = np.asarray(Image.open(io.BytesIO(figures.thumbnail_png(picture, 80))))
    assert square.shape == (80, 80)
    assert square[:, 20:60].min() == 255
    assert square[:, :20].max() == square[:, 60:].max() == 0


def test_the_chart_names_the_best_three_and_claims_no_certainty():
    probabilities = np.array([0.00005, 0, 0.1, 0, 0.8, 0.09, 0, 0, 0.00995, 0])
    rows = figures.probability_chart(probabilities).to_dict()["data"]["values"]
    named = {row["digit"]: row["name"] for row in rows if row["name"]}
    assert named == {"4": "80.0 %", "2": "10.0 %", "5": "9.0 %"}
    assert figures.percent(0.99995) == "over 99.9 %"
    assert figures.percent(0.0004) == "under 0.1 %"


def test_misclassified_shows_the_surest_mistake_first(tmp_path):
    probabilities = np.eye(10)[[1, 2, 3]] * 0.5 + 0.05
    probabilities[1] = np.eye(10)[2]
    figure = figures.misclassified(np.zeros((3, 28, 28), np.uint8), np.array([1, 5, 4]), probabilities)
    captions = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert captions == ["5 → 2  100%", "4 → 3  55%"]
    figures.save(figure, tmp_path / "wrong.png")
    assert Image.open(tmp_path / "wrong.png").width > 100


def test_no_mistakes_is_an_empty_figure(tmp_path):
    figures.save(
        figures.misclassified(np.zeros((0, 28, 28)), np.zeros(0, int), np.zeros((0, 10))), tmp_path / "a.png"
    )
    figures.save(figures.confused_pairs([]), tmp_path / "b.png")
    assert (tmp_path / "a.png").exists()


def test_a_contact_sheet_of_photos_stays_small(tmp_path):
    rng = np.random.default_rng(1)
    photos = [rng.integers(0, 255, (300, 500, 3), dtype=np.uint8) for _ in range(48)]
    figure = figures.contact_sheet([*photos[:47], photos[47][..., 0]], [f"{i}" for i in range(48)], columns=4)
    assert [axis.texts[0].get_text() for axis in figure.axes] == [f"{i}" for i in range(48)]
    figures.save(figure, tmp_path / "sheet.png", dpi=100)
    assert (tmp_path / "sheet.png").stat().st_size < 600_000  # pure noise; paper needs a third of it
