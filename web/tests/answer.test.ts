import { expect, test } from "vitest";
import { doubtOf, evidence, inWords, judge, percent, softmax } from "../src/answer";

const LIMITS = { temperature: 1, unsureBelow: 0.9, notADigitBelow: 1 };
const ONE_SEVEN: number[] = Array.from({ length: 10 }, (_, digit) => (digit === 7 ? 9 : 0));

test("probabilities add up to 1, and a temperature softens them", () => {
  const [sharp, soft] = [softmax(ONE_SEVEN), softmax(ONE_SEVEN, 3)];
  expect(sharp.reduce((a, b) => a + b)).toBeCloseTo(1);
  expect(sharp[7]).toBeCloseTo(Math.exp(9) / (Math.exp(9) + 9));
  expect(soft[7]).toBeLessThan(sharp[7]);
});

test("large logits do not overflow", () => expect(softmax([1000, 0])).toEqual([1, 0]));

test("evidence is the logarithm of the summed exponentials", () => {
  expect(evidence(Array(10).fill(0))).toBeCloseTo(Math.log(10));
  expect(evidence([1000, 0])).toBe(1000);
});

test("a plain digit is sure", () => {
  const answer = judge(ONE_SEVEN, LIMITS);
  expect(answer).toMatchObject({ status: "digit", digit: 7 });
  expect(answer.ranking.slice(0, 3)).toEqual([7, 0, 1]);
  expect(inWords(answer)).toBe("Sure: 99.9 %");
});

test("two digits alike are unsure, and both are named", () => {
  const answer = judge(ONE_SEVEN.with(1, 8.5), LIMITS);
  expect(answer).toMatchObject({ status: "unsure", digit: 7 });
  expect(inWords(answer)).toBe("Not sure: 7 (62.2 %) or 1?");
});

test("little evidence is no digit, but doubtful among digits", () => {
  const faint = Array(10).fill(-3).with(4, 0.5);
  expect(judge(faint, LIMITS)).toMatchObject({ status: "not_a_digit", digit: null });
  expect(judge(faint, LIMITS, { amongDigits: true })).toMatchObject({ status: "unsure", digit: 4 });
  expect(judge(Array(10).fill(-9), LIMITS, { amongDigits: true }).status).toBe("not_a_digit");
});

test("whether there is a digit the glimpse reader says twice as loud", () => {
  const logits = [4, ...Array(9).fill(-20)]; // 4 nats for a digit
  const heard = (silent: number) => [0, ...Array(9).fill(-30), silent];
  expect(judge(logits, LIMITS, { heard: heard(1.9) }).status).toBe("digit"); // 4 - 2 * 1.9 + 1 > 1
  expect(judge(logits, LIMITS, { heard: heard(2.1) }).status).toBe("not_a_digit");
});

test("a model that has not learnt what is no digit takes all for one", () => {
  const answer = judge(Array(10).fill(-9).with(4, 0), { ...LIMITS, notADigitBelow: null });
  expect(answer).toMatchObject({ status: "digit", digit: 4 });
});

test("a model of letters names its labels, and a letter is no digit", () => {
  const limits = { ...LIMITS, labels: [..."7ABC"] };
  expect(judge([0, 9, 0, 0], limits)).toMatchObject({ status: "digit", label: "A", digit: null });
  expect(judge([9, 0, 0, 0], limits)).toMatchObject({ label: "7", digit: 7 });
  expect(inWords(judge([0, 8.5, 0, 9], limits))).toBe("Not sure: C (62.2 %) or A?");
});

test("the glimpse reader's word counts otherwise on paper than on a screen, and never without end", () => {
  const says = (silence: number) => [...Array(10).fill(-Math.log(10)), silence];
  const [paper, screen] = (["paper", "screen"] as const).map((place) => (silence: number) => doubtOf(says(silence), place));
  expect([3, -3, 99, -99].map(paper)).toEqual([5, -7, 8, -10].map((doubt) => expect.closeTo(doubt, 5)));
  expect([3, -3, 99, -99].map(screen)).toEqual([2.8, -2, 9.4, -8.6].map((doubt) => expect.closeTo(doubt, 5)));
});

test("no share is ever said to be certain", () => {
  expect([0.9876, 0.99999, 0.00001].map(percent)).toEqual(["98.8 %", "over 99.9 %", "under 0.1 %"]);
});
