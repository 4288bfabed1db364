/**
 * A number as the digits that the finder cut out and the line reader, which cuts nothing, say it together:
 * `digits/numbers.py`. The reasons for the numbers are given there.
 */

import type { Status } from "./answer";
import { DIGITS, decided, logSum, softmax } from "./answer";
import type { Heard } from "./ctc";
import { likeliest, likelihood } from "./ctc";
import type { Seen } from "./finder";
import { INKED, STRIDE, WINDOW, even } from "./finder";
import { frame } from "./framing";
import { middle } from "./groups";
import { hull } from "./pieces";
import type { Box, Grey } from "./raster";
import { cut, largest, round, scaled } from "./raster";
import type { Reading } from "./reading";

/** How high a strip is that is shown to the line reader, how high its digits are in it, and the steps of its width. */
export const ROWS = 48;
const [HIGH, MULTIPLE] = [26, 4];
/** It is shown a line so that its digits have these shares of the usual height. */
const SIZES = [1, 0.85, 1.18];
/** Readers of the same line are surer than they ought to be. */
const TOGETHER = 1.8;
const [TEXTS, PREFIXES, TURNS] = [5, 8, 3];
const [LEAST_CHANCE, NONE, UNSEEN, WORST] = [1e-2, -2, -2, -30];
const AGAINST: Readonly<Record<Status, number>> = { digit: 0, unsure: 0.5, not_a_digit: 3 };
/** Lines that are shown at all sizes, and at all; digits of a line that is. */
const [FEW, MOST, LONGEST] = [6, 40, 20];
const [AROUND, LOWEST, WIDEST, SLOPED] = [2, 5, 80, 0.02];

/** The line reader: says of a strip `ROWS` x `width`, evened grey and 1 inside, what comes next at each column. */
export type Hear = (strip: Float32Array, width: number) => Heard;

/** Return what to believe of lines of digits that were cut out of what was seen; few lines are heard so `often`. */
export function agreed(
  lines: readonly Reading[][], seen: Seen, hear: Hear, unsureBelow: number, often = SIZES.length,
): Reading[] {
  lines = lines.filter((line) => line.length);
  const sizes = SIZES.slice(0, lines.length <= FEW ? often : lines.length <= MOST ? 1 : 0);
  return lines.flatMap((line) => {
    const text = line.map(({ answer }) => answer.label ?? "?").join("");
    if (text.includes("?") || text.length > LONGEST) return line; // it has not learnt what is no digit
    const heard = strips(line.map(({ box }) => box), seen.grey, sizes).map((shown) => hear(...shown));
    if (!heard.length) return line;
    return believed(line, text, heard, lines.length === 1 ? TOGETHER : 1, seen, unsureBelow);
  });
}

function believed(
  line: readonly Reading[], text: string, heard: readonly Heard[], softer: number, seen: Seen, unsureBelow: number,
): Reading[] {
  const said = saidBy(line);
  const known = new Map<string, number>();
  const score = (one: string): number => {
    if (!known.has(one)) {
      const mean = heard.reduce((sum, some) => sum + likelihood(some, one), 0) / heard.length;
      known.set(one, said(one) + Math.max(mean, WORST));
    }
    return known.get(one)!;
  };
  const likely = heard.flatMap((some) => likeliest(some, PREFIXES).slice(0, TEXTS)).filter((one) => one);
  const best = improved(likely.reduce((best, one) => (score(one) > score(best) ? one : best), text), score);
  const others = exchanged(best);
  const scores = (texts: Iterable<string>) => [...texts].map((one) => score(one) / softer);
  const [own, every] = [others, [text, ...likely, ...others]].map((texts) => logSum(scores(new Set(texts))));
  const share = Math.exp(Math.min(own - every, 0) / best.length);
  const alike = scores(others);
  return places(line, text, best, seen).map((reading, i) => {
    const row = softmax(alike.slice(DIGITS.length * i, DIGITS.length * (i + 1)));
    const sure = row.map((one) => share * one + (1 - share) / DIGITS.length);
    return { ...reading, answer: decided(reading.answer, best[i], sure, unsureBelow) };
  });
}

/** Exchange one digit after the other while that makes a text more probable. */
function improved(text: string, score: (text: string) => number): string {
  for (let turn = 0; turn < TURNS; turn++) {
    const better = exchanged(text).reduce((best, one) => (score(one) > score(best) ? one : best), text);
    if (better === text) break;
    text = better;
  }
  return text;
}

/** Return a text with each of its digits exchanged for each of the ten. */
const exchanged = (text: string): string[] =>
  [...text].flatMap((_, i) => DIGITS.map((digit) => text.slice(0, i) + digit + text.slice(i + 1)));

/**
 * Return how probable texts are by digits that were cut out, in nats: each is right, or another one, or none, or was
 * not seen, whichever is the likeliest together.
 */
