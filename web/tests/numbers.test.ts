import { expect, test } from "vitest";
import { DIGITS, judge } from "../src/answer";
import type { Heard } from "../src/ctc";
import { heardOf, likeliest, likelihood } from "../src/ctc";
import type { Seen } from "../src/finder";
import { ROWS, agreed } from "../src/numbers";
import { blank, map } from "../src/raster";
import type { Reading } from "../src/reading";
import { spell } from "../src/reading";

const NONE = DIGITS.length;
const LIMITS = { temperature: 1, unsureBelow: 0.5, notADigitBelow: null };

/** A column at which some are so likely, and nothing else. */
const column = (chances: Readonly<Record<number, number>>): number[] =>
  Array.from({ length: NONE + 1 }, (_, i) => chances[i] ?? 0);

/** What a line reader that is sure hears where a text is written. */
const plain = (text: string): Heard =>
  heardOf([...text].flatMap((digit) => [digit, NONE].map((one) => column({ [Number(one)]: 12 }))));

const seen: Seen = {
  grey: map(blank(100, 30), () => 1),
  ink: map(blank(100, 30), () => 1),
  owner: new Int32Array(3000),
  centres: [],
  glance: () => [],
};

/** A digit that was cut out, so many times likelier than each other one, in nats. */
const digit = (label: number, x: number, nats = 6): Reading => ({
  answer: judge(Array.from({ length: NONE }, (_, i) => (i === label ? nats : 0)), LIMITS),
  framed: { image: blank(28, 28), steps: [] },
  box: [x, 5, 10, 20],
});

const read = (line: Reading[], heard: Heard): Reading[] => agreed([line], seen, () => heard, 0.5, 3);

test("a text is as likely as all ways of writing it together", () => {
  const heard = [column({ 1: 0.6, [NONE]: 0.4 }), column({ 1: 0.3, 2: 0.5, [NONE]: 0.2 })];
  expect(Math.exp(likelihood(heard, "1"))).toBeCloseTo(0.6 * 0.3 + 0.6 * 0.2 + 0.4 * 0.3);
  expect(Math.exp(likelihood(heard, "12"))).toBeCloseTo(0.6 * 0.5);
  expect(Math.exp(likelihood(heard, ""))).toBeCloseTo(0.4 * 0.2);
  expect(likelihood(heard, "11")).toBe(-Infinity); // nothing parts the two
  expect(likeliest(heard, 3)).toEqual(["1", "12", "2"]);
});

test("a thousand columns are no less sure than one", () => {
  const heard = Array.from({ length: 1000 }, (_, i) => column(i === 500 ? { 7: 0.9, [NONE]: 0.1 } : { [NONE]: 1 }));
  expect(likelihood(heard, "7")).toBeCloseTo(Math.log(0.9));
  expect(likeliest(heard, 2)).toEqual(["7", ""]);
});

test("a digit that was cut wrongly is exchanged, and its chances add up", () => {
  const readings = read([digit(7, 20, 1), digit(3, 50)], plain("13"));
  expect(spell(readings)).toBe("13");
  for (const { answer } of readings) {
    expect(answer.probabilities.reduce((a, b) => a + b)).toBeCloseTo(1);
    expect(answer.labels[answer.ranking[0]]).toBe(answer.label);
    expect(answer.digit).toBe(Number(answer.label));
  }
});

test("what both are sure of is surer than what they differ in", () => {
  const [one, other] = read([digit(7, 20), digit(3, 50)], plain("13"));
  const sure = ({ answer }: Reading) => answer.probabilities[answer.ranking[0]];
  expect(1 - sure(one)).toBeGreaterThan(5 * (1 - sure(other)));
});

test("digits that were not cut apart share the room of what they were cut as", () => {
  const readings = read([digit(3, 10), digit(8, 30, 0.5), digit(5, 60)], plain("31205"));
  expect(spell(readings)).toBe("31205");
  expect(readings.map(({ box: [x, , width] }) => [x, width])).toEqual([[10, 10], [30, 3], [33, 3], [36, 3], [60, 10]]);
  expect(read([digit(3, 10), digit(5, 60)], plain("395")).map(({ box }) => box[0])).toEqual([10, 15, 60]);
  expect(read([digit(5, 60)], plain("95")).map(({ box }) => box[0])).toEqual([60, 60]);
});

test("a digit too many falls away", () => {
  const readings = read([digit(3, 10), digit(1, 30, 0.1), digit(5, 60)], plain("35"));
  expect(readings.map(({ answer, box }) => [answer.label, box[0]])).toEqual([["3", 10], ["5", 60]]);
});

test("what is no digit, too low or nothing is left as it was", () => {
  const none = judge(Array(10).fill(-9), { ...LIMITS, notADigitBelow: 0 });
  for (const line of [[{ ...digit(3, 10), answer: none }], [{ ...digit(3, 10), box: [10, 5, 2, 4] as const }], []]) {
    expect(read(line, plain("9"))).toEqual(line);
  }
});

test("lines without digits do not count", () => {
  const line = [digit(7, 20), digit(3, 50)];
  expect(agreed([[], line], seen, () => plain("13"), 0.5, 3)).toEqual(read(line, plain("13")));
});

test("lines are shown in strips of one height, at fewer sizes where there are many", () => {
  const shown: number[] = [];
  const hear = (strip: Float32Array, width: number) => {
    expect(strip).toHaveLength(2 * ROWS * width);
    shown.push(width);
    return plain("3");
  };
  for (const [lines, times] of [[1, 3], [7, 7], [41, 0]]) {
    shown.length = 0;
    agreed(Array.from({ length: lines }, () => [digit(3, 10)]), seen, hear, 0.5, 3);
    expect(shown).toHaveLength(times);
  }
});
