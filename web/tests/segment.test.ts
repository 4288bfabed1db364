import { describe, expect, test } from "vitest";
import { drawnInk } from "../src/ink";
import { findPieces } from "../src/pieces";
import { alonePath, bestPath, findLines } from "../src/segment";
import type { Stroke } from "./paint";
import { paint } from "./paint";

const ink = (strokes: Stroke[], width = 300, height = 200) =>
  drawnInk(paint(strokes, 12, width, height), width, height);

const ONE = (x: number, top = 40, foot = 160): Stroke => [[x, top], [x, foot]];
const FIVE: Stroke[] = [[[100, 62], [100, 90], [140, 100], [140, 150], [95, 158]], [[112, 40], [150, 40]]];

test("what meets at a corner hangs together", () => {
  const picture = { width: 3, height: 2, data: Float32Array.from([1, 0, 1, 0, 1, 0]) };
  expect(findPieces(picture).list).toEqual([{ number: 1, box: [0, 0, 3, 2], area: 3 }]);
});

test("nothing is nothing", () => expect(findLines(ink([]))).toEqual([]));

test("digits come from the left whatever came first", () => {
  const [line] = findLines(ink([ONE(220), ONE(60), ONE(140)]));
  const alone = line.candidates.filter(({ first, last }) => last === first + 1);
  expect(alone.map(({ box }) => box[0])).toEqual([54, 134, 214]);
});

test("lines come from the top", () => {
  const lines = findLines(ink([ONE(60, 230, 330), ONE(90, 20, 120)], 200, 350));
  expect(lines.map(({ candidates }) => candidates[0].box[1] < 100)).toEqual([true, false]);
});

test("specks are nothing", () => {
  expect(findLines(ink([ONE(60), [[200, 100], [200.1, 100]]])).flatMap((line) => line.candidates)).toHaveLength(1);
});

describe("a five with its bar apart", () => {
  const [line, ...others] = findLines(ink(FIVE));
  const whole = line.candidates.findIndex(({ first, last }) => last - first === 2);

  test("is a candidate as a whole", () => {
    expect(others).toEqual([]);
    expect(line.candidates[whole].box[3]).toBeGreaterThan(120);
  });

  test("is chosen where it reads best", () => {
    const scores = line.candidates.map((_, i) => (i === whole ? -0.1 : -4));
    expect(bestPath(line, scores)).toEqual([whole]);
  });
});

describe("two ones", () => {
  const [line] = findLines(ink([ONE(80), ONE(180)]));
  const each = line.candidates.flatMap(({ first, last }, i) => (last === first + 1 ? [i] : []));

  test("are two, also where one is expected and they read plainly", () => {
    const scores = line.candidates.map((_, i) => (each.includes(i) ? -0.01 : -6));
    expect(bestPath(line, scores)).toEqual(each);
    expect(alonePath(line, scores)).toEqual(each);
  });

  test("are not joined across a wide gap", () => expect(line.candidates).toHaveLength(2));
});

test("a single scrawl is one thing, however badly it reads", () => {
  const [line] = findLines(ink([ONE(80)]));
  expect(bestPath(line, [-50])).toEqual([]);
  expect(alonePath(line, [-50])).toEqual([0]);
});
