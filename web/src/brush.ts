/** Widening and narrowing strokes with a brush, as OpenCV does: its anchors, its round brush, its borders. */

import type { Grey } from "./raster";
import { map, round } from "./raster";

/** Row by row of a brush: from where to where it reaches, counted from its middle. */
type Brush = readonly (readonly [dy: number, from: number, to: number])[];

/** A round brush (OpenCV's MORPH_ELLIPSE); one of an even diameter lies half a point to the upper left. */
export function disc(diameter: number): Brush {
  const radius = Math.floor(diameter / 2);
  return Array.from({ length: diameter }, (_, i) => {
    const dy = i - radius;
    const reach = radius ? round(Math.sqrt(radius * radius - dy * dy)) : 0;
    return [dy, -reach, Math.min(reach, diameter - 1 - radius)] as const;
  });
}

export function square(side: number): Brush {
  const half = Math.floor(side / 2);
  return Array.from({ length: side }, (_, i) => [i - half, -half, side - 1 - half] as const);
}

/** Give each point the largest value under the brush. */
export function dilate(picture: Grey, brush: Brush): Grey {
  const { width, height } = picture;
  const out = { width, height, data: new Float32Array(width * height).fill(-Infinity) };
  for (const [reach, rows] of byReach(brush)) {
    const wide = slidingMax(picture, reach[0], reach[1]);
    for (const dy of rows) {
      for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
        const [to, from] = [y * width, (y + dy) * width];
        for (let x = 0; x < width; x++) {
          if (wide[from + x] > out.data[to + x]) out.data[to + x] = wide[from + x];
        }
      }
    }
  }
  return out;
}

/** Give each point the least value under the brush. */
export function erode(picture: Grey, brush: Brush): Grey {
  const turned = map(picture, (value) => -value);
  return map(dilate(turned, brush), (value) => -value);
}

/** Gather rows of a brush that reach equally far: their work along x is the same. */
function byReach(brush: Brush): [readonly [number, number], number[]][] {
  const found = new Map<string, [readonly [number, number], number[]]>();
  for (const [dy, from, to] of brush) {
    const key = `${from} ${to}`;
    if (!found.has(key)) found.set(key, [[from, to], []]);
    found.get(key)![1].push(dy);
  }
  return [...found.values()];
}

/** Return the largest value from `x + from` to `x + to` in each row, by doubling the window. */
function slidingMax({ width, height, data }: Grey, from: number, to: number): Float32Array {
  const length = to - from + 1;
  let runs = data;
  let run = 1;
  const grow = (by: number) => {
    const next = new Float32Array(runs);
    for (let y = 0; y < height; y++) {
      const row = y * width;
      for (let x = 0; x < width - by; x++) {
        const ahead = runs[row + x + by];
        if (ahead > next[row + x]) next[row + x] = ahead;
      }
    }
    runs = next;
  };
  for (; 2 * run <= length; run *= 2) grow(run);
  if (run < length) grow(length - run);
  // `runs` now looks ahead over the whole window: bring its beginning to x + from.
  const out = new Float32Array(data.length).fill(-Infinity);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const begin = x + from;
      if (begin >= 0) out[row + x] = begin < width ? runs[row + begin] : -Infinity;
      else if (x + to >= 0) out[row + x] = headMax(data, row, Math.min(x + to, width - 1));
    }
  }
  return out;
}

function headMax(data: Float32Array, row: number, last: number): number {
  let most = -Infinity;
  for (let x = 0; x <= last; x++) if (data[row + x] > most) most = data[row + x];
  return most;
}
