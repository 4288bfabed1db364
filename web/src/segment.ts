/**
 * Ink -> candidates for digits, line by line, among which the network chooses.
 *
 * The simple cases of `digits/preprocessing/candidates.py`: pieces that hang together are joined to digits (the bar of
 * a five, a broken stroke), put into lines and in order. Touching digits are not cut apart.
 */

import { UNTAUGHT } from "./answer";
import { findSlant } from "./framing";
import { FLAT, LEAST, NEAR, gather, isDigitSized, middle, stack } from "./groups";
import type { Piece } from "./pieces";
import { findPieces, gap, hull } from "./pieces";
import type { Box, Grey } from "./raster";
import { blank, clamp } from "./raster";

/** Pieces smaller than this share of the largest are dirt. */
const SPECK = 0.012;
/** Pieces are no digit together where they are wider, farther apart or more. */
export const WIDEST = 1.45;
const GAP = 0.3;
const RUN = 4;
/** What speaks against a candidate, in nats; see `candidates.py`. */
const JOIN = 0.5;
const STOUT = 0.5;
const LOW_PRICE = 6;
const SHORT = 0.75;
const OUTSIDE = 0.1;
const PLAIN = 5;
const DROP = 12;
const DROP_SMALL = 0.6;
/** What each nat of evidence adds where the finder saw something, and up to how many count. */
const EVIDENCE = 0.6;
const MOST = 6;
/** What every further digit costs where one is expected, and what is plain or doubtful to read. */
const ALONE = 5;
const CLEAR = -0.1;
const DOUBTFUL = -0.5;

/** What stands from one gap of a line to another, taken as one digit. */
export interface Candidate {
  readonly first: number;
  readonly last: number;
  readonly box: Box;
  /** Its ink, all else blank; of pieces with a rim of up to two points. */
  readonly ink: Grey;
  /** What its shape says against it, or the finder, in nats. */
  readonly price: number;
  /** What the finder says against its being a digit, rather than other writing, in nats. */
  readonly doubt: number;
}

export interface Line {
  readonly candidates: readonly Candidate[];
  /** What leaving out each of its pieces costs, in nats, from the left. */
  readonly drops: readonly number[];
  /** Pixels to the right per pixel of height. */
  readonly slant: number;
  /** Whether its pieces are centres that the finder saw. */
  readonly seen: boolean;
}

/** A piece and where it stands along its line, upright. */
interface Part {
  readonly piece: Piece;
  readonly left: number;
  readonly right: number;
  readonly small: boolean;
}

/** Find all that could be digits: lines from the top, candidates from the left. */
export function findLines(ink: Grey): Line[] {
  const { numbers, list } = findPieces(ink);
  const most = Math.max(0, ...list.map((piece) => piece.area));
  const pieces = list.filter((piece) => piece.area >= SPECK * most);
  if (!pieces.length) return [];
  const slant = findSlant(ink);
  const places = new Map(pieces.map((piece) => [piece, findPlace(piece, numbers, ink.width, slant)]));
  const tallest = Math.max(...pieces.map((piece) => piece.box[3]));
  const groups = stack(pieces, tallest).filter((group) => isDigitSized(group.box, tallest));
  const taken = new Set(groups.flatMap((group) => group.members));
  const lines = gather(groups).map((line) => ({
    height: middle(line.map((group) => group.box[3])),
    pieces: line.flatMap((group) => group.members),
    small: [] as Piece[],
  }));
  for (const piece of pieces.filter((piece) => !taken.has(piece))) {
    const home = lines.find((line) => belongs(piece, line.pieces, line.height));
    home?.small.push(piece);
  }
  return lines.map(({ height, pieces, small }) => {
    const part = (small: boolean) => (piece: Piece): Part => ({ piece, ...places.get(piece)!, small });
    const parts = [...pieces.map(part(false)), ...small.map(part(true))];
    parts.sort((a, b) => a.left + a.right - b.left - b.right);
    const drops = parts.map((part) => (part.small ? DROP_SMALL : DROP));
    return { candidates: findCandidates(parts, height, ink, numbers), drops, slant, seen: false };
  });
}

/** Return how likely each candidate is one whole digit, in nats up to 0; `evidence` is null for a model that has
 * not learnt what is none. */
export function plausibility(line: Line, readable: readonly number[], evidence: readonly number[] | null): number[] {
  return line.candidates.map(({ price }, i) => {
    const outside = evidence && !line.seen ? OUTSIDE * Math.min(evidence[i] - PLAIN, 0) : 0;
    return readable[i] - price + outside;
  });
}

/** Return a line whose centres are the harder to leave out, the more speaks for a digit there. */
export function convinced(line: Line, evidence: readonly number[] | null): Line {
  if (!line.seen) return line;
  const drops = [...line.drops];
  line.candidates.forEach(({ first, last }, i) => {
    if (last === first + 1) drops[first] += EVIDENCE * clamp(evidence?.[i] ?? UNTAUGHT, 0, MOST);
  });
  return { ...line, drops };
}

