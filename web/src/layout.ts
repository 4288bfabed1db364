/** What the finder saw -> lines of candidates, among which the network chooses: `digits/preprocessing/layout.py`. */

import type { Centre, Seen } from "./finder";
import { INKED, SEEN, SURE } from "./finder";
import { middle } from "./groups";
import { hull } from "./pieces";
import type { Box } from "./raster";
import { blank, clamp, largest } from "./raster";
import type { Candidate, Line } from "./segment";

/** So many centres at most are taken for one digit, which is at most so wide, in heights of its line. */
const [RUN, WIDEST] = [3, 1.6];
/** The finder is never surer than this of a centre, or of its absence. */
const DOUBT = 0.02;
const LEAST_INK = 0.45;
const OVER = 0.6;
const LEVEL = 0.4;
/** What it says for other writing counts so much, between these chances of a digit. */
const [OTHER, DOUBTED] = [2, [0.01, 0.5] as const];

/** Return the lines of digits that were seen, from the top. */
export function linesOf(seen: Seen): Line[] {
  const regions = findRegions(seen);
  return gather(seen.centres)
    .map((line) => lineOf(seen, regions, line))
    .filter(({ candidates }) => candidates.length);
}

/** Return where the ink of each centre stands; null where it has none. */
function findRegions({ ink: { width, data }, owner, centres }: Seen): (Box | null)[] {
  const regions: (Box | null)[] = centres.map(() => null);
  owner.forEach((number, i) => {
    if (!number || data[i] <= INKED) return;
    const [point, known] = [[i % width, Math.floor(i / width), 1, 1] as const, regions[number - 1]];
    regions[number - 1] = known ? hull(known, point) : point;
  });
  return regions;
}

function lineOf(seen: Seen, regions: readonly (Box | null)[], members: readonly number[]): Line {
  const { centres } = seen;
  const digits = members
    .filter((i) => centres[i].digit > SEEN && regions[i])
    .sort((a, b) => centres[a].x - centres[b].x);
  const plain = digits.filter((i) => centres[i].digit > SURE);
  const height = middle((plain.length ? plain : members).map((i) => centres[i].height));
  const candidates: Candidate[] = [];
  for (let first = 0; first < digits.length; first++) {
    for (let last = first + 1; last <= Math.min(first + RUN, digits.length); last++) {
      const mine = digits.slice(first, last);
      const box = mine.map((i) => regions[i]!).reduce(hull);
      if (mine.length > 1 && box[2] > WIDEST * Math.max(height, box[3])) continue;
      const ink = takeOut(seen, mine, box);
      if (largest(ink.data) < LEAST_INK) continue;
      const digit = clamp(rather(centres, box, Math.max(...mine.map((i) => centres[i].digit))), ...DOUBTED);
      const doubt = OTHER * Math.log((1 - digit) / digit);
      candidates.push({ first, last, box, ink, price: -prior(mine.map((i) => centres[i])), doubt });
    }
  }
  return { candidates, drops: digits.map((i) => -Math.log(1 - chance(centres[i]))), slant: 0, seen: true };
}

function takeOut({ ink, owner }: Seen, mine: readonly number[], [x, y, width, height]: Box) {
  const out = blank(width, height);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const i = (y + v) * ink.width + x + u;
      if (mine.includes(owner[i] - 1)) out.data[v * width + u] = ink.data[i];
    }
  }
  return out;
}

/** Return how probable a digit is at a place, if it is that or a sign or other writing. */
function rather(centres: readonly Centre[], [x, y, width, height]: Box, digit: number): number {
  const here = (one: Centre) =>
    Math.abs(one.x - x - width / 2) < OVER * one.width && Math.abs(one.y - y - height / 2) < OVER * one.height;
  const other = centres.filter((one) => one.kind !== "digit" && here(one)).map((one) => one.chance);
  return digit / Math.max(digit + Math.max(0, ...other), 1e-6);
}

const chance = ({ digit }: Centre): number => clamp(digit, DOUBT, 1 - DOUBT);

/** Return the logarithm of the probability that just one of some centres is there. */
function prior(centres: readonly Centre[]): number {
  const none = centres.reduce((all, one) => all * (1 - chance(one)), 1);
  return Math.log(centres.reduce((sum, one) => sum + (chance(one) * none) / (1 - chance(one)), 0));
}

/** Gather centres into lines: what is plainly a digit joins the line that ends level with it, all else the nearest. */
function gather(centres: readonly Centre[]): number[][] {
  const byPlace = (some: number[]) => some.sort((a, b) => centres[a].x - centres[b].x);
  const all = [...centres.keys()];
  const plain = byPlace(all.filter((i) => centres[i].digit > SURE));
  const first = plain.length ? plain : byPlace([...all]);
  const lines: number[][] = [];
  for (const i of first) {
    const level = lines.filter((line) => isLevel(centres[line[line.length - 1]], centres[i]));
    const ends = level.map((line) => centres[line[line.length - 1]].x);
    if (level.length) level[ends.indexOf(Math.max(...ends))].push(i);
    else lines.push([i]);
  }
  const known = lines.map((line) => [...line]);
  for (const i of all.filter((one) => !first.includes(one))) {
    const far = (k: number) => Math.abs(centres[i].x - centres[k].x) + 2 * Math.abs(centres[i].y - centres[k].y);
    const least = known.map((line) => Math.min(...line.map(far)));
    lines[least.indexOf(Math.min(...least))].push(i);
  }
  const height = (line: readonly number[]) => middle(line.map((i) => centres[i].y));
  return lines.sort((a, b) => height(a) - height(b));
}

function isLevel(a: Centre, b: Centre): boolean {
  const foot = Math.min(a.y + a.height / 2, b.y + b.height / 2);
  return foot - Math.max(a.y - a.height / 2, b.y - b.height / 2) > LEVEL * Math.min(a.height, b.height);
}
