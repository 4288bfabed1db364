/**
 * What the finder network sees on a photo or a scan: `digits/preprocessing/finder.py`.
 *
 * `golden/` holds it to that. The reasons for the numbers are given there.
 */

import { middle } from "./groups";
import type { Box, Grey } from "./raster";
import { blank, clamp, cut, round, scaled } from "./raster";

/** What two networks answer to evened grey and 1, both for each point of a picture. */
export interface Eyes {
  /** `width` and `height` are multiples of `STRIDE`; logits of ink, and `MAPS` values for each 2 x 2 points. */
  look(shown: Float32Array, width: number, height: number): { ink: Float32Array; maps: Float32Array };
  /** The glimpse reader: `GLIMPSE` x `GLIMPSE` points; logits of the ten digits, and of there being none. */
  glimpse(shown: Float32Array): number[];
}

/** The middle of something written, in points. */
export interface Centre {
  readonly kind: string;
  /** Probabilities: that something is written around it, and that it is a digit. */
  readonly chance: number;
  readonly digit: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Seen {
  /** The picture as it was looked at. */
  readonly grey: Grey;
  /** What was written. */
  readonly ink: Grey;
  /** The number of the centre to which each point's ink belongs, from 1; 0 for none. */
  readonly owner: Int32Array;
  readonly centres: readonly Centre[];
  /** Ask the glimpse reader what stands in a box of the ink. */
  readonly glance: (box: Box) => number[];
}

const KINDS = ["digit", "point", "comma", "dash", "other"] as const;
const [DIGIT, OTHER] = [0, 4];
const MAPS = KINDS.length + 4;
/** What it looks at has sides of a multiple of so many points. */
export const STRIDE = 8;
const [USUAL, REACH, STRONGEST] = [28, 16, 4];
/** Points around each from which light and contrast are told. */
export const WINDOW = 65;
const FLOOR = 0.02;
const LOWEST = 64;
const FITTING = [20, 42] as const;
const [LOOKS, FINER, LEAST_CHANGE] = [5, 2, 1.2];
/** Points at most: fewer than in Python, for what a phone can wait. */
const MOST = 500_000;
/** Ink of some centre is stronger. */
export const INKED = 0.25;
/** The least probability of a centre that is considered, and of one that is plainly there. */
export const [SEEN, SURE] = [0.06, 0.5];
const CERTAIN = 0.95;
const RATHER = 2.5;
const [SAME, FAR, PEAKS] = [0.35, 0.7, 3000];
/** Points that a glimpse is wide and high. */
export const GLIMPSE = 64;
/** So many times as large as a thing is what is shown of it; and on paper in these views, whose mean is taken. */
const [AROUND, VIEWS] = [1.3, [1.2, 1.3, 1.4]];

/** Look at a picture of digits, from its brightness, at the size at which they are seen best. */
export function see(picture: Grey, eyes: Eyes): Seen {
  const tried = [LOWEST / Math.min(picture.width, picture.height)];
  let last = seeAt(picture, tried[0], eyes);
  let best = last;
  for (let factor; tried.length < LOOKS && (factor = better(last, picture, tried)); ) {
    tried.push(factor);
    last = seeAt(picture, factor, eyes);
    if (trust(last) > trust(best)) best = last;
  }
  return best;
}

/** Return by what factor to look again, other than those tried; 0 for not at all. */
function better({ centres, ink }: Seen, picture: Grey, tried: readonly number[]): number {
  const plain = centres.filter(({ chance, kind }) => chance > CERTAIN && (kind === "digit" || kind === "other"));
  const usual = plain.length ? middle(plain.map(({ height }) => height)) : 0;
  if (FITTING[0] <= usual && usual <= FITTING[1]) return 0;
  const [factor, least] = [ink.height / picture.height, Math.min(ink.width, ink.height)];
  const finest = Math.max(1, (LOWEST / least) * factor);
  const most = factor * Math.sqrt(MOST / (ink.width * ink.height));
  const wanted = Math.min(factor * (usual ? USUAL / usual : FINER), finest, most);
  const next = Math.max(wanted, (STRIDE / least) * factor);
  const near = Math.min(...tried.map((one) => Math.abs(Math.log(next / one))));
  return near > Math.log(LEAST_CHANGE) ? next : 0;
}

const trust = ({ centres }: Seen): number =>
  centres.reduce((sum, { digit }) => sum + (digit > SURE ? digit : 0), 0);

function seeAt(picture: Grey, factor: number, eyes: Eyes): Seen {
  const grey = scaled(picture, factor, STRIDE);
  const { width, height } = grey;
  const [wide, high] = [width, height].map((side) => STRIDE * Math.ceil(side / STRIDE));
  const said = eyes.look(shown(grey, wide, high), wide, high);
  const ink = blank(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) ink.data[i] = sigmoid(said.ink[y * wide + x]);
  }
  const scale = picture.height / height;
  const inPixels = (side: number) => round(side * scale);
  const glance = ([x, y, w, h]: Box) => {
    const box = [inPixels(x), inPixels(y), inPixels(w), inPixels(h)] as const;
    const said = VIEWS.map((around) => eyes.glimpse(glimpseOf(picture, box, around)));
    return said[0].map((_, i) => said.reduce((sum, logits) => sum + logits[i], 0) / said.length);
  };
  const centres = findCentres(said.maps, Math.ceil(width / 2), Math.ceil(height / 2), wide / 2);
  return { grey, ink, owner: findOwners(ink, said.maps, wide / 2, centres), centres, glance };
}

