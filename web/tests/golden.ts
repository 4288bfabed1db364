/** What Python painted and read: see `golden/make.py`. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { SIDE } from "../src/framing";
import type { Grey } from "../src/raster";
import type { Stroke } from "./paint";

export const CANVAS = 280;
export const WIDE = [680, 300] as const;

export interface Painted {
  readonly brush: number;
  readonly strokes: readonly Stroke[];
}

export interface Told {
  readonly status: "digit" | "unsure" | "not_a_digit" | "several" | "blank";
  readonly digit: number | null;
  readonly asked: boolean;
  readonly probabilities: readonly number[];
}

export interface Canvas extends Painted {
  readonly answers: Readonly<Record<string, Told>>;
  /** Of the last of them, read by the model of letters. */
  readonly letters?: Pick<Told, "status" | "probabilities"> & { readonly label: string | null };
  /** What the glimpse reader says of the last of them, as ink on paper. */
  readonly heard?: readonly number[];
  /** Of the memory golden.memory.npz, for the first of them. */
  readonly votes?: readonly number[];
  /** 28 x 28, 0 to 255. */
  readonly frame: Uint8Array;
}

export interface WrittenNumber extends Painted {
  readonly text: string;
  readonly boxes: readonly (readonly [number, number, number, number])[];
}

/** A photo, and what the finder sees on it. */
export interface Photo {
  readonly picture: Grey;
  readonly written: string;
  /** What Python reads by the finder alone. */
  readonly text: string;
  /** And by finder and line reader, and how sure it is of each digit. */
  readonly agreed: string;
  readonly sure: readonly number[];
  /** Of the picture as it was looked at. */
  readonly size: readonly [number, number];
  /** Of what is plainly a digit: x, y, width and height, the most certain first. */
  readonly centres: readonly (readonly [number, number, number, number])[];
  /** What the glimpse reader says of the box `GLANCED`. */
  readonly heard: readonly number[];
  /** The mean ink of 8 x 4 parts. */
  readonly ink: readonly number[];
}

/** Width and height of a photo. */
const TAKEN = [238, 105] as const;
export const GLANCED = [20, 10, 160, 80] as const;

/** Return a file of golden/. */
export function bytes(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(new URL(`../golden/${name}`, import.meta.url))).buffer;
}

const unpacked = (name: string) => gunzipSync(readFileSync(new URL(`../golden/${name}.gz`, import.meta.url)));

export function golden(): { canvases: Canvas[]; numbers: WrittenNumber[]; photos: Photo[] } {
  const { canvases, numbers, photos } = JSON.parse(unpacked("canvases.json").toString());
  const frames = unpacked("frames");
  const size = SIDE * SIDE;
  canvases.forEach((canvas: { frame?: Uint8Array }, i: number) => {
    canvas.frame = frames.subarray(i * size, (i + 1) * size);
  });
  const [[width, height], points] = [TAKEN, unpacked("photos")];
  photos.forEach((photo: { picture?: Grey }, i: number) => {
    const data = Float32Array.from(points.subarray(i * width * height, (i + 1) * width * height), (v) => v / 255);
    photo.picture = { width, height, data };
  });
  return { canvases, numbers, photos };
}
