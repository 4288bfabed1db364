/** From logits to probabilities that mean what they say, and to words: `digits/models/calibration.py`. */

export type Status = "digit" | "unsure" | "not_a_digit";

/** What a model's card says about its certainty. */
export interface Limits {
  /** Logits are divided by it. */
  readonly temperature: number;
  /** An answer less probable is unsure. */
  readonly unsureBelow: number;
  /** Less evidence is no digit; null for a model that has not learnt what is none. */
  readonly notADigitBelow: number | null;
}

export interface Answer {
  readonly status: Status;
  /** 0 to 9; null for what is no digit. */
  readonly digit: number | null;
  /** Ten, calibrated, adding up to 1; empty where the network was not asked. */
  readonly probabilities: readonly number[];
  /** The ten digits, most probable first; empty where the network was not asked. */
  readonly ranking: readonly number[];
}

/** A blot of ink: the network is not asked. */
export const BLOT: Answer = { status: "not_a_digit", digit: null, probabilities: [], ranking: [] };

/** What speaks for a digit, in nats, where others stand beside it: it is then unsure rather than none. */
const AMONG_DIGITS = 3;

export function softmax(logits: readonly number[], temperature = 1): number[] {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - top) / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** Return how much speaks for any digit at all: the logarithm of the summed exponentials. */
export function evidence(logits: readonly number[]): number {
  const top = Math.max(...logits);
  return top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
}

/**
 * Turn ten logits into an answer; `amongDigits` says whether others stand beside it, `votes` are a memory's:
 * whether it is a digit at all, they have no say in.
 */
export function judge(
  logits: readonly number[],
  limits: Limits,
  amongDigits = false,
  votes: readonly number[] | null = null,
): Answer {
  const probabilities = softmax(votes ? logits.map((logit, i) => logit + votes[i]) : logits, limits.temperature);
  const ranking = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  const found = evidence(logits);
  const least = limits.notADigitBelow ?? -Infinity;
  let status: Status = probabilities[ranking[0]] < limits.unsureBelow ? "unsure" : "digit";
  if (found < least) status = amongDigits && found + AMONG_DIGITS >= least ? "unsure" : "not_a_digit";
  return { status, digit: status === "not_a_digit" ? null : ranking[0], probabilities, ranking };
}

/** Return a share in words that never claim certainty: `digits/plots/text.py`. */
export function percent(share: number): string {
  if (share > 0.999) return "over 99.9 %";
  return share >= 0.001 ? `${(100 * share).toFixed(1)} %` : "under 0.1 %";
}

/** Say in one sentence what the answer is worth. */
export function inWords({ status, ranking, probabilities }: Answer): string {
  if (status === "not_a_digit") {
    return "This does not look like a digit. What helps: one digit from 0 to 9, upright and whole.";
  }
  const [first, second] = ranking;
  const sure = percent(probabilities[first]);
  return status === "unsure" ? `Not sure: ${first} (${sure}) or ${second}?` : `Sure: ${sure}`;
}
