"""Ruled tables on a photo: where their lines cross, however the paper lies.

Lines are found as long thin darkness in two directions, followed as gentle curves, since paper bends, and
belong to one table where they cross.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.polynomial import Polynomial

SIDE = 1200
"""Longer side, in points, at which lines are looked for. All below was chosen on photos of 61 tables."""

CLOSE, FINER = 20, 2.0
"""Where rows or columns are not farther apart, in points, and the picture has more of them, lines are looked
for at so many times the side."""

FARTHEST = round(2 * SIDE * FINER)
"""A picture that is turned by half a right angle has fewer points along either side."""

BENT = 0.15, 0.4
"""Lines longer than these shares of the side may bend, and bend both ways."""

THICK = 19
"""Points of the widest line."""

LEAST_DARK, LEVEL, AREA = 0.03, 2.2, 76
"""A point of a line is darker than the paper beside it by the first share, and by so many times the mean of
surroundings so many points wide."""

RUN, SLOPES = 33, (-0.12, -0.08, -0.04, 0.0, 0.04, 0.08, 0.12)
"""Points of a line that are dark without a gap, at one of these slopes against the others."""

SHORTEST, FILLED = 60, 0.7
"""Points of a line, and which share of it is seen, at least: the digits of a column are no line."""

GAP, ASIDE = 120, 5.0
"""What goes on behind so many points, and that far beside where it was expected, is the same line."""

REACH = 14
"""Points by which lines may miss each other and still cross."""

BESIDE = 7
"""So wide, in points, is looked for a line where it should be."""

DRAWN, LEAST_SEEN, BARE = 0.6, 0.34, 0.3
"""Between two cells is a line where so much of it is seen; of a line of a table so many pieces are, and of
those across a band that is part of it."""

AT_ONCE = 0.02
"""Lines that are seen hardly better than the one that is seen least are left out with it."""

PIECES = 500
"""The longest pieces of lines are looked at, each way: noise has many short ones."""

ENDS = 5
"""Of so many places at either end of a piece as many have to be seen, where no digit stands."""

LEAST_APART, NEAR = 8, 0.25
"""Points between lines, wherever they cross others; what is nearer than so much of the usual is one line."""

MERGED = 0.2
"""Two cells are one where less of the line between them is seen."""

FAINT, SMEAR, ALL_ALONG = 0.02, 11, 0.8
"""Between two cells is a line that is not seen where, smeared over so many points along, it is darker than
the paper by the first share in so many places. So are less than two of a hundred places without a line."""

SMALLEST, LEAST_CELL = 12, 10
"""Pixels of the picture that a cell is high and wide at least, usually, since nobody reads smaller ones; and
points at which lines are looked for, where two of them are hardly told apart."""

Place = tuple[slice, slice]
"""The rows and columns that a cell takes."""


@dataclass(eq=False)
class Line:
    """A ruled line: across, y is a curve over x; down, x over y."""

    course: np.ndarray
    """(FARTHEST,), how far aside it is at each point along; beyond its ends it goes straight on."""
    first: float
    last: float
    points: np.ndarray
    """(N, 2), along and aside."""

    @classmethod
    def through(cls, points: np.ndarray) -> "Line":
        """Fit a line to points (N, 2) along it, and aside."""
        along, aside = points.T
        first, last = float(along.min()), float(along.max())
        degree = int(np.searchsorted(BENT, (last - first) / SIDE)) + 1
        curve = Polynomial.fit(along, aside, degree)
        far = np.abs(curve(along) - aside)
        near = far <= max(2.0, 2 * float(np.median(far)))
        if np.count_nonzero(near) > 2 * degree + 2:
            curve = Polynomial.fit(along[near], aside[near], degree)
        everywhere = np.arange(FARTHEST)
        inside = np.clip(everywhere, first, last)
        return cls(curve(inside) + (everywhere - inside) * curve.deriv()(inside), first, last, points)

    @property
    def long(self) -> float:
        return self.last - self.first

    @property
    def filled(self) -> float:
        """Share of it that is seen."""
        return len(np.unique(np.round(self.points[:, 0]))) / max(1.0, self.long)


@dataclass(frozen=True)
class Grid:
    """The lines of a table."""

    points: np.ndarray
    """(rows + 1, columns + 1, 2) float32: where they cross, x and y in pixels of the picture."""
    across: np.ndarray = field(repr=False)
    """(rows + 1, columns) in [0, 1]: how much is seen of the line above each cell, and below the last row."""
    down: np.ndarray = field(repr=False)
    """(rows, columns + 1): how much is seen of the line left of each cell, and right of the last column."""
    ruled: bool = True
    """Whether lines are drawn, or rows and columns told from how the digits stand."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.points) - 1, self.points.shape[1] - 1

    @property
    def area(self) -> float:
        """Pixels of the picture."""
        points = self.points
        rim = np.concatenate([points[0], points[1:, -1], points[-1, -2::-1], points[-2:0:-1, 0]])
        return float(cv2.contourArea(rim.astype(np.float32)))

    @property
    def step(self) -> float:
        """How far apart its rows or columns usually are, whichever is less, in pixels of the picture."""
        ways = np.diff(self.points, axis=0), np.diff(self.points, axis=1)
        return float(min(np.median(np.linalg.norm(way, axis=-1)) for way in ways))

    def turned(self, quarters: int) -> "Grid":
        """Return it as it is seen after so many quarter turns against the clock."""
        across, down = (self.down, self.across) if quarters % 2 else (self.across, self.down)
        points, across, down = (np.rot90(part, quarters) for part in (self.points, across, down))
        return Grid(points, across, down, self.ruled)

    def cells(self) -> list[Place]:
        """Return the rows and columns that each cell takes, in reading order: more than one of either where
        no line is between, unless that makes no rectangle."""
        rows, columns = self.shape
        number = np.arange(rows * columns).reshape(rows, columns)
        level, upright = self.down[:, 1:-1] < MERGED, self.across[1:-1] < MERGED
        starts = np.concatenate([number[:, :-1][level], number[:-1][upright]])
        ends = np.concatenate([number[:, 1:][level], number[1:][upright]])
        from scipy.ndimage import find_objects  # late: see `_together`

        groups = _together(starts, ends, number.size).reshape(rows, columns)
        cells: list[Place] = []
        for label, place in enumerate(find_objects(groups + 1)):
            if (groups[place] == label).all():
                cells.append(place)
            else:  # torn, or doubled: nothing is guessed
                cells += [
                    np.s_[row : row + 1, column : column + 1] for row, column in np.argwhere(groups == label)
                ]
        return sorted(cells, key=lambda cell: (cell[0].start, cell[1].start))

    def corners(self, cell: Place) -> np.ndarray:
        """Return a cell's corners from the upper left with the clock, (4, 2) float32, in pixels."""
        (top, foot), (left, right) = ((side.start, side.stop) for side in cell)
        points = self.points
        return np.stack([points[top, left], points[top, right], points[foot, right], points[foot, left]])


