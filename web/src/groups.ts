/** Which pieces make a digit together, and which digits a line, by their boxes alone: `digits/preprocessing/components.py`. */

import type { Piece } from "./pieces";
import { gap, hull } from "./pieces";
import type { Box } from "./raster";

/** Lower pieces are parts of digits or marks; wide ones count from the second share of the line on. */
const LOW = 0.45;
const LOWEST = 0.3;
export const LEAST = 0.25;
export const FLAT = 1.25;
/** Parts of a digit above one another, or beside a small one, are so close, in heights. */
const STACKED = 0.35;
export const NEAR = 0.2;

export interface Group {
  readonly members: Piece[];
  readonly box: Box;
}

/** Put pieces that lie close above one another together. */
export function stack(pieces: readonly Piece[], tallest: number): Group[] {
  const parts = pieces.filter(({ box }) => Math.max(box[2], box[3]) >= LEAST * tallest);
  const usual = middle(parts.filter(({ box }) => isDigitSized(box, tallest)).map(({ box }) => box[3]));
  const belong = (a: Box, b: Box): boolean => {
    const taller = Math.max(a[3], b[3]);
    const fits = parts.length === 2 || gap(a, b, 1) < NEAR * taller || hull(a, b)[3] <= 1.4 * usual;
    const bar = [a, b].some(([, , width, height]) => width >= FLAT * height);
    const overlap = (bar ? 0.2 : 0.5) * Math.min(a[2], b[2]);
    return -gap(a, b, 0) > overlap && gap(a, b, 1) < STACKED * taller && fits;
  };
  let groups: Group[] = [];
  for (const piece of [...parts].sort((a, b) => a.box[1] - b.box[1])) {
    let group: Group = { members: [piece], box: piece.box };
    for (let mate; (mate = groups.find((other) => belong(other.box, group.box))); ) {
      groups = groups.filter((other) => other !== mate);
      group = { members: [...mate.members, ...group.members], box: hull(mate.box, group.box) };
    }
    groups.push(group);
  }
  return groups;
}

export function isDigitSized([, , width, height]: Box, tallest: number): boolean {
  const zero = width >= LEAST * tallest && width < FLAT * height && height >= LOWEST * tallest;
  return height >= LOW * tallest || zero;
}

/** Gather groups into lines from the top: each joins the line whose last one before it stands level. */
export function gather(groups: readonly Group[]): Group[][] {
  const lines: Group[][] = [];
  for (const group of [...groups].sort((a, b) => a.box[0] - b.box[0])) {
    const last = (line: Group[]) => line[line.length - 1].box;
    const level = lines.filter(
      (line) => -gap(last(line), group.box, 1) > 0.4 * Math.min(last(line)[3], group.box[3]),
    );
    level.sort((a, b) => gap(last(a), group.box, 0) - gap(last(b), group.box, 0));
    if (level.length) level[0].push(group);
    else lines.push([group]);
  }
  const height = (line: Group[]) => line.reduce((sum, { box }) => sum + box[1] + box[3] / 2, 0) / line.length;
  return lines.sort((a, b) => height(a) - height(b));
}

/** Return the median. */
export function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
}
