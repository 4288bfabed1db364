import { expect, test } from "vitest";
import { brightness } from "../src/ink";

test("transparent points are paper", () => {
  const { data } = brightness([0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255], 3, 1);
  expect([...data]).toEqual([1, expect.closeTo(1), 0]);
});