def find_grids(grey: np.ndarray) -> list[Grid]:
    """Return the ruled tables of at least two cells on a picture (H, W) float32 in [0, 1], dark lines on
    light paper, the largest first."""
    found = _find(grey, SIDE)
    if found and max(grey.shape) > SIDE and found[0].step * SIDE / max(grey.shape) < CLOSE:
        return _find(grey, round(min(max(grey.shape), FINER * SIDE)))
    return found


def _find(grey: np.ndarray, side: int) -> list[Grid]:
    factor = side / max(grey.shape)
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = [max(1, round(long * factor)) for long in grey.shape[::-1]]
    grey = cv2.resize(grey, size, interpolation=way)
    turn, shape = _turned(grey)
    grey = cv2.warpAffine(grey, turn, shape, borderMode=cv2.BORDER_REPLICATE)
    masks = [_runs(_inked(grey)), _runs(_inked(grey.T)).T]
    tables = _tables(_lines(masks[0]), _lines(masks[1].T))
    if not tables:
        return []
    back = cv2.invertAffineTransform(turn)
    near = [cv2.dilate(mask, np.ones((BESIDE, BESIDE))) for mask in masks]
    faint = [_faint(grey), _faint(grey.T).T]
    grids = [grid for some in tables for grid in _grids(*some, near, faint)]
    points = [((grid.points @ back[:, :2].T + back[:, 2]) / factor).astype(np.float32) for grid in grids]
    placed = [replace(grid, points=there) for grid, there in zip(grids, points, strict=True)]
    large = [grid for grid in placed if grid.step >= SMALLEST and grid.step * factor > LEAST_CELL]
    return sorted(large, key=lambda grid: -grid.area)


