/** Pictures -> ink maps: where a pen has been, bright on black. */

import type { Grey } from "./raster";
import { dilate, erode, square } from "./brush";
import { blank, clamp, cut, enlarge, map, round, shrink } from "./raster";

/** Photos are looked at at this longer side, in pixels. */
const WORKING_SIDE = 400;
/** Paper is judged at this longer side; a brush of `WINDOW` points is wider than any stroke on it. */
const PAPER_SIDE = 64;
const WINDOW = 15;
/** Ink that differs from its paper by less, as a share of black to white, is not ink. */
const LEAST_CONTRAST = 0.1;
/** It must also differ by so many times the noise of the pixels. */
const NOISE_FACTOR = 6;

/** Return the ink of a drawing of ours: `paint` (0 to 255) is how much the pen covers each point. */
export function drawnInk(paint: ArrayLike<number>, width: number, height: number): Grey {
  const levels = Float32Array.from({ length: 256 }, (_, level) => stretched(level / 255, 0.08, 0.95));
  const ink = blank(width, height);
  for (let i = 0; i < ink.data.length; i++) ink.data[i] = levels[paint[i]];
  return ink;
}

/** Return brightness (0 to 1) of RGBA pixels; where they are transparent, white paper shows. */
export function brightness(rgba: ArrayLike<number>, width: number, height: number): Grey {
  const grey = blank(width, height);
  for (let i = 0; i < grey.data.length; i++) {
    const [r, g, b, alpha] = [0, 1, 2, 3].map((channel) => rgba[4 * i + channel] / 255);
    grey.data[i] = (0.299 * r + 0.587 * g + 0.114 * b) * alpha + 1 - alpha;
  }
  return grey;
}

/**
 * Return the ink of a photo or a scan, from its brightness: dark on light paper or the other way round.
 *
 * The simple cases of `digits/preprocessing/ink.py`: uneven light and noise, but no rulings, boxes or hard shadows.
 */
export function photographedInk(picture: Grey): Grey {
  const factor = Math.min(1, WORKING_SIDE / Math.max(picture.width, picture.height));
  const grey = factor < 1 ? scaled(picture, factor) : picture;
  const bright = isLight(grey) ? grey : map(grey, (value) => 1 - value);
  const paper = findPaper(bright);
  const contrast = map(grey, () => 0);
  for (let i = 0; i < contrast.data.length; i++) {
    contrast.data[i] = Math.max(0, (paper.data[i] - bright.data[i]) / Math.max(paper.data[i], 0.05));
  }
  return strengthened(contrast);
}

function strengthened(contrast: Grey): Grey {
  const noise = findNoise(contrast);
  const inked = contrast.data.filter((value) => value > Math.max(LEAST_CONTRAST, NOISE_FACTOR * noise));
  if (!inked.length) return blank(contrast.width, contrast.height);
  const split = otsu(inked);
  const full = median(inked.filter((value) => value >= split));
  const floor = Math.max(0.08 * full, 2 * noise);
  return map(contrast, (value) => stretched(value, floor, 0.95 * full));
}

const stretched = (value: number, floor: number, full: number): number =>
  clamp((value - floor) / (full - floor), 0, 1);

function scaled(picture: Grey, factor: number): Grey {
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, round(side * factor)));
  return shrink(picture, width, height);
}

/** Tell whether paper is light: it is the larger and the outer part of a picture. */
function isLight(grey: Grey): boolean {
  const split = otsu(grey.data);
  const share = ({ data }: Grey) => data.filter((value) => value > split).length / data.length;
  const rim = Math.max(1, Math.floor(Math.min(grey.width, grey.height) / 16));
  const { width, height } = grey;
  const sides = [
    cut(grey, [0, 0, width, rim]), cut(grey, [0, height - rim, width, rim]),
    cut(grey, [0, 0, rim, height]), cut(grey, [width - rim, 0, rim, height]),
  ];
  return share(grey) + sides.reduce((sum, side) => sum + share(side) / 4, 0) > 1;
}

/** Estimate the brightness of bright paper under the ink: strokes narrower than a window are closed over. */
function findPaper(bright: Grey): Grey {
  const factor = Math.min(1, PAPER_SIDE / Math.max(bright.width, bright.height));
  const small = scaled(bright, factor);
  const reach = square(Math.min(WINDOW, Math.min(small.width, small.height)) | 1);
  const closed = erode(dilate(small, reach), reach);
  return factor < 1 ? enlarge(closed, bright.width, bright.height) : closed;
}

/** Estimate the standard deviation of pixel noise on the paper from neighbouring pixels. */
function findNoise({ width, data }: Grey): number {
  const split = otsu(data);
  const steps: number[] = [];
  for (let i = 1; i < data.length; i++) {
    if (i % width && data[i] <= split && data[i - 1] <= split) steps.push(Math.abs(data[i] - data[i - 1]));
  }
  return steps.length ? (1.25 * median(steps)) / (0.6745 * Math.SQRT2) : 0;
}

function median(values: ArrayLike<number>): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)];
}

/** Return the threshold in [0, 1] that splits values into two classes (Otsu, 1979). */
export function otsu(values: ArrayLike<number>): number {
  const counts = new Float64Array(256);
  for (let i = 0; i < values.length; i++) counts[Math.round(255 * clamp(values[i], 0, 1))]++;
  const total = counts.reduce((sum, count, level) => sum + count * level, 0);
  let [below, moment, best, most] = [0, 0, 0, -1];
  for (let level = 0; level < 256; level++) {
    below += counts[level];
    moment += counts[level] * level;
    const above = values.length - below;
    if (!below || !above) continue;
    const apart = below * above * (moment / below - (total - moment) / above) ** 2;
    if (apart > most) [best, most] = [level, apart];
  }
  return (best + 0.5) / 255;
}
