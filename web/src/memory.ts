/** The memory of a hand beside a model, and the file of one: a port of `digits/models/memory.py`. */

const VERSION = 1;
const FRAME_VERSION = 1;
const CLASSES = 10;

/** Bytes that a file may have, packed or not. */
const LARGEST = 2 ** 25;

/** Own digits, features of a network and directions of them, at most; and the largest of the numbers. */
const [MOST_KEYS, WIDEST, DIRECTIONS, LOUDEST] = [10_000, 4096, 512, 1e4];

/** Signs of a text on its card. */
const LONGEST_TEXT = 4000;

interface Matrix {
  /** As NumPy calls it: "<f4" or "|u1". */
  readonly kind: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface Memory {
  /** Of the hand. */
  readonly name: string;
  /** Of the .keras file of its model. */
  readonly sha256: string;
  /** Own digits that it knows. */
  readonly size: number;
  /** Return what is added to ten logits, given the features that they are made of. */
  votes(features: ArrayLike<number>): number[];
}

/** Read the bytes of a .memory.npz file; what is none is refused with a sentence. */
export async function readMemory(file: ArrayBuffer): Promise<Memory> {
  try {
    const arrays = await unzip(file);
    const about = JSON.parse(text(need(arrays, "about"))) as Record<string, unknown>;
    const parts = ["labels", "keys", "weights", "mean", "axes"].map((name) => numbers(need(arrays, name)));
    const [labels, keys, weights, mean, axes] = parts;
    const [size, [width, directions]] = [labels.shape[0], axes.shape];
    const shapes = [[size, directions], [directions, CLASSES], [width], [width, directions]];
    const expected = [`|u1 ${size}`, ...shapes.map((shape) => `<f4 ${shape.join()}`)];
    const fits =
      parts.every(({ kind, shape }, i) => `${kind} ${shape.join()}` === expected[i]) &&
      parts.every((part) => isWithin(part.data, part === labels ? CLASSES - 1 : LOUDEST)) &&
      size <= MOST_KEYS &&
      width <= WIDEST &&
      directions >= 1 &&
      directions <= DIRECTIONS;
    const [name, sha256] = ["name", "sha256", "model", "created"].map((text) => line(about[text]));
    const [reach] = [number(about["reach"], 1e-6), number(about["weight"], 0)];
    if (!fits || !name.trim() || about["version"] !== VERSION || about["frame_version"] !== FRAME_VERSION) {
      throw new Error("Its parts do not fit.");
    }
    return { name, sha256, size, votes: voter(keys, weights, mean, axes, reach) };
  } catch {
    throw new Error("This is no memory of a hand that this page can read: expected a .memory.npz file.");
  }
}

function isWithin(values: ArrayLike<number>, most: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= most)) return false; // nor NaN
  return true;
}

/** Insist on a text of one line, as Python's `isprintable` has it. */
function line(value: unknown): string {
  if (typeof value !== "string" || [...value].length > LONGEST_TEXT || /(?! )[\p{C}\p{Z}]/u.test(value)) {
    throw new Error("No text of one line.");
  }
  return value;
}

function number(value: unknown, least: number): number {
  if (typeof value !== "number" || !(value >= least && value <= 1e6)) throw new Error("No such number.");
  return value;
}

function voter(keys: Matrix, weights: Matrix, mean: Matrix, axes: Matrix, reach: number) {
  const [size, directions] = keys.shape;
  return (features: ArrayLike<number>): number[] => {
    const votes = new Array<number>(CLASSES).fill(0);
    if (features.length !== mean.data.length) throw new Error("These are features of another model.");
    let length = 0;
    for (let d = 0; d < features.length; d++) length += features[d] ** 2;
    length = Math.max(Math.sqrt(length), 1e-12);
    const point = new Float64Array(directions);
    for (let d = 0; d < features.length; d++) {
      const part = features[d] / length - mean.data[d];
      for (let p = 0; p < directions; p++) point[p] += part * axes.data[d * directions + p];
    }
    let near = Infinity;
    for (let i = 0; i < size; i++) {
      let away = 0;
      for (let p = 0; p < directions; p++) away += (point[p] - keys.data[i * directions + p]) ** 2;
      near = Math.min(near, away);
    }
    const share = Math.min(1, Math.max(0, 2 - (2 * Math.sqrt(near)) / reach));
    if (share > 0) {
      for (let p = 0; p < directions; p++) {
        for (let c = 0; c < CLASSES; c++) votes[c] += share * point[p] * weights.data[p * CLASSES + c];
      }
    }
    return votes;
  };
}

/** Return the arrays in a zip archive by name, unpacked. */
async function unzip(file: ArrayBuffer): Promise<Map<string, DataView>> {
  const view = new DataView(file);
  let end = file.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  const found = new Map<string, DataView>();
  let [at, room] = [view.getUint32(end + 16, true), LARGEST];
  for (let count = view.getUint16(end + 10, true); count > 0; count--) {
    const [method, packed, size] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [named, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const local = view.getUint32(at + 42, true);
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const name = new TextDecoder().decode(new Uint8Array(file, at + 46, named));
    room -= size;
    if (room < 0) throw new Error("It is too large.");
    const data = new Uint8Array(file, begin, packed);
    const whole = method === 8 ? await inflate(data, size) : data;
    found.set(name.replace(/\.npy$/, ""), new DataView(whole.buffer, whole.byteOffset, whole.byteLength));
    at += 46 + named + extra + comment;
  }
  return found;
}

/** Unpack what should have so many bytes, and no more of it. */
async function inflate(data: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const whole = new Uint8Array(size);
  for (let filled = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return whole;
    whole.set(value, filled); // throws where there is more
    filled += value.length;
  }
}

function need(arrays: Map<string, DataView>, name: string): DataView {
  const found = arrays.get(name);
  if (!found) throw new Error(`It lacks ${name}.`);
  return found;
}

/** Return the header of a NumPy array and where its values begin. */
function header(view: DataView): [string, number] {
  const wide = view.getUint8(6) > 1;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const begin = wide ? 12 : 10;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + begin, length);
  return [new TextDecoder().decode(bytes), begin + length];
}

function numbers(view: DataView): Matrix {
  const [words, begin] = header(view);
  const [, kind] = /'descr': '([^']+)'/.exec(words)!;
  const [, sides] = /'shape': \(([^)]*)\)/.exec(words)!;
  if (/'fortran_order': True/.test(words) || (kind !== "<f4" && kind !== "|u1")) throw new Error("Other numbers.");
  const shape = sides.split(",").filter((side) => side.trim()).map(Number);
  const count = shape.reduce((product, side) => product * side, 1);
  const bytes = view.buffer.slice(view.byteOffset + begin, view.byteOffset + view.byteLength);
  const data = kind === "<f4" ? new Float32Array(bytes) : new Uint8Array(bytes);
  if (data.length !== count) throw new Error("Not as many numbers as it says.");
  return { kind, shape, data };
}

/** Return the text in a NumPy array of one: UTF-32. */
function text(view: DataView): string {
  const [, begin] = header(view);
  let words = "";
  for (let at = begin; at < view.byteLength; at += 4) words += String.fromCodePoint(view.getUint32(at, true));
  return words;
}
