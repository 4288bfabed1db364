/** The road from ink to a reading, as in `digits/recognizer.py`: candidates -> frames -> network -> answers. */

import type { Answer } from "./answer";
import { BLOT, evidence, judge, softmax } from "./answer";
import type { Framed } from "./framing";
import { frame, isBlob, upright } from "./framing";
import type { Network, Said } from "./model";
import type { Box, Grey } from "./raster";
import type { Candidate, Line } from "./segment";
import { alonePath, bestPath, findLines, plausibility } from "./segment";

/** One digit that was read. */
export interface Reading {
  readonly answer: Answer;
  readonly framed: Framed;
  /** In pixels of the ink map. */
  readonly box: Box;
}

interface Seen extends Said {
  readonly candidate: Candidate;
  readonly framed: Framed;
}

/** Read what stands on a picture of one digit: none when blank, several when more than one digit is there. */
export function readDigit(ink: Grey, network: Network): Reading[] {
  const [lines, seen] = look(ink, network);
  const chosen = lines.map((line, i) => alonePath(line, scores(line, seen[i], network)));
  return answers(seen, chosen, network);
}

/** Read all digits on a picture, in reading order: from the top, each line from the left. */
export function readNumber(ink: Grey, network: Network): Reading[] {
  const [lines, seen] = look(ink, network);
  const chosen = lines.map((line, i) => bestPath(line, scores(line, seen[i], network)));
  return answers(seen, chosen, network);
}

/** Return the digits read as text; "?" stands for what is none. */
export const spell = (readings: readonly Reading[]): string =>
  readings.map(({ answer }) => answer.label ?? "?").join("");

function look(ink: Grey, network: Network): [Line[], Seen[][]] {
  const lines = findLines(ink);
  const framed = lines.map((line) =>
    line.candidates.map((candidate) => ({ candidate, framed: frame(upright(candidate.ink, line.slant)) })),
  );
  const said = network.say(framed.flat().map(({ framed }) => framed.image));
  let next = 0;
  return [lines, framed.map((line) => line.map((one) => ({ ...one, ...said[next++] })))];
}

function scores(line: Line, seen: readonly Seen[], { limits }: Network): number[] {
  const found = seen.map(({ logits }) => evidence(logits));
  const taught = limits.notADigitBelow !== null;
  const readable = seen.map(({ logits }, i) => {
    const likely = Math.log(Math.max(...softmax(logits, limits.temperature)));
    return taught ? likely - Math.log1p(Math.exp(-found[i])) : likely;
  });
  return plausibility(line, readable, taught ? found : found.map(() => Infinity));
}

function answers(seen: readonly Seen[][], chosen: readonly number[][], network: Network): Reading[] {
  return seen.flatMap((line, row) =>
    chosen[row].map((i) => {
      const { candidate, framed, logits, votes } = line[i];
      const among = chosen[row].length > 1;
      const answer = isBlob(candidate.ink) ? BLOT : judge(logits, network.limits, among, votes);
      return { answer, framed, box: candidate.box };
    }),
  );
}
