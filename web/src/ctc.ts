/** What a line says as a whole: digits from left to right without places (CTC): `digits/preprocessing/ctc.py`. */

import { DIGITS, softmax } from "./answer";

/** The class of a column at which no digit comes next. */
const NONE = DIGITS.length;
/** A digit that is less likely at a column is not tried there. */
const LEAST = 0.01;

/** What the line reader says: at each column, how likely each digit comes next, and that none does. */
export type Heard = readonly (readonly number[])[];

/** Turn logits, eleven for each column, into what was heard. */
export const heardOf = (logits: readonly (readonly number[])[]): Heard => logits.map((column) => softmax(column));

/** Return the logarithm of the probability of a text of digits, by the forward recursion. */
export function likelihood(heard: Heard, text: string): number {
  const labels = [...text].flatMap((digit) => [Number(digit), NONE]);
  labels.unshift(NONE); // a place between digits before, between and behind
  const alpha = new Float64Array(labels.length);
  alpha[0] = 1;
  let total = 0;
  for (const column of heard) {
    let sum = 0;
    for (let i = labels.length - 1; i >= 0; i--) {
      // From a digit straight to the next, unless it is the same.
      const skips = i > 1 && labels[i] !== NONE && labels[i] !== labels[i - 2];
      const before = alpha[i] + (i ? alpha[i - 1] : 0) + (skips ? alpha[i - 2] : 0);
      sum += alpha[i] = before * column[labels[i]];
    }
    if (!sum) return -Infinity;
    for (let i = 0; i < alpha.length; i++) alpha[i] /= sum;
    total += Math.log(sum);
  }
  return total + Math.log(alpha[alpha.length - 1] + (text ? alpha[alpha.length - 2] : 0));
}

/** Return the likeliest texts, the best first, by a beam over so many prefixes. */
export function likeliest(heard: Heard, number: number): string[] {
  type Ends = readonly [none: number, digit: number];
  let beam = new Map<string, Ends>([["", [1, 0]]]); // how likely, ending in `NONE`, and in its last digit
  for (const column of heard) {
    const grown = new Map<string, Ends>();
    const add = (text: string, none: number, digit: number) => {
      const known = grown.get(text) ?? [0, 0];
      grown.set(text, [known[0] + none, known[1] + digit]);
    };
    for (const [text, [none, digit]] of beam) {
      const last = text.slice(-1);
      add(text, (none + digit) * column[NONE], text ? digit * column[Number(last)] : 0);
      for (const next of DIGITS.filter((one) => column[Number(one)] > LEAST)) {
        add(text + next, 0, (next === last ? none : none + digit) * column[Number(next)]);
      }
    }
    const kept = [...grown].sort(([, a], [, b]) => b[0] + b[1] - a[0] - a[1]).slice(0, number);
    const most = kept[0][1][0] + kept[0][1][1];
    beam = new Map(kept.map(([text, [none, digit]]) => [text, [none / most, digit / most]]));
  }
  return [...beam.keys()];
}
