/**
 * Ink -> the 28 x 28 frame the network sees: `digits/preprocessing/frame.py` and `components.py`, line by line.
 *
 * `golden/` holds it to them. The reasons for the numbers are given there.
 */

import type { Grey } from "./raster";
import { dilate, disc, erode, square } from "./brush";
import { bounds, clamp, cut, enlarge, largest, map, pad, place, round, shear, shrink } from "./raster";

export const SIDE = 28;
const BOX = 20;
/** Points of the studio, in which a digit is prepared, per pixel of the frame. */
const STUDIO = 8;
const CENTRE = 14.5;
/** Thinnest and thickest pen, in pixels of the frame. */
const PEN = [1.8, 3.2] as const;
const LEAN = 0.2;
const BLOB = 0.42;

/** A frame (28 x 28) and the stages before it, by a short title. */
export interface Framed {
  readonly image: Grey;
  readonly steps: readonly (readonly [title: string, picture: Grey])[];
}

/** Bring the ink of one digit into the form of MNIST. */
export function frame(ink: Grey): Framed {
  const found = crop(ink);
  const evened = evenPen(fitBox(found));
  const image = centre(crop(evened));
  return { image, steps: [["Cut out", found], ["Pen evened", evened], ["28 × 28", image]] };
}

/** Set writing that leans more than MNIST's upright; `slant` is in pixels to the right per pixel of height. */
export function upright(ink: Grey, slant: number): Grey {
  const lean = slant - clamp(slant, -LEAN, LEAN);
  if (lean === 0) return ink;
  const room = Math.ceil(Math.abs(lean) * ink.height);
  return shear(ink, lean, lean > 0 ? 0 : room, ink.width + room);
}

/** Tell whether ink is a dot or a block rather than something written. */
export function isBlob(ink: Grey): boolean {
  const full = Math.max(largest(ink.data), 0.2);
  const even = map(ink, (value) => value / full);
  const { width, height } = crop(even, 0.5);
  return strokeWidth(even) > BLOB * Math.max(width, height);
}

/** Return the slant under which ink stands in the fewest, fullest columns. */
export function findSlant(ink: Grey): number {
  const inked = crop(ink, 0); // the paper around it says nothing
  const factor = Math.min(1, 64 / inked.height, 512 / inked.width);
  const [width, height] = [inked.width, inked.height].map((side) => Math.max(1, round(side * factor)));
  const small = factor < 1 ? shrink(inked, width, height) : inked;
  let [best, most] = [0, -Infinity];
  for (let tenths = -4; tenths <= 8; tenths++) {
    const value = fullness(small, tenths / 10);
    if (value > most) [best, most] = [tenths / 10, value];
  }
  return best;
}

function fullness(ink: Grey, slant: number): number {
  const width = ink.width + Math.trunc(Math.abs(slant) * ink.height) + 1;
  const columns = new Float64Array(width);
  const right = slant < 0 ? -slant * ink.height : 0;
  for (let y = 0, i = 0; y < ink.height; y++) {
    const shift = slant * y + right;
    const whole = Math.floor(shift);
    const rest = shift - whole;
    for (let x = whole; x < whole + ink.width; x++, i++) {
      if (x < width) columns[x] += (1 - rest) * ink.data[i];
      if (x + 1 < width) columns[x + 1] += rest * ink.data[i];
    }
  }
  return columns.reduce((sum, value) => sum + value * value, 0) * (1 - 0.1 * Math.abs(slant));
}

/** Return the mean width of strokes in pixels: twice their area per outline. */
export function strokeWidth({ width, height, data }: Grey): number {
  let [area, outline] = [0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] <= 0.5) continue;
      area++;
      outline += Number(x === 0 || data[i - 1] <= 0.5) + Number(x === width - 1 || data[i + 1] <= 0.5);
      outline += Number(y === 0 || data[i - width] <= 0.5) + Number(y === height - 1 || data[i + width] <= 0.5);
    }
  }
  return (2 * area) / Math.max(1, (outline * Math.PI) / 4);
}

function crop(ink: Grey, above = 0.2): Grey {
  const box = bounds(ink, above);
  if (!box) throw new Error("There is no ink to frame.");
  return cut(ink, box);
}

/** Scale to a longer side of 20 pixels of the frame, 160 of the studio. */
function fitBox(ink: Grey): Grey {
  const factor = (BOX * STUDIO) / Math.max(ink.width, ink.height);
  const [width, height] = [ink.width, ink.height].map((side) => Math.max(1, round(side * factor)));
  if (factor < 1 && strokeWidth(ink) * factor < PEN[0] * STUDIO) {
    ink = dilate(ink, square(round(1 / factor))); // a thin pen would fade, not shrink
  }
  const sized = map((factor < 1 ? shrink : enlarge)(ink, width, height), (value) => clamp(value, 0, 1));
  const full = Math.max(largest(sized.data), 0.2); // faint ink is brought to full strength
  return map(sized, (value) => value / full);
}

/** Widen a pen under, or narrow a pen over, the range `PEN`. */
function evenPen(ink: Grey): Grey {
  const width = strokeWidth(ink) / STUDIO;
  const change = round((clamp(width, PEN[0], PEN[1]) - width) * STUDIO);
  if (change === 0) return ink;
  const diameter = Math.abs(change) + 1;
  if (change > 0) return dilate(pad(ink, diameter), disc(diameter));
  const thinner = erode(pad(ink, 1), disc(diameter));
  return largest(thinner.data) > 0.5 ? thinner : ink;
}

/** Put ink into the frame: longer side 20 pixels, its mass in the middle. */
function centre(ink: Grey): Grey {
  const factor = (BOX * STUDIO) / Math.max(ink.width, ink.height);
  const half = (factor - 1) / 2; // points are counted from their middle
  const [across, down] = profiles(ink);
  return place(ink, factor, shift(across, factor) + half, shift(down, factor) + half, SIDE, STUDIO);
}

/** Return the ink in each column and in each row. */
function profiles({ width, height, data }: Grey): [Float64Array, Float64Array] {
  const [across, down] = [new Float64Array(width), new Float64Array(height)];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      across[x] += data[i];
      down[y] += data[i];
    }
  }
  return [across, down];
}

/** Return how far to move ink so that its mass is centred but none of it leaves the frame. */
function shift(profile: Float64Array, factor: number): number {
  let [mass, moment] = [0, 0];
  profile.forEach((value, i) => {
    mass += value;
    moment += value * (i + 0.5);
  });
  const room = SIDE * STUDIO - factor * profile.length;
  return clamp(CENTRE * STUDIO - (factor * moment) / mass, 0, room);
}
