/**
 * Grey pictures, and the few operations on them that framing and the finder need.
 *
 * Each gives what OpenCV gives in `digits/picture/`: same borders, same anchors, same rounding.
 */

/** A picture of `width` x `height` numbers, row by row; ink is bright, in [0, 1]. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Left, top, width and height in pixels. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export function blank(width: number, height: number): Grey {
  return { width, height, data: new Float32Array(width * height) };
}

/** Round to the nearest whole number and halves to the even one, as Python does. */
export function round(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : low + 1;
}

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), high);

export function largest(values: Float32Array): number {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  return most;
}

export function map(picture: Grey, change: (value: number) => number): Grey {
  return { ...picture, data: picture.data.map(change) };
}

export function cut(picture: Grey, [left, top, width, height]: Box): Grey {
  const out = blank(width, height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * picture.width + left;
    out.data.set(picture.data.subarray(from, from + width), y * width);
  }
  return out;
}

/** Put `rim` blank points around a picture. */
export function pad(picture: Grey, rim: number): Grey {
  const out = blank(picture.width + 2 * rim, picture.height + 2 * rim);
  for (let y = 0; y < picture.height; y++) {
    const row = picture.data.subarray(y * picture.width, (y + 1) * picture.width);
    out.data.set(row, (y + rim) * out.width + rim);
  }
  return out;
}

/** Return the box around all points above a value, or null where there is none. */
export function bounds(picture: Grey, above: number): Box | null {
  let [left, right, top, foot] = [picture.width, -1, -1, -1];
  for (let y = 0, i = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++, i++) {
      if (picture.data[i] <= above) continue;
      if (top < 0) top = y;
      foot = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  return top < 0 ? null : [left, top, right - left + 1, foot - top + 1];
}

/** For each place along a line: `count` source points, and what each weighs. */
interface Taps {
  readonly length: number;
  readonly count: number;
  readonly points: Int32Array;
  readonly weights: Float64Array;
}

/** Shrink by averaging areas (OpenCV's INTER_AREA). */
export function shrink(picture: Grey, width: number, height: number): Grey {
  return resample(picture, areaTaps(picture.width, width), areaTaps(picture.height, height));
}

/** Return a picture at so many times its size, no side under `least`: by areas, or by linear interpolation. */
export function scaled(picture: Grey, factor: number, least: number): Grey {
  if (factor === 1) return picture;
  const taps = factor < 1 ? areaTaps : linearTaps;
  const along = (side: number) => taps(side, Math.max(least, round(side * factor)));
  return resample(picture, along(picture.width), along(picture.height));
}

/** Enlarge by cubic interpolation (OpenCV's INTER_CUBIC). */
export function enlarge(picture: Grey, width: number, height: number): Grey {
  return resample(picture, cubicTaps(picture.width, width), cubicTaps(picture.height, height));
}

/**
 * Scale a picture by `factor`, move it by `right` and `down` onto a blank sheet (OpenCV's warpAffine), and
 * shrink that to `side` x `side` points, of `fine` x `fine` of the sheet's each. All in one step.
 */
export function place(
  picture: Grey, factor: number, right: number, down: number, side: number, fine: number,
): Grey {
  const across = movedTaps(picture.width, factor, right, side, fine);
  return resample(picture, across, movedTaps(picture.height, factor, down, side, fine));
}

/** Move each row by `lean` points per row, and all by `right`; what comes in is blank. */
export function shear(picture: Grey, lean: number, right: number, width: number): Grey {
  const out = blank(width, picture.height);
  for (let y = 0; y < picture.height; y++) {
    const [from, to] = [y * picture.width, y * width];
    for (let x = 0; x < width; x++) {
      const point = x - lean * y - right;
      const low = Math.floor(point);
      const before = low >= 0 && low < picture.width ? picture.data[from + low] : 0;
      const after = low >= -1 && low < picture.width - 1 ? picture.data[from + low + 1] : 0;
      out.data[to + x] = before + (point - low) * (after - before);
    }
  }
  return out;
}

function areaTaps(from: number, to: number): Taps {
  const scale = from / to;
  const taps = emptyTaps(to, Math.ceil(scale) + 1);
  for (let i = 0; i < to; i++) {
    const [begin, end] = [i * scale, Math.min((i + 1) * scale, from)];
    for (let k = 0; k < taps.count; k++) {
      const point = Math.floor(begin) + k;
      const share = Math.min(end, point + 1) - Math.max(begin, point);
      set(taps, i, k, point, Math.max(0, share) / (end - begin), from);
    }
  }
  return taps;
}

function linearTaps(from: number, to: number): Taps {
  const taps = emptyTaps(to, 2);
  for (let i = 0; i < to; i++) {
    const place = ((i + 0.5) * from) / to - 0.5;
    const point = Math.floor(place);
    [1 - place + point, place - point].forEach((weight, k) => set(taps, i, k, point + k, weight, from));
  }
  return taps;
}

function cubicTaps(from: number, to: number): Taps {
  const [scale, a] = [from / to, -0.75];
  const taps = emptyTaps(to, 4);
  const near = (t: number) => ((a + 2) * t - (a + 3)) * t * t + 1;
  for (let i = 0; i < to; i++) {
    const place = (i + 0.5) * scale - 0.5;
    const point = Math.floor(place);
    const t = place - point;
    const begin = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
    const weights = [begin, near(t), near(1 - t)];
    weights.push(1 - weights[0] - weights[1] - weights[2]);
    weights.forEach((weight, k) => set(taps, i, k, point - 1 + k, weight, from));
  }
  return taps;
}

function movedTaps(from: number, factor: number, shift: number, to: number, fine: number): Taps {
  const taps = emptyTaps(to, Math.ceil(fine / factor) + 2);
  for (let i = 0; i < to; i++) {
    const first = Math.floor((i * fine - shift) / factor);
    for (let k = 0; k < taps.count; k++) set(taps, i, k, first + k, 0, from);
    for (let part = 0; part < fine; part++) {
      const point = (i * fine + part - shift) / factor;
      const low = Math.floor(point);
      const add = (at: number, weight: number) => {
        if (at >= 0 && at < from) taps.weights[i * taps.count + at - first] += weight / fine;
      };
      add(low, 1 - (point - low));
      add(low + 1, point - low);
    }
  }
  return taps;
}

function emptyTaps(length: number, count: number): Taps {
  return { length, count, points: new Int32Array(length * count), weights: new Float64Array(length * count) };
}

/** Beyond its edges a picture goes on as its last row or column. */
function set(taps: Taps, i: number, k: number, point: number, weight: number, from: number): void {
  taps.points[i * taps.count + k] = clamp(point, 0, from - 1);
  taps.weights[i * taps.count + k] = weight;
}

/** Resample down, then across. */
function resample({ width, data }: Grey, across: Taps, down: Taps): Grey {
  const out = blank(across.length, down.length);
  const row = new Float64Array(width);
  for (let y = 0; y < down.length; y++) {
    row.fill(0);
    for (let k = y * down.count; k < (y + 1) * down.count; k++) {
      const weight = down.weights[k];
      if (weight === 0) continue;
      const from = down.points[k] * width;
      for (let x = 0; x < width; x++) row[x] += weight * data[from + x];
    }
    for (let x = 0; x < across.length; x++) {
      let sum = 0;
      for (let k = x * across.count; k < (x + 1) * across.count; k++) {
        sum += across.weights[k] * row[across.points[k]];
      }
      out.data[y * across.length + x] = sum;
    }
  }
  return out;
}