/** Return a picture as networks are shown it, on a sheet of a size: evened grey, and 1 inside. */
function shown(grey: Grey, wide: number, high: number): Float32Array {
  const [evened, sheet] = [even(grey), new Float32Array(2 * wide * high)];
  for (let y = 0, i = 0; y < grey.height; y++) {
    for (let x = 0; x < grey.width; x++, i++) {
      const at = 2 * (y * wide + x);
      [sheet[at], sheet[at + 1]] = [evened[i], 1];
    }
  }
  return sheet;
}

/** Return what is to be shown of something in a box of a picture, and of its surroundings. */
export function glimpseOf(picture: Grey, [x, y, width, height]: Box, around = AROUND): Float32Array {
  const reach = (around * Math.max(width, height, 4)) / 2;
  const [left, top] = [x + width / 2, y + height / 2].map((middle) => Math.max(0, round(middle - reach)));
  const right = Math.min(picture.width, Math.max(left + 1, round(x + width / 2 + reach)));
  const foot = Math.min(picture.height, Math.max(top + 1, round(y + height / 2 + reach)));
  const part = cut(picture, [left, top, right - left, foot - top]);
  return shown(scaled(part, GLIMPSE / Math.max(part.width, part.height), STRIDE), GLIMPSE, GLIMPSE);
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-clamp(logit, -30, 30)));

/** Return a picture's points without its light and contrast. */
export function even({ width, height, data }: Grey): Float32Array {
  const mean = blurred(data, width, height, WINDOW);
  const square = blurred(data.map((value) => value * value), width, height, WINDOW);
  return data.map((value, i) => {
    const spread = Math.sqrt(Math.max(square[i] - mean[i] * mean[i], 0));
    return clamp((value - mean[i]) / (spread + FLOOR), -STRONGEST, STRONGEST);
  });
}

/** Return the mean of the `side` x `side` points around each; beyond its edges a picture goes on. */
function blurred(data: Float32Array, width: number, height: number, side: number): Float64Array {
  const across = new Float64Array(data.length);
  const out = new Float64Array(data.length);
  slide(data, across, width, 1, height, width, side);
  slide(across, out, height, width, width, 1, side);
  return out;
}