function saidBy(digits: readonly Reading[]): (text: string) => number {
  const words = digits.map(({ answer: { probabilities, ranking, status } }) => {
    const sure = Math.max(probabilities[ranking[0]], LEAST_CHANCE) * Math.exp(-AGAINST[status]);
    const named = probabilities.map((one, i) => Math.log(i === ranking[0] ? sure : Math.max(one, LEAST_CHANCE)));
    return { named, none: Math.log(Math.max(1 - sure, LEAST_CHANCE)) + NONE };
  });
  return (text) => {
    let best = Array.from({ length: text.length + 1 }, (_, i) => UNSEEN * i);
    for (const { named, none } of words) {
      const grown = best.map((value) => value + none);
      [...text].forEach((digit, i) => {
        grown[i + 1] = Math.max(grown[i + 1], best[i] + named[Number(digit)], grown[i] + UNSEEN);
      });
      best = grown;
    }
    return best[text.length];
  };
}

/** Return a line with as many digits as it has by now: those that changed share the room of those they were. */
function places(line: readonly Reading[], before: string, text: string, { ink }: Seen): Reading[] {
  const most = Math.min(before.length, text.length);
  if (before.length === text.length) return [...line];
  let [first, last] = [0, 0];
  while (first < most && before[first] === text[first]) first++;
  while (last < most - first && before[before.length - 1 - last] === text[text.length - 1 - last]) last++;
  const old = line.slice(first, line.length - last);
  const near = (old.length ? old : line.slice(Math.max(0, first - 1), first + 1)).map(({ box }) => box);
  let [left, top, width, height] = near.reduce(hull);
  if (!old.length) { // between two, half of either
    const halves = [first ? near[0][2] / 2 : 0, last ? near[near.length - 1][2] / 2 : 0];
    [left, width] = [left + halves[0], width - halves[0] - halves[1]];
  }
  const number = text.length - first - last;
  const wide = Math.max(1, round(width / Math.max(1, number)));
  const fresh = Array.from({ length: number }, (_, i): Reading => {
    const from = Math.min(round(left) + i * wide, ink.width - 1);
    const box: Box = [from, top, Math.min(wide, ink.width - from), height];
    const part = cut(ink, box);
    const { answer, framed } = line[Math.min(first, line.length - 1)];
    return { answer: { ...answer, status: "digit" }, framed: largest(part.data) > INKED ? frame(part) : framed, box };
  });
  return [...line.slice(0, first), ...fresh, ...line.slice(line.length - last)];
}

/** Return a line at each size as it is shown to the line reader, with its width; none that is too low or too wide. */
function strips(boxes: readonly Box[], grey: Grey, sizes: readonly number[]): [Float32Array, number][] {
  const height = middle(boxes.map(([, , , h]) => h));
  const [first, , across] = boxes.reduce(hull);
  const [left, right] = [first - AROUND * height, first + across + AROUND * height];
  if (height < LOWEST || right - left > WIDEST * height) return [];
  const points = boxes.map(([x, y, w, h]) => [x + w / 2, y + h / 2] as const);
  const slope = fall(points, height);
  const level = middle(points.map(([x, y]) => y - slope * x));
  return sizes.map((size) => strip(grey, left, right, level, height * size, slope));
}

/** Return how much a line of points falls for each to the right, by least squares; 0 if hardly, or if it is short. */
function fall(points: readonly (readonly [number, number])[], height: number): number {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  if (Math.max(...xs) - Math.min(...xs) <= 2 * height) return 0;
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  const slope = mean(points.map((p) => (p[0] - x) * (p[1] - y))) / mean(xs.map((one) => (one - x) ** 2));
  return Math.abs(slope) > SLOPED ? slope : 0;
}

/** `digits/preprocessing/line.py`. */
function strip(
  grey: Grey, from: number, to: number, level: number, height: number, slope: number,
): [Float32Array, number] {
  const factor = HIGH / height;
  const [left, right] = [Math.max(0, Math.trunc(from)), Math.min(grey.width, Math.ceil(to))];
  const ends = [left, right].map((x) => level + slope * x);
  const reach = (ROWS + WINDOW) / 2 / factor;
  const above = Math.max(0, Math.trunc(Math.min(...ends) - reach));
  const below = Math.min(grey.height, Math.ceil(Math.max(...ends) + reach));
  const part = scaled(cut(grey, [left, above, right - left, below - above]), factor, STRIDE);
  const evened = even(part);
  const first = round((level + slope * left - above) * factor - ROWS / 2);
  const wide = MULTIPLE * Math.ceil(part.width / MULTIPLE);
  const shown = new Float32Array(2 * ROWS * wide);
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < part.width; x++) {
      const row = Math.floor(slope * x + y + first);
      const share = slope * x + y + first - row;
      const add = (row: number, weight: number) => {
        if (row < 0 || row >= part.height) return;
        shown[2 * (y * wide + x)] += weight * evened[row * part.width + x];
        shown[2 * (y * wide + x) + 1] += weight;
      };
      add(row, 1 - share);
      add(row + 1, share);
    }
  }
  return [shown, wide];
}
