/** The road from ink to a reading, as in `digits/recognizer.py`: candidates -> frames -> network -> answers. */

import type { Answer, Beside } from "./answer";
import { BLOT, doubtOf, doubts, evidence, judge, silence, softmax } from "./answer";
import type { Framed } from "./framing";
import type { Eyes, Seen } from "./finder";
import { glimpseOf } from "./finder";
import { frame, isBlob, upright } from "./framing";
import { onPaper } from "./ink";
import { linesOf } from "./layout";
import type { Network, Said } from "./model";
import type { Hear } from "./numbers";
import { agreed } from "./numbers";
import { hull } from "./pieces";
import type { Box, Grey } from "./raster";
import type { Candidate, Line } from "./segment";
import { WIDEST, alonePath, bestPath, convinced, findLines, plausibility } from "./segment";

/** One digit that was read. */
export interface Reading {
  readonly answer: Answer;
  readonly framed: Framed;
  /** In pixels of the ink map. */
  readonly box: Box;
}

interface Shown extends Said {
  readonly candidate: Candidate;
  readonly framed: Framed;
}

/** A line with what is said to its candidates, and how well each reads as one digit. */
interface Looked {
  readonly line: Line;
  readonly shown: readonly Shown[];
  readonly scores: readonly number[];
}

/** The ink of a drawing, or a picture as the finder sees it. */
export type Written = Grey | Seen;

export const inkOf = (written: Written): Grey => ("data" in written ? written : written.ink);

/** Read what is written where one digit is expected: none when blank. Eyes, if there, help to tell what is no digit. */
export function readDigit(written: Written, network: Network, eyes: Eyes | null = null): Reading[] {
  const lines = look(oneOf(written) ?? findAll(written, network), network);
  const chosen = lines.map(({ line, scores }) => alonePath(line, scores));
  if (lines.length && chosen.every((path) => !path.length)) {
    const best = lines.map(({ scores }) => Math.max(...scores)); // however badly it reads, something is there
    const row = best.indexOf(Math.max(...best));
    chosen[row] = [lines[row].scores.indexOf(best[row])];
  }
  if (network.readsLetters) return answers(lines, chosen, network).flat();
  if (!("data" in written)) {
    return answers(lines, one(written, lines, chosen), network, (box) => ({ heard: written.glance(box) })).flat();
  }
  return answers(lines, chosen, network, (_, logits) =>
    eyes && doubts(logits, network.limits) ? { doubt: doubtOf(glanceAt(written, lines, eyes), "screen") } : {},
  ).flat();
}

/** Ask the glimpse reader about all of a drawing, as ink on paper. */
function glanceAt(ink: Grey, lines: readonly Looked[], eyes: Eyes): number[] {
  const boxes = lines.flatMap(({ line }) => line.candidates.map(({ box }) => box));
  return eyes.glimpse(glimpseOf(onPaper(ink), boxes.reduce(hull)));
}

/**
 * Return the line of all that the finder saw if that hangs together and is no wider than a digit, else null: a letter
 * may well be a one and a four, but where one digit is expected nobody wrote two.
 */
function oneOf(written: Written): Line[] | null {
  if ("data" in written) return null;
  const lines = findLines(written.ink);
  if (lines.length !== 1 || lines[0].drops.length !== 1) return null;
  const [, , width, height] = lines[0].candidates[0].box;
  return width <= WIDEST * height ? lines : null;
}

/**
 * Choose the one that is whole, or in the middle, where a photo's edge cuts its neighbours off and the glimpse reader
 * sees a digit.
 */
function one(written: Seen, lines: readonly Looked[], chosen: readonly number[][]): number[][] {
  const { width, height } = written.ink;
  const boxes = chosen.flatMap((path, row) => path.map((i) => lines[row].shown[i].candidate.box));
  const isCut = ([x, y, w, h]: Box) => x <= 0 || y <= 0 || x + w >= width || y + h >= height;
  const [whole, cut] = [boxes.filter((box) => !isCut(box)), boxes.filter(isCut)];
  if (boxes.length < 2 || whole.length > 1 || !cut.length) return [...chosen];
  if (silence(written.glance(boxes.reduce(hull))) >= 0) return [...chosen];
  const off = ([x, y, w, h]: Box) => Math.hypot((x + w / 2) / width - 0.5, (y + h / 2) / height - 0.5);
  const central = (whole.length ? whole : cut).reduce((best, box) => (off(box) < off(best) ? box : best));
  return chosen.map((path, row) => path.filter((i) => lines[row].shown[i].candidate.box === central));
}

/**
 * Read all digits, in reading order: from the top, each line from the left. Where it is there, the line reader has a
 * say in what the finder saw: it looks `often` at each line.
 */
export function readNumber(written: Written, network: Network, hear: Hear | null = null, often?: number): Reading[] {
  const lines = look(findAll(written, network), network);
  const found = answers(lines, lines.map(({ line, scores }) => bestPath(line, scores)), network);
  if ("data" in written || !hear || network.readsLetters) return found.flat();
  return agreed(found, written, hear, network.limits.unsureBelow, often);
}

/** Return the digits read as text; "?" stands for what is none. */
export const spell = (readings: readonly Reading[]): string =>
  readings.map(({ answer }) => answer.label ?? "?").join("");

function look(lines: readonly Line[], network: Network): Looked[] {
  const framed = lines.map((line) =>
    line.candidates.map((candidate) => ({ candidate, framed: frame(upright(candidate.ink, line.slant)) })),
  );
  const said = network.say(framed.flat().map(({ framed }) => framed.image));
  let next = 0;
  return lines.map((line, i) => {
    const shown = framed[i].map((one): Shown => ({ ...one, ...said[next++] }));
    const found = network.limits.notADigitBelow === null ? null : shown.map(({ logits }) => evidence(logits));
    const readable = shown.map(({ logits }, k) => {
      const likely = Math.log(Math.max(...softmax(logits, network.limits.temperature)));
      return found ? likely - Math.log1p(Math.exp(-found[k])) : likely;
    });
    return { line: convinced(line, found), shown, scores: plausibility(line, readable, found) };
  });
}

/** Find lines: by what the finder saw where it saw digits, for a model of digits; else by rules, in all ink. */
function findAll(written: Written, network: Network): Line[] {
  const lines = "data" in written || network.readsLetters ? [] : linesOf(written);
  return lines.length ? lines : findLines(inkOf(written));
}

/** Turn what was chosen into readings, line by line; of a single one the glimpse reader may know more, by its box and logits. */
function answers(
  lines: readonly Looked[],
  chosen: readonly number[][],
  network: Network,
  glimpsed: (box: Box, logits: readonly number[]) => Beside = () => ({}),
): Reading[][] {
  const alone = chosen.flat().length === 1;
  return lines.map(({ line, shown }, row) =>
    chosen[row].map((i) => {
      const { candidate, framed, logits, votes } = shown[i];
      const { box, doubt } = candidate;
      if (!line.seen && isBlob(candidate.ink)) return { answer: BLOT, framed, box };
      const more = alone ? glimpsed(box, logits) : {};
      const beside = { amongDigits: chosen[row].length > 1, votes, doubt, ...more };
      return { answer: judge(logits, network.limits, beside), framed, box };
    }),
  );
}