/** Choose candidates so that each piece is in one or left out, and they read best; their places in order. */
export function bestPath({ candidates, drops }: Line, scores: readonly number[], each = 0): number[] {
  const best = [0];
  const came: { from: number; candidate: number }[] = [{ from: 0, candidate: -1 }];
  for (let end = 1; end <= drops.length; end++) {
    best[end] = best[end - 1] - drops[end - 1];
    came[end] = { from: end - 1, candidate: -1 };
    candidates.forEach(({ first, last }, candidate) => {
      const value = best[first] + scores[candidate] - each;
      if (last !== end || value <= best[end]) return;
      best[end] = value;
      came[end] = { from: first, candidate };
    });
  }
  const path: number[] = [];
  for (let end = drops.length; end > 0; end = came[end].from) {
    if (came[end].candidate >= 0) path.unshift(came[end].candidate);
  }
  return path;
}

/**
 * The same where one digit is expected: of ink never none, and several only if that is in little doubt; what the
 * finder saw, it saw apart.
 */
export function alonePath(line: Line, scores: readonly number[]): number[] {
  if (line.seen) return bestPath(line, scores);
  const [few, many] = [bestPath(line, scores, ALONE), bestPath(line, scores)];
  if (!few.length) return [whole(line) ?? scores.indexOf(Math.max(...scores))];
  const plain = Math.min(...many.map((i) => scores[i])) > CLEAR;
  return many.length > few.length && few.length === 1 && plain && scores[few[0]] < DOUBTFUL ? many : few;
}

/** Return the place of the candidate that is all of a line. */
function whole({ candidates, drops }: Line): number | undefined {
  const all = candidates.findIndex(({ first, last }) => last - first === drops.length);
  return all < 0 ? undefined : all;
}

/** Tell whether a small piece may be a part of a digit: a bar or a broken stroke right beside or above one. */
function belongs({ box }: Piece, line: readonly Piece[], height: number): boolean {
  const close = line.filter(
    (piece) => Math.max(gap(box, piece.box, 0), gap(box, piece.box, 1)) <= NEAR * height,
  );
  const above = close.some(({ box: other }) => -gap(box, other, 0) > 0.5 * Math.min(box[2], other[2]));
  const bar = box[2] >= FLAT * box[3] && box[2] >= LEAST * height;
  return close.length > 0 && (above || bar);
}

function findCandidates(parts: readonly Part[], height: number, ink: Grey, numbers: Int32Array): Candidate[] {
  const found: Candidate[] = [];
  for (let first = 0; first < parts.length; first++) {
    for (let last = first + 1; last <= Math.min(first + RUN, parts.length); last++) {
      const run = parts.slice(first, last);
      const width = Math.max(...run.map((part) => part.right)) - Math.min(...run.map((part) => part.left));
      const apart = Math.max(0, ...run.slice(1).map((part, i) => part.left - run[i].right));
      if (run.length > 1 && (width > WIDEST * height || apart > GAP * height)) continue;
      const box = run.map((part) => part.piece.box).reduce(hull);
      const stout = STOUT * Math.max(0, width / height - 1);
      const price = JOIN * (run.length - 1) + stout + LOW_PRICE * Math.max(0, SHORT - box[3] / height);
      const mine = new Set(run.map((part) => part.piece.number));
      found.push({ first, last, box, ink: takeOut(ink, numbers, mine, box), price, doubt: 0 });
    }
  }
  return found;
}

/** Return the ink of some pieces with their soft rim, but nothing of their neighbours. */
function takeOut(ink: Grey, numbers: Int32Array, mine: Set<number>, [x, y, width, height]: Box): Grey {
  const [left, top] = [Math.max(0, x - 2), Math.max(0, y - 2)];
  const [right, foot] = [Math.min(ink.width, x + width + 2), Math.min(ink.height, y + height + 2)];
  const out = blank(right - left, foot - top);
  for (let v = top; v < foot; v++) {
    for (let u = left; u < right; u++) {
      const number = numbers[v * ink.width + u];
      if (number ? mine.has(number) : touches(numbers, ink, mine, u, v)) {
        out.data[(v - top) * out.width + u - left] = ink.data[v * ink.width + u];
      }
    }
  }
  return out;
}

function touches(numbers: Int32Array, { width, height, data }: Grey, mine: Set<number>, x: number, y: number) {
  if (data[y * width + x] === 0) return false;
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
      const number = numbers[v * width + u];
      if (number && mine.has(number)) return true;
    }
  }
  return false;
}

/** Return where a piece begins and ends along its line once the slant is undone. */
function findPlace({ number, box: [x, y, w, h] }: Piece, numbers: Int32Array, width: number, slant: number) {
  let [left, right] = [Infinity, -Infinity];
  for (let v = y; v < y + h; v++) {
    for (let u = x; u < x + w; u++) {
      if (numbers[v * width + u] !== number) continue;
      left = Math.min(left, u + slant * v);
      right = Math.max(right, u + slant * v + 1);
    }
  }
  return { left, right };
}
