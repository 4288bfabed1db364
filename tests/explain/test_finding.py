"""What the finder saw is drawn where it is, and said in words; what was seen is given by hand."""

from dataclasses import replace

import numpy as np
import pytest
from pathologies import picture

from digits.explain import finding
from digits.explain.finding import Finding
from digits.preprocessing.finder import Centre, Seen, see
from digits.preprocessing.ink import find_ink

SIDE = 64


def seen(*centres, ink=1.0):
    """Return a page with a stroke in its middle, and these centres: kind, chance, x and y."""
    strength = np.zeros((SIDE, SIDE), np.float32)
    strength[20:44, 30:34] = ink
    found = [
        Centre(kind, chance, chance if kind == "digit" else 0.0, x, y, 12.0, 26.0)
        for kind, chance, x, y in centres
    ]
    owner = np.where(strength > 0, 1 if found else 0, 0).astype(np.int32)
    return Seen(1 - strength, strength, owner, found, 1.0)


GIVES = "The glimpse reader, which looks at the picture itself, gives a digit a chance of "


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Finding(seen(("digit", 0.97, 32, 32)), 0.971), [GIVES + "97.1 %."]),
        (
            Finding(seen(("other", 0.9, 32, 32), ("comma", 0.9, 9, 50), ("comma", 0.8, 50, 50)), 0.02),
            [GIVES + "2.0 %.", "For no digit it took a piece of other writing and 2 commas."],
        ),
        (
            Finding(seen(ink=0.12), 0.02),
            ["The finder saw no ink of writing: at no point is it surer of that than 12.0 %."],
        ),
    ],
)
def test_what_was_seen_is_said(found, words):
    assert finding.in_words(found) == words


def coloured(picture):
    """Return how far each point (h, w) is from grey."""
    return np.ptp(picture.astype(int), axis=2)


def test_a_digit_has_a_ring_of_its_size_and_other_things_a_cross():
    drawn = finding.draw_centres(seen(("digit", 1.0, 32, 32), ("other", 1.0, 10, 10)))
    assert drawn.shape == (finding.DRAWN, finding.DRAWN, 3)
    factor = finding.DRAWN / SIDE
    for x, y in ((32 - 6, 32), (32 + 6, 32), (32, 32 - 13), (32, 32 + 13)):
        assert tuple(drawn[round(y * factor), round(x * factor)]) == finding.RING
    assert tuple(drawn[round(10 * factor), round(10 * factor)]) == finding.CROSS
    assert not coloured(drawn[:, -60:]).any()


def test_a_less_sure_centre_is_fainter():
    sure, unsure = (coloured(finding.draw_centres(seen(("digit", p, 32, 32)))).sum() for p in (0.9, 0.2))
    assert 0 < unsure < 0.4 * sure


def test_ink_has_the_colour_of_its_centre_or_none():
    place = round(32 * finding.DRAWN / SIDE)
    whose, nobodys = (finding.draw_parts(one)[place, place] for one in (seen(("digit", 1, 32, 32)), seen()))
    assert (tuple(whose), tuple(nobodys)) == (finding.PARTED[0], finding.NOBODYS)


def test_neighbours_have_other_colours_beside_and_below():
    places = [(x, y) for y in (10, 32, 54) for x in (7, 20, 33, 46, 59)]
    page = seen(*(("digit", 0.9, x, y) for x, y in places), ink=0)
    owner, ink = np.zeros((SIDE, SIDE), np.int32), np.zeros((SIDE, SIDE), np.float32)
    for number, (x, y) in enumerate(places, 1):
        owner[y - 4 : y + 5, x - 4 : x + 5], ink[y - 4 : y + 5, x - 4 : x + 5] = number, 1
    drawn = finding.draw_parts(replace(page, owner=owner, ink=ink)).astype(int)
    factor = finding.DRAWN / SIDE
    found = {(x, y): drawn[round((y + 0.5) * factor), round((x + 0.5) * factor)] for x, y in places}
    for (x, y), colour in found.items():
        for near in ((x + 13, y), (x, y + 22)):
            assert near not in found or np.abs(colour - found[near]).max() > 30


def test_a_number_is_seen_as_its_reader_sees_it():
    number = np.concatenate([picture("plain", 3), picture("plain", 7)], axis=1)
    found, ink = finding.see_number(number), find_ink(number)
    assert found.centres == see(ink.grey, ink.scale).centres
    middles = sorted(one.x * found.scale for one in found.centres if one.digit > 0.5)
    assert len(middles) == 2
    assert middles[0] < number.shape[1] / 2 < middles[1]
    assert np.array_equal(finding.draw_number(number), finding.draw_parts(found))
    assert finding.draw_number(np.full_like(number, 255)) is None


def test_on_a_screen_it_is_not_asked_and_on_paper_it_sees_a_digit():
    assert finding.find(picture("plain", 3)) is None
    found = finding.find(picture("noise", 3))
    assert found.chance > 0.5
    assert [one.kind for one in found.seen.centres if one.chance > 0.5] == ["digit"]
