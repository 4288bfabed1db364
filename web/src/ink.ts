/** A drawing of ours -> ink, a photo or a scan -> brightness. */

import type { Grey } from "./raster";
import { blank, clamp, map } from "./raster";

/** Return the ink of a drawing of ours: `paint` (0 to 255) is how much the pen covers each point. */
export function drawnInk(paint: ArrayLike<number>, width: number, height: number): Grey {
  const levels = Float32Array.from({ length: 256 }, (_, level) => stretched(level / 255, 0.08, 0.95));
  const ink = blank(width, height);
  for (let i = 0; i < ink.data.length; i++) ink.data[i] = levels[paint[i]];
  return ink;
}

/** Return how ink would look on paper. */
export const onPaper = (ink: Grey): Grey => map(ink, (value) => 1 - value);

/** Return brightness (0 to 1) of RGBA pixels; where they are transparent, white paper shows. */
export function brightness(rgba: ArrayLike<number>, width: number, height: number): Grey {
  const grey = blank(width, height);
  for (let i = 0; i < grey.data.length; i++) {
    const [r, g, b, alpha] = [0, 1, 2, 3].map((channel) => rgba[4 * i + channel] / 255);
    grey.data[i] = (0.299 * r + 0.587 * g + 0.114 * b) * alpha + 1 - alpha;
  }
  return grey;
}

const stretched = (value: number, floor: number, full: number): number =>
  clamp((value - floor) / (full - floor), 0, 1);
