/** What Python painted and read: see `golden/make.py`. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { SIDE } from "../src/framing";
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
  /** Of the memory golden.memory.npz, for the first of them. */
  readonly votes?: readonly number[];
  /** 28 x 28, 0 to 255. */
  readonly frame: Uint8Array;
}

export interface WrittenNumber extends Painted {
  readonly text: string;
  readonly boxes: readonly (readonly [number, number, number, number])[];
}

/** Return a file of golden/. */
export function bytes(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(new URL(`../golden/${name}`, import.meta.url))).buffer;
}

const unpacked = (name: string) => gunzipSync(readFileSync(new URL(`../golden/${name}.gz`, import.meta.url)));

export function golden(): { canvases: Canvas[]; numbers: WrittenNumber[] } {
  const { canvases, numbers } = JSON.parse(unpacked("canvases.json").toString());
  const frames = unpacked("frames");
  const size = SIDE * SIDE;
  canvases.forEach((canvas: { frame?: Uint8Array }, i: number) => {
    canvas.frame = frames.subarray(i * size, (i + 1) * size);
  });
  return { canvases, numbers };
}
