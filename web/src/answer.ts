/** From logits to probabilities that mean what they say, and to words: `digits/models/calibration.py`. */

import { clamp } from "./raster";

export type Status = "digit" | "unsure" | "not_a_digit";

/** What a model's card says about its certainty. */
export interface Limits {
  /** Logits are divided by it. */
  readonly temperature: number;
  /** An answer less probable is unsure. */
  readonly unsureBelow: number;
  /** Less evidence is no digit; null for a model that has not learnt what is none. */
  readonly notADigitBelow: number | null;
  /** What its outputs stand for; not there where that is the digits. */
  readonly labels?: readonly string[];
}

export const DIGITS: readonly string[] = [..."0123456789"];

export interface Answer {
  readonly status: Status;
  /** 0 to 9; null for a letter, and for what is neither. */
  readonly digit: number | null;
  /** What was read as text; null for what is none. */
  readonly label: string | null;
  /** What the probabilities are of. */
  readonly labels: readonly string[];
  /** One for each label, calibrated, adding up to 1; empty where the network was not asked. */
  readonly probabilities: readonly number[];
  /** The places of all labels, most probable first; empty where the network was not asked. */
  readonly ranking: readonly number[];
}

/** A blot of ink: the network is not asked. */
export const BLOT: Answer = {
  status: "not_a_digit",
  digit: null,
  label: null,
  labels: DIGITS,
  probabilities: [],
  ranking: [],
};

/** What speaks for a digit, in nats, where others stand beside it: it is then unsure rather than none. */
const AMONG_DIGITS = 3;
/** What speaks for a digit to a model that has not learnt what is none, in nats. */
export const UNTAUGHT = 1.5;
/** What the glimpse reader's word counts, how much less sure both are together, and its most on there being a digit. */
const [HEARD, TOGETHER, MOST_SILENT] = [2, 2.75, 9];
/** What its word on that counts, and how much rather there is one than in what it learnt from, by where it looks. */
const SILENCE = { paper: [2, 1], screen: [0.8, -0.4] } as const;
/** On a screen it is asked about what has less evidence than this, or than is asked of a digit. */
const PLAIN = 4;

export function softmax(logits: readonly number[], temperature = 1): number[] {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - top) / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** Return the logarithm of the summed exponentials. */
export function logSum(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** Return how much speaks for any digit at all. */
export const evidence = (logits: readonly number[]): number => logSum(logits);

const ranked = (chances: readonly number[]): number[] =>
  [...chances.keys()].sort((a, b) => chances[b] - chances[a] || a - b);

/** What else is known of a frame. */
export interface Beside {
  /** Whether other digits stand beside it. */
  readonly amongDigits?: boolean;
  /** A memory's: whether it is a digit at all, they have no say in. */
  readonly votes?: readonly number[] | null;
  /** What speaks against any digit, in nats. */
  readonly doubt?: number;
  /** Of the glimpse reader, of the ten digits and of none: its word is multiplied with the network's. */
  readonly heard?: readonly number[] | null;
}

/** Turn logits, one for each label, into an answer: `digits/recognizer.py`, `_answer`. */
export function judge(logits: readonly number[], limits: Limits, beside: Beside = {}): Answer {
  const { amongDigits, votes, heard } = beside;
  const spoken = logits.map((logit, i) => {
    const own = logit / limits.temperature;
    return (heard ? (own + HEARD * heard[i]) / TOGETHER : own) + (votes ? votes[i] / limits.temperature : 0);
  });
  const probabilities = softmax(spoken);
  const doubt = heard ? doubtOf(heard, "paper") : (beside.doubt ?? 0);
  const ranking = ranked(probabilities);
  const taught = limits.notADigitBelow !== null;
  const found = (taught ? evidence(logits) : UNTAUGHT) - doubt;
  const least = limits.notADigitBelow ?? 0;
  let status: Status = probabilities[ranking[0]] < limits.unsureBelow ? "unsure" : "digit";
  if (found < least) status = amongDigits && found + AMONG_DIGITS >= least ? "unsure" : "not_a_digit";
  const labels = limits.labels ?? DIGITS;
  const label = status === "not_a_digit" ? null : labels[ranking[0]];
  const digit = label !== null && DIGITS.includes(label) ? Number(label) : null;
  return { status, digit, label, labels, probabilities, ranking };
}

/** Return the answer that it is one of the ten digits, by other probabilities: `digits/reading.py`. */
export function decided(answer: Answer, label: string, probabilities: readonly number[], unsureBelow: number): Answer {
  const index = Number(label);
  const capped = probabilities.map((one) => Math.min(one, probabilities[index]));
  const rest = (1 - capped.reduce((a, b) => a + b)) / capped.length;
  const raised = capped.map((one, i) => one + rest + (i === index ? 1e-6 : 0));
  const sum = raised.reduce((a, b) => a + b);
  const unsure = answer.status === "unsure" && answer.probabilities[answer.ranking[0]] >= unsureBelow;
  const status = unsure || raised[index] < unsureBelow ? "unsure" : "digit";
  const chances = raised.map((one) => one / sum);
  return { ...answer, status, digit: index, label, probabilities: chances, ranking: ranked(chances) };
}

/** Return how much rather none than any digit the glimpse reader says there is, in nats. */
export const silence = (heard: readonly number[]): number => heard[DIGITS.length] - evidence(heard.slice(0, DIGITS.length));

/** Whether a network that has learnt what is no digit is in doubt that a drawing is any. */
export const doubts = (logits: readonly number[], { notADigitBelow }: Limits): boolean =>
  notADigitBelow !== null && evidence(logits) < Math.max(PLAIN, notADigitBelow);

/** Return what the glimpse reader says against any digit, in nats. */
export function doubtOf(heard: readonly number[], place: keyof typeof SILENCE): number {
  const [weight, expected] = SILENCE[place];
  return clamp(weight * silence(heard), -MOST_SILENT, MOST_SILENT) - expected;
}

/** Return a share in words that never claim certainty: `digits/plots/text.py`. */
export function percent(share: number): string {
  if (share > 0.999) return "over 99.9 %";
  return share >= 0.001 ? `${(100 * share).toFixed(1)} %` : "under 0.1 %";
}

/** Say in one sentence what the answer is worth. */
export function inWords({ status, ranking, probabilities, labels }: Answer): string {
  if (status === "not_a_digit") {
    if (labels.length > DIGITS.length) {
      return "This does not look like a letter or a digit. What helps: a single one, upright and whole.";
    }
    return "This does not look like a digit. What helps: one digit from 0 to 9, upright and whole.";
  }
  const [first, second] = ranking.map((place) => labels[place]);
  const sure = percent(probabilities[ranking[0]]);
  return status === "unsure" ? `Not sure: ${first} (${sure}) or ${second}?` : `Sure: ${sure}`;
}
