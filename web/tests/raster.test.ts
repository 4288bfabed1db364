/** Small pictures whose outcome is known by counting; `golden.test.ts` compares with OpenCV. */

import { expect, test } from "vitest";
import { dilate, disc, erode, square } from "../src/brush";
import type { Grey } from "../src/raster";
import { bounds, enlarge, place, round, scaled, shear, shrink } from "../src/raster";

const picture = (...rows: number[][]): Grey => ({
  width: rows[0].length,
  height: rows.length,
  data: Float32Array.from(rows.flat()),
});

const rows = ({ width, height, data }: Grey): number[][] =>
  Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)]);

const dot = picture([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]);

test("halves are rounded to the even number", () => {
  expect([0.5, 1.5, 2.5, -0.5, 2.4, 2.6].map(round)).toEqual([0, 2, 2, 0, 2, 3]);
});

test("bounds are those of what is brighter", () => {
  expect(bounds(dot, 0.5)).toEqual([2, 2, 1, 1]);
  expect(bounds(dot, 1)).toBeNull();
});

test("shrinking averages areas, also of parts of points", () => {
  expect(rows(shrink(picture([0, 1, 1, 1]), 2, 1))).toEqual([[0.5, 1]]);
  const [[left, right]] = rows(shrink(picture([1, 0, 0]), 2, 1));
  expect([left, right]).toEqual([expect.closeTo(2 / 3), 0]);
});

test("enlarging keeps an even picture even, and its mass in place", () => {
  const even = enlarge(picture([0.5, 0.5], [0.5, 0.5]), 7, 5);
  expect(rows(even).flat().every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true);
  const line = rows(enlarge(picture([0, 0, 1, 0, 0]), 15, 1))[0];
  expect(line.indexOf(Math.max(...line))).toBe(7);
});

test("scaling takes areas or goes straight from point to point, and keeps no side under the least", () => {
  expect(rows(scaled(picture([0, 1, 1, 1]), 0.5, 1))).toEqual([[0.5, 1]]);
  expect(rows(scaled(picture([0, 1]), 2, 1))).toEqual([[0, 0.25, 0.75, 1], [0, 0.25, 0.75, 1]]);
  expect(scaled(picture([0, 1]), 3, 8)).toMatchObject({ width: 8, height: 8 });
});

test("a shear moves each row farther than the one above", () => {
  expect(rows(shear(picture([1, 0, 0], [1, 0, 0], [1, 0, 0]), 0.5, 0, 3))).toEqual([
    [1, 0, 0], [0.5, 0.5, 0], [0, 1, 0],
  ]);
});

test("a place and a factor put points where they belong", () => {
  expect(rows(place(picture([1, 1]), 1, 1, 2, 4, 1))).toEqual([
    [0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0],
  ]);
  expect(rows(place(picture([1, 1]), 2, 0.5, 0, 4, 1))[0]).toEqual([0.75, 1, 1, 0.75]);
  expect(rows(place(picture([1, 1], [1, 1]), 2, 2.5, 2.5, 4, 2))[1]).toEqual(
    [0.125, 0.875, 0.875, 0.125].map((share) => expect.closeTo(share * 0.875)),
  );
});

test("brushes widen and narrow, those of an even size towards the lower right", () => {
  expect(rows(dilate(dot, square(2))).map((row) => row.join(""))).toEqual([
    "00000", "00000", "00110", "00110", "00000",
  ]);
  expect(rows(dilate(dot, disc(3))).map((row) => row.join(""))).toEqual([
    "00000", "00100", "01110", "00100", "00000",
  ]);
  expect(rows(erode(dilate(dot, disc(5)), disc(5)))).toEqual(rows(dot));
});