def _inked(grey: np.ndarray) -> np.ndarray:
    """Return which points, as 0 or 255, are darker than above and below, and than most are by this."""
    dark = _darker(np.ascontiguousarray(grey))
    level = cv2.boxFilter(dark, -1, (AREA, AREA))
    return np.where(dark > np.maximum(LEAST_DARK, LEVEL * level), np.uint8(255), np.uint8(0))


def _faint(grey: np.ndarray) -> np.ndarray:
    """Return which points are near what is darker than above and below all along, as a level line is."""
    dark = _darker(cv2.blur(np.ascontiguousarray(grey), (SMEAR, 1)))
    return cv2.dilate((dark > FAINT).astype(np.uint8), np.ones((BESIDE, 1)))


def _darker(grey: np.ndarray) -> np.ndarray:
    """Return by which share each point is darker than the paper above and below."""
    grey = cv2.GaussianBlur(grey, (0, 0), 1)
    around = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((THICK, 1)))
    return 1 - (grey + 0.02) / (around + 0.02)


def _turned(grey: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Return by which matrix, to which width and height, most lines lie level or upright."""
    found = cv2.createLineSegmentDetector().detect((255 * grey).astype(np.uint8))[0]
    angle = 0.0
    if found is not None:
        ends = found.reshape(-1, 4)
        across, down = ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1]
        long = np.hypot(across, down)
        across, down, long = (of[long > RUN] for of in (across, down, long))
        if len(long):  # four times the angle is the same for level and upright lines
            four = np.sum(long**2 * np.exp(4j * np.arctan2(down, across)))
            angle = float(np.angle(four) / 4)
    height, width = grey.shape
    wide = round(width * abs(np.cos(angle)) + height * abs(np.sin(angle)))
    tall = round(height * abs(np.cos(angle)) + width * abs(np.sin(angle)))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), np.degrees(angle), 1)
    turn[:, 2] += (wide - width) / 2, (tall - height) / 2
    return turn, (wide, tall)


def _runs(inked: np.ndarray) -> np.ndarray:
    """Return the points of level lines, each slope looked at as if it were none."""
    whole = cv2.morphologyEx(np.ascontiguousarray(inked), cv2.MORPH_CLOSE, np.ones((3, 7)))
    height, width = whole.shape
    found = np.zeros_like(whole)
    for slope in SLOPES:
        shear = np.array([[1, 0, 0], [-slope, 1, max(0, slope * width)]])
        tall = height + int(np.ceil(abs(slope) * width))
        level = cv2.warpAffine(whole, shear, (width, tall), flags=cv2.INTER_NEAREST)
        level = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((1, RUN)))
        back = cv2.invertAffineTransform(shear)
        np.maximum(found, cv2.warpAffine(level, back, (width, height), flags=cv2.INTER_NEAREST), out=found)
    return cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((3, 5)))


def _lines(mask: np.ndarray) -> list[Line]:
    """Return the level lines of a mask, broken ones joined."""
    number, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(mask))
    pieces = []
    for index in range(1, number):
        left, top, width, height, _ = stats[index]
        if width < RUN or height > max(0.4 * width, 2 * THICK):
            continue
        part = labels[top : top + height, left : left + width] == index
        many = part.sum(axis=0)
        usual = np.median(many)
        aside = (part * np.arange(height)[:, None]).sum(axis=0) / np.maximum(many, 1)
        plain = (many > 0) & (many <= 1.5 * usual + 1)  # not where another line crosses
        if np.count_nonzero(plain) >= RUN // 2:
            along = np.flatnonzero(plain)
            pieces.append(Line.through(np.stack([along + left, aside[along] + top], axis=1)))
    pieces = sorted(pieces, key=lambda line: -line.long)[:PIECES]
    return [line for line in _joined(pieces) if line.long >= SHORTEST and line.filled >= FILLED]


def _joined(pieces: list[Line]) -> list[Line]:
    """Join what goes on behind a gap, the longest first, as they are given."""
    whole: list[Line] = []
    while pieces:
        line = pieces.pop(0)
        while (other := next((each for each in pieces if _goes_on(line, each)), None)) is not None:
            pieces.remove(other)
            line = Line.through(np.concatenate([line.points, other.points]))
        whole.append(line)
    return whole


def _goes_on(line: Line, other: Line) -> bool:
    """Tell whether another line is a piece of the same."""
    gap = max(other.first - line.last, line.first - other.last)
    if gap > min(GAP, line.long):
        return False
    places = np.linspace(other.first, other.last, 5).astype(int)
    if gap < -RUN:
        places = places[(places >= line.first) & (places <= line.last)]
    aside = np.abs(line.course[places] - other.course[places])
    return bool(len(aside)) and float(aside.max()) <= ASIDE + 0.03 * max(0.0, gap)


def _tables(rows: list[Line], columns: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    """Return the lines of each table: what crosses belongs together."""
    if not rows or not columns:
        return []
    x, y = np.moveaxis(_crossings(rows, columns), -1, 0)
    over, beside = ([[line.first - REACH, line.last + REACH] for line in lines] for lines in (rows, columns))
    (left, right), (top, foot) = np.transpose(over)[..., None], np.transpose(beside)
    crossing = (left <= x) & (x <= right) & (top <= y) & (y <= foot)
    while True:  # a line that crosses one other only is none of a table
        few = (crossing.sum(axis=1) == 1)[:, None] | (crossing.sum(axis=0) == 1)
        if not (crossing & few).any():
            break
        crossing &= ~few
    above, left = np.nonzero(crossing)
    total = len(rows) + len(columns)
    labels = _together(above, left + len(rows), total)
    tables = []
    for label in np.unique(labels[above]):
        some = [row for row, own in zip(rows, labels[: len(rows)], strict=True) if own == label]
        others = [column for column, own in zip(columns, labels[len(rows) :], strict=True) if own == label]
        tables.append((some, others))
    return tables


def _crossings(rows: list[Line], columns: list[Line]) -> np.ndarray:
    """Return where lines meet, which may be beyond their ends: (rows, columns, 2), x and y."""
    over, beside = (np.stack([line.course for line in lines]) for lines in (rows, columns))
    i, j = np.indices((len(rows), len(columns)))
    y = np.array([(column.first + column.last) / 2 for column in columns]) + np.zeros(i.shape)
    for _ in range(4):
        x = beside[j, np.clip(np.round(y), 0, FARTHEST - 1).astype(int)]
        y = over[i, np.clip(np.round(x), 0, FARTHEST - 1).astype(int)]
    return np.stack([x, y], axis=-1)


def _grids(
    rows: list[Line], columns: list[Line], near: list[np.ndarray], faint: list[np.ndarray]
) -> list[Grid]:
    """Return the grids of lines that cross: what is no line of a table is left out, and the rest falls apart
    where a band has hardly a line across. `near` are the points near lines, each way, `faint` those near what
    may be one."""
    while True:
        rows, columns = _apart(rows), _apart(columns)
        if min(len(rows), len(columns)) < 2:
            return []
        points = _crossings(rows, columns)
        sides = (points[:, :-1], points[:, 1:]), (points[:-1], points[1:])
        across, down = (_drawn(*ends, there) for ends, there in zip(sides, near, strict=True))
        share = [(across[..., 1] >= DRAWN).mean(axis=1), (down[..., 1] >= DRAWN).mean(axis=0)]
        for axis in (0, 1):  # of two that meet, the one that is seen less is none
            apart = np.diff(points[..., 1 - axis], axis=axis).min(axis=1 - axis)
            for at in np.flatnonzero(apart < LEAST_APART):
                share[axis][at + int(share[axis][at + 1] <= share[axis][at])] -= 1
        worst = min(map(np.min, share))
        if worst >= LEAST_SEEN:
            for seen, ends, there in zip((across, down), sides, faint, strict=True):
                # Which line is one was decided by what is plain: the feet of digits in a row are faint ones.
                seen[..., 0] = np.maximum(seen[..., 0], _drawn(*ends, there)[..., 0] >= ALL_ALONG)
            return _parted(points, across, down)
        rows, columns = (
            [line for line, seen in zip(lines, seen_, strict=True) if seen > worst + AT_ONCE]
            for lines, seen_ in ((rows, share[0]), (columns, share[1]))
        )


def _parted(points: np.ndarray, across: np.ndarray, down: np.ndarray) -> list[Grid]:
    """Return the grids of at least two cells between bands that no outer line closes."""
    if min(down.shape[0], across.shape[1]) < 1 or down.shape[0] * across.shape[1] < 2:
        return []
    for axis, lines in ((0, down[..., 1]), (1, across[..., 1].T)):
        bare = (lines >= DRAWN).mean(axis=1) < BARE
        if bare.any():
            found = []
            cuts = [-1, *np.flatnonzero(bare), len(lines)]
            for first, last in zip(cuts[:-1], cuts[1:], strict=True):
                some = slice(first + 1, last)
                ends = slice(first + 1, last + 1)
                if axis == 0:
                    found += _parted(points[ends], across[ends], down[some])
                else:
                    found += _parted(points[:, ends], across[:, some], down[:, ends])
            return found
    return [Grid(points.astype(np.float32), across[..., 0], down[..., 0])]


def _apart(lines: list[Line]) -> list[Line]:
    """Return lines in order, one for those that are much nearer to each other than lines usually are."""
    centre = int(np.mean([(line.first + line.last) / 2 for line in lines] or [0]))
    lines = sorted(lines, key=lambda line: line.course[centre])
    if len(lines) < 3:
        return lines
    gaps = np.diff([line.course[centre] for line in lines])
    usual = float(np.median(gaps[gaps > THICK / 2])) if (gaps > THICK / 2).any() else 0.0
    kept = lines[:1]
    for line, gap in zip(lines[1:], gaps, strict=True):
        if gap < NEAR * usual:
            kept[-1] = max(kept[-1], line, key=lambda one: one.long)
        else:
            kept.append(line)
    return kept


def _drawn(starts: np.ndarray, ends: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return how much is seen of each line between two points (N, M, 2): of all of it, and of the part of it
    that is seen least, the whole or an end; (N, M, 2)."""
    share = np.linspace(0.04, 0.96, 5 * ENDS)[:, None, None, None]
    places = np.round(starts * (1 - share) + ends * share).astype(int)
    x, y = (np.clip(places[..., axis], 0, near.shape[1 - axis] - 1) for axis in (0, 1))
    there = near[y, x] > 0
    parts = [part.mean(axis=0) for part in (there, there[:ENDS], there[-ENDS:])]
    return np.stack([parts[0], np.min(parts, axis=0)], axis=-1)


def _together(starts: np.ndarray, ends: np.ndarray, n: int) -> np.ndarray:
    """Return which of n things, (n,) int, hang together by links from `starts` to `ends`."""
    from scipy.sparse import coo_array  # late: reading a drawing should not wait for it
    from scipy.sparse.csgraph import connected_components

    return connected_components(coo_array((np.ones(len(starts)), (starts, ends)), (n, n)), directed=False)[1]
