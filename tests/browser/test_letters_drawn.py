"""A, b and 7, drawn on the page in a real browser: read by the model of letters, and by that of digits."""

import numpy as np
import pytest
from hands import answer, drag, settle
from handwriting import strokes
from playwright.sync_api import expect

from digits.config import ROOT

MODEL = "characters"
BOW = [(0.2 + 0.55 * np.sin(turn), 0.72 - 0.28 * np.cos(turn)) for turn in np.linspace(0.2, np.pi - 0.2, 14)]
LETTERS = {
    "A": [[(0.1, 1), (0.5, 0), (0.9, 1)], [(0.25, 0.62), (0.75, 0.62)]],
    "b": [[(0.2, 0), (0.2, 1)], [(0.2, 0.5), *BOW, (0.2, 1)]],
}
"""Strokes in the unit square, y down."""

pytestmark = pytest.mark.skipif(
    not (ROOT / "models" / f"{MODEL}.keras").exists(), reason=f"models/{MODEL}.keras is not there"
)


def write(page, sign):
    box = page.locator("canvas.upper-canvas").bounding_box()
    placed = [180 * np.array(stroke) + 50 for stroke in LETTERS.get(sign, [])]
    for stroke in placed or strokes(int(sign), 180, 50, 50):
        drag(page, [(float(x + box["x"]), float(y + box["y"])) for x, y in stroke])


@pytest.mark.parametrize("sign", ["A", "b", "7"])
def test_a_character_is_drawn_and_read_by_either_model(page, sign):
    write(page, sign)
    if sign == "7":
        expect(answer(page)).to_have_text("7")
    else:
        expect(answer(page)).not_to_have_text(sign)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=MODEL).click()
    settle(page)
    expect(answer(page)).to_have_text(sign)
    expect(page.locator("table.bars tr")).to_have_count(10)