/** Take the mean along `count` lines of `length` points that lie `step` apart, the lines `next` apart. */
function slide(
  from: ArrayLike<number>, to: Float64Array, length: number, step: number, count: number, next: number, side: number,
): void {
  const half = (side - 1) / 2;
  for (let line = 0; line < count; line++) {
    const at = (i: number) => from[line * next + step * clamp(i, 0, length - 1)];
    let sum = 0;
    for (let i = -half; i <= half; i++) sum += at(i);
    for (let i = 0; i < length; i++) {
      to[line * next + step * i] = sum / side;
      sum += at(i + half + 1) - at(i - half);
    }
  }
}

/** Return the peaks of the heat maps, the most certain first, one for each thing; `row` values are a row's. */
function findCentres(maps: Float32Array, width: number, height: number, row: number): Centre[] {
  const at = (x: number, y: number) => MAPS * (y * row + x);
  const heat = KINDS.map((_, kind) => {
    const one = blank(width, height);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) one.data[i] = sigmoid(maps[at(x, y) + kind] + (kind === DIGIT ? RATHER : 0));
    }
    return kind === DIGIT || kind === OTHER ? smoothed(one) : one.data;
  });
  const best = heat[0].map((value, i) => Math.max(value, ...heat.map((one) => one[i])));
  const peaks: number[] = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) if (best[i] > SEEN && isPeak(best, width, height, x, y)) peaks.push(i);
  }
  peaks.sort((a, b) => best[b] - best[a]);
  const centres: Centre[] = [];
  for (const peak of peaks.slice(0, PEAKS)) {
    const [column, line] = [peak % width, Math.floor(peak / width)];
    const [x, y] = [2 * column + 1, 2 * line + 1];
    const known = (one: Centre) =>
      ((x - one.x) / (SAME * one.width + 2)) ** 2 + ((y - one.y) / (SAME * one.height + 2)) ** 2 < 1;
    if (centres.some(known)) continue;
    const size = (axis: number) => Math.exp(clamp(maps[at(column, line) + KINDS.length + 2 + axis], -4, 4)) * USUAL;
    const chances = heat.map((one) => one[peak]);
    const kind = KINDS[chances.indexOf(best[peak])];
    centres.push({ kind, chance: best[peak], digit: chances[DIGIT], x, y, width: size(0), height: size(1) });
  }
  return centres;
}

function isPeak(values: Float32Array, width: number, height: number, x: number, y: number): boolean {
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
      if (values[v * width + u] > values[y * width + x]) return false;
    }
  }
  return true;
}

/** Return the mean of the nine points around each; beyond its edges a picture is mirrored (OpenCV's blur). */
function smoothed({ width, height, data }: Grey): Float32Array {
  const inside = (i: number, side: number) => (side === 1 ? 0 : i < 0 ? -i : i >= side ? 2 * side - 2 - i : i);
  return data.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (let v = y - 1; v <= y + 1; v++) {
      for (let u = x - 1; u <= x + 1; u++) sum += data[inside(v, height) * width + inside(u, width)];
    }
    return sum / 9;
  });
}

/** Return to which centre each point's ink belongs: that nearest to where its offset points. */
function findOwners(ink: Grey, maps: Float32Array, row: number, centres: readonly Centre[]): Int32Array {
  const { width, height, data } = ink;
  const owner = new Int32Array(data.length);
  // Python compares the eight nearest alone, for pages with thousands.
  const sizes = centres.map((one) => Math.max(one.width, one.height, USUAL / 4));
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const four = [y * width + x];
      if (x + 1 < width) four.push(four[0] + 1);
      if (y + 1 < height) four.push(...four.map((i) => i + width));
      if (!four.some((i) => data[i] > INKED)) continue;
      const map = MAPS * ((y / 2) * row + x / 2) + KINDS.length;
      const [right, down] = [x + 1 + REACH * maps[map], y + 1 + REACH * maps[map + 1]];
      let [nearest, least] = [0, FAR];
      centres.forEach((one, i) => {
        const far = Math.hypot(right - one.x, down - one.y) / sizes[i];
        if (far < least) [nearest, least] = [i + 1, far];
      });
      for (const i of four) owner[i] = nearest;
    }
  }
  return owner;
}
