import { expect, test } from "vitest";
import { brightness, otsu, photographedInk } from "../src/ink";
import type { Grey } from "../src/raster";
import { bounds } from "../src/raster";
import { paint } from "./paint";

const [WIDTH, HEIGHT] = [240, 200];
const SEVEN = paint([[[80, 50], [160, 50], [110, 160]]], 12, WIDTH, HEIGHT);

/** A photo of the seven: paper of a brightness by place, ink of `ink` times that, and grain. */
function photo(paper: (x: number, y: number) => number, ink: number, grain = 0.01): Grey {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5;
  const data = Float32Array.from(SEVEN, (paint, i) => {
    const light = paper(i % WIDTH, Math.floor(i / WIDTH));
    return light * (1 + (ink - 1) * (paint / 255)) + 2 * grain * random();
  });
  return { width: WIDTH, height: HEIGHT, data };
}

const box = (picture: Grey) => bounds(photographedInk(picture), 0.5);
const around = (value: number) => expect.closeTo(value, -0.7);
const EXPECTED = [around(74), around(44), around(92), around(122)];

test("dark ink on light paper", () => expect(box(photo(() => 0.9, 0.2))).toEqual(EXPECTED));

test("light ink on dark paper", () => expect(box(photo(() => 0.15, 6))).toEqual(EXPECTED));

test("paper that darkens to one side", () => {
  expect(box(photo((x, y) => 0.95 - 0.002 * x - 0.0005 * y, 0.4))).toEqual(EXPECTED);
});

test("empty paper is blank, with its grain", () => {
  expect(box(photo(() => 0.8, 1))).toBeNull();
  expect(box(photo(() => 0.8, 1, 0))).toBeNull();
});

test("transparent points are paper", () => {
  const { data } = brightness([0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255], 3, 1);
  expect([...data]).toEqual([1, expect.closeTo(1), 0]);
});

test("two heaps are split between them", () => {
  const split = otsu([0.1, 0.12, 0.11, 0.8, 0.82]);
  expect(split).toBeGreaterThan(0.12);
  expect(split).toBeLessThan(0.8);
});
