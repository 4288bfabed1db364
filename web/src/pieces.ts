/** What hangs together in an ink map: `digits/preprocessing/components.py`. */

import type { Box, Grey } from "./raster";

/** Points with more ink belong to a piece. */
const INKED = 0.35;

export interface Piece {
  readonly number: number;
  readonly box: Box;
  readonly area: number;
}

export interface Pieces {
  /** The number of each point's piece, 0 for none. */
  readonly numbers: Int32Array;
  readonly list: readonly Piece[];
}

/** Find all pieces; points that meet at a corner hang together. */
export function findPieces({ width, height, data }: Grey): Pieces {
  const numbers = new Int32Array(width * height);
  const list: Piece[] = [];
  const waiting: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] <= INKED || numbers[start]) continue;
    const number = list.length + 1;
    let [left, right, top, foot, area] = [width, 0, height, 0, 0];
    numbers[start] = number;
    waiting.push(start);
    while (waiting.length) {
      const point = waiting.pop()!;
      const x = point % width;
      const y = (point - x) / width;
      area++;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, foot] = [Math.min(top, y), Math.max(foot, y)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const near = v * width + u;
          if (data[near] <= INKED || numbers[near]) continue;
          numbers[near] = number;
          waiting.push(near);
        }
      }
    }
    list.push({ number, box: [left, top, right - left + 1, foot - top + 1], area });
  }
  return { numbers, list };
}

/** Return the smallest box around two. */
export function hull(a: Box, b: Box): Box {
  const [left, top] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  const right = Math.max(a[0] + a[2], b[0] + b[2]);
  const foot = Math.max(a[1] + a[3], b[1] + b[3]);
  return [left, top, right - left, foot - top];
}

/** Return the paper between two boxes across (0) or down (1); negative by as much as they overlap. */
export function gap(a: Box, b: Box, axis: 0 | 1): number {
  return Math.max(a[axis], b[axis]) - Math.min(a[axis] + a[axis + 2]!, b[axis] + b[axis + 2]!);
}
