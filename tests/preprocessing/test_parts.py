"""Ink is taken apart into lines of parts: nothing is lost, lines and slant are found, dirt stays apart."""

import cv2
import numpy as np
import pytest
from handwriting import strokes

from digits.data.strokes import draw
from digits.preprocessing.components import find_components, gap, hull
from digits.preprocessing.parts import find_parts, find_slant


def page(*digits):
    """Draw (digit, size, left, top) tuples on a page, (600, 600) float32."""
    drawn = [draw(strokes(digit, size, left, top), 600, 10) for digit, size, left, top in digits]
    return np.max(drawn, axis=0).astype(np.float32) / 255


def taken_apart(ink):
    return find_parts(find_components(ink))


def atoms_of(line):
    return [atom for part in line.parts for atom in part.atoms]


def leaning(ink, slant):
    height, width = ink.shape
    move = np.array([[1, -slant, slant * height / 2], [0, 1, 0]], np.float32)
    return cv2.warpAffine(ink, move, (width, height))


@pytest.mark.parametrize("slant", [-0.3, 0.0, 0.2, 0.6])
@pytest.mark.parametrize("number", ["417", "10116"])
def test_writing_has_the_slant_it_was_given(slant, number):
    line = page(*[(int(digit), 100, 40 + 105 * i, 250) for i, digit in enumerate(number)])
    assert find_slant(leaning(line[230:370], slant)) == pytest.approx(slant, abs=0.101)


def test_no_ink_is_lost_and_none_belongs_to_two():
    ink = page((0, 150, 60, 200), (8, 150, 150, 200), (0, 150, 240, 205))  # touching
    numbers, (line,) = taken_apart(ink)
    atoms = atoms_of(line)
    assert len(line.parts) == 1
    assert len(atoms) >= 3
    assert len({atom.number for atom in atoms}) == len(atoms)
    assert {atom.number for atom in atoms} == set(np.unique(numbers[ink > 0.5]))
    for atom in atoms:
        rows, columns = np.nonzero(numbers == atom.number)
        assert atom.box == (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)


def test_what_the_picture_cuts_off_is_at_its_edge():
    whole = page((3, 200, 200, 200), (0, 200, 20, 200), (0, 200, 420, 200))
    _, (line,) = taken_apart(whole[180:420, 100:530])
    assert line.crop
    atoms = atoms_of(line)
    assert min(atoms, key=lambda atom: atom.left).at_edge
    assert max(atoms, key=lambda atom: atom.right).at_edge
    assert not any(atom.at_edge for atom in atoms if atom.left > 80 and atom.right < 300)
    assert not any(atom.at_edge for line in taken_apart(whole)[1] for atom in atoms_of(line))


def test_gaps_and_hulls_of_boxes():
    a, b = (10, 10, 20, 30), (35, 25, 10, 10)
    assert gap(a, b, 0) == gap(b, a, 0) == 5
    assert gap(a, b, 1) == -10
    assert hull(a, b) == (10, 10, 35, 30)


@pytest.mark.parametrize("shape", [(3000, 8), (8, 3000)])
def test_slants_are_found_in_the_thinnest_pictures(shape):
    ink = np.zeros(shape, np.float32)
    ink[2:-2, 2:-2] = 1
    assert abs(find_slant(ink)) <= 0.8
