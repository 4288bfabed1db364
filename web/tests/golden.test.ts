/** The page frames, sees and reads as Python does: 500 canvases in invented hands, 60 numbers, 20 photos. */

import { beforeAll, describe, expect, test } from "vitest";
import { judge } from "../src/answer";
import type { Eyes, Seen } from "../src/finder";
import { glimpseOf, see } from "../src/finder";
import { drawnInk } from "../src/ink";
import { readMemory } from "../src/memory";
import { Network } from "../src/model";
import { shrink } from "../src/raster";
import type { Reading } from "../src/reading";
import { readDigit, readNumber, spell } from "../src/reading";
import type { Canvas, Painted } from "./golden";
import { bytes, CANVAS, GLANCED, WIDE, golden } from "./golden";
import { loadFinder, loadLineReader, loadNetwork } from "./network";
import { paint } from "./paint";

const { canvases, numbers, photos } = golden();

const inkOf = ({ strokes, brush }: Painted, width: number, height: number) =>
  drawnInk(paint(strokes, brush, width, height), width, height);

const inks = canvases.map((canvas) => inkOf(canvas, CANVAS, CANVAS));

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each(["mnist_tiny", "handwriting"])("%s", (name) => {
  let network: Network;
  let read: { canvas: Canvas; readings: Reading[] }[];

  beforeAll(async () => {
    network = await loadNetwork(name);
    const eyes = await loadFinder();
    read = canvases.map((canvas, i) => ({ canvas, readings: readDigit(inks[i], network, eyes) }));
  }, 300_000);

  test("finds one digit where Python does, and says the same of it", () => {
    const statuses = read.map(({ readings }) => (readings.length > 1 ? "several" : readings[0].answer.status));
    expect(statuses).toEqual(canvases.map((canvas) => canvas.answers[name].status));
    const digits = read.map(({ readings }) => (readings.length > 1 ? null : readings[0].answer.digit));
    expect(digits).toEqual(canvases.map((canvas) => canvas.answers[name].digit));
  });

  test("sees Python's frames, every point within 2 of 255", () => {
    const off = read
      .filter(({ canvas }) => canvas.answers[name].asked)
      .map(({ canvas: { frame }, readings: [{ framed }] }) => apart(framed.image.data.map((v) => 255 * v), frame));
    console.log(`${name}: ${off.length} frames, ${Math.max(...off).toFixed(2)} of 255 apart at most`);
    expect(off.length).toBeGreaterThan(480);
    expect(Math.max(...off)).toBeLessThan(2);
  });

  test("gives Python's probabilities within a thousandth", () => {
    const off = read.map(({ canvas, readings: [{ answer }] }) => {
      const told = canvas.answers[name];
      return told.asked ? apart(told.probabilities, answer.probabilities) : 0;
    });
    console.log(`${name}: probabilities ${Math.max(...off).toExponential(1)} apart at most`);
    expect(Math.max(...off)).toBeLessThan(1e-3);
  });
});

describe("drawings", () => {
  let network: Network;
  let eyes: Eyes;
  beforeAll(async () => void ([network, eyes] = [await loadNetwork("handwriting"), await loadFinder()]), 60_000);

  test("are what the glimpse reader says where the network doubts, and no other is shown to it", () => {
    const asked: number[] = [];
    const says = (none: number) => ({ ...eyes, glimpse: () => (asked.push(none), [...Array(10).fill(0), none]) });
    const statuses = (none: number) =>
      inks.map((ink) => readDigit(ink, network, says(none))).map(([{ answer }]) => answer.status);
    const [trusted, doubted] = [statuses(-30), statuses(30)];
    const changed = trusted.filter((status, i) => status !== doubted[i]);
    expect(changed.length).toBeGreaterThan(0);
    expect(doubted.filter((status) => status === "digit").length).toBeGreaterThan(0.8 * inks.length);
    expect(asked.length).toBeLessThan(2 * 0.2 * inks.length);
  }, 60_000);

  test("are glimpsed as ink on paper as in Python", () => {
    const off = canvases.flatMap(({ heard }, i) => {
      let said: number[] | null = null;
      readDigit(inks[i], network, { ...eyes, glimpse: (shown) => (said = eyes.glimpse(shown)) });
      return heard && said ? [apart(said, heard)] : [];
    });
    console.log(`${off.length} drawings glimpsed, ${Math.max(...off).toFixed(2)} nats apart at most`);
    expect(off.length).toBeGreaterThan(40);
    expect(Math.max(...off)).toBeLessThan(1);
  }, 60_000);
});

describe("characters", () => {
  test("reads letters as Python does", async () => {
    const network = await loadNetwork("characters");
    expect(network.readsLetters).toBe(true);
    const shown = canvases.flatMap((canvas, i) => (canvas.letters ? [{ told: canvas.letters, ink: inks[i] }] : []));
    expect(shown.length).toBe(100);
    const alone = shown
      .map(({ told, ink }) => ({ told, readings: readDigit(ink, network) }))
      .filter(({ told }) => told.status !== "several");
    const answers = alone.map(({ readings: [{ answer }] }) => [answer.status, answer.label]);
    expect(answers).toEqual(alone.map(({ told }) => [told.status, told.label]));
    const off = alone
      .filter(({ readings: [{ answer }] }) => answer.probabilities.length)
      .map(({ told, readings: [{ answer }] }) => apart(told.probabilities, answer.probabilities));
    expect(Math.max(...off)).toBeLessThan(1e-3);
  }, 60_000);
});

describe("handwriting", () => {
  let network: Network;
  beforeAll(async () => void (network = await loadNetwork("handwriting")), 60_000);

  test.each(numbers.map((number) => [number.text, number] as const))("reads %s in order", (text, number) => {
    const readings = readNumber(inkOf(number, ...WIDE), network);
    expect(spell(readings)).toBe(text);
    readings.forEach(({ box }, i) => expect(apart(box, number.boxes[i])).toBeLessThanOrEqual(1));
  });

  test("shows what its first layer sees", () => {
    const [{ framed }] = readDigit(inks[0], network);
    const maps = network.firstLayer(framed.image);
    expect(maps).toHaveLength(32);
    expect(maps.every(({ width, data }) => width === 28 && data.every((value) => value >= 0))).toBe(true);
    expect(maps.some(({ data }) => Math.max(...data) > 0.1)).toBe(true);
  });

  test("votes as Python does with the memory of a hand", async () => {
    const memory = await readMemory(bytes("golden.memory.npz"));
    expect([memory.name, memory.size]).toEqual(["golden", 30]);
    const voted = canvases.filter(({ votes }) => votes);
    expect(voted.length).toBe(100);
    network.remember(memory);
    const image = ({ frame }: Canvas) => ({ width: 28, height: 28, data: Float32Array.from(frame, (v) => v / 255) });
    const said = network.say(voted.map(image));
    network.remember(null);
    const off = said.map(({ votes }, i) => apart(votes!, voted[i].votes!));
    console.log(`votes ${Math.max(...off).toExponential(1)} apart at most`);
    expect(Math.max(...off)).toBeLessThan(0.05);
    expect(Math.max(...voted.flatMap(({ votes }) => votes!.map(Math.abs)))).toBeGreaterThan(0.5);
    expect(() => network.remember({ ...memory, sha256: "0" })).toThrow("made for another model");
    const wide = { ...memory, votes: (features: ArrayLike<number>) => memory.votes(Array.from(features).slice(1)) };
    expect(() => network.remember(wide)).toThrow("features of another model");
    await expect(readMemory(bytes("frames.gz"))).rejects.toThrow("no memory of a hand");
  });

  test("answers the same alone and together", () => {
    const frames = inks.slice(0, 5).map((ink) => readDigit(ink, network)[0].framed.image);
    const [together, alone] = [network.ask(frames), frames.map((frame) => network.ask([frame])[0])];
    together.forEach((logits, i) => expect(apart(logits, alone[i])).toBeLessThan(1e-4));
    expect(judge(alone[3], network.limits).digit).toBe(3);
  });
});

describe("photos", () => {
  let network: Network;
  let seen: Seen[];
  beforeAll(async () => {
    const eyes = await loadFinder();
    network = await loadNetwork("handwriting");
    seen = photos.map(({ picture }) => see(picture, eyes));
  }, 60_000);

  // The page's finder has weights of 8 bits: now and then it takes another look, or none.
  const alike = () => photos.flatMap(({ size }, i) => (apart(size, sizeOf(seen[i])) <= 1 ? [i] : []));
  const sizeOf = ({ ink: { width, height } }: Seen) => [width, height];

  test("are looked at where Python looks, and as much ink is seen", () => {
    expect(alike().length).toBeGreaterThanOrEqual(0.9 * photos.length);
    const off = alike().map((i) => apart(shrink(seen[i].ink, 8, 4).data, photos[i].ink));
    console.log(`ink ${Math.max(...off).toFixed(4)} apart at most`);
    expect(Math.max(...off)).toBeLessThan(0.03);
  });

  test("show the same digits, four points apart at most", () => {
    alike().forEach((i) => {
      const { centres } = seen[i];
      const found = centres.filter(({ digit }) => digit > 0.5).map((one) => [one.x, one.y, one.width, one.height]);
      expect(found).toHaveLength(photos[i].centres.length);
      for (const told of photos[i].centres) {
        expect(Math.min(...found.map((one) => apart(one, told)))).toBeLessThan(4.1);
      }
    });
  });

  test("are glimpsed as in Python", async () => {
    const eyes = await loadFinder();
    const off = photos.map(({ picture, heard }) => apart(eyes.glimpse(glimpseOf(picture, GLANCED)), heard));
    console.log(`glimpses ${Math.max(...off).toFixed(2)} nats apart at most`);
    expect(Math.max(...off)).toBeLessThan(1);
  });

  test("are read as Python reads them by the finder alone", () => {
    expect(seen.map((one) => spell(readNumber(one, network)))).toEqual(photos.map(({ text }) => text));
    expect(photos.filter(({ text, written }) => text === written).length).toBeGreaterThan(0.8 * photos.length);
  });

  test("are read as Python reads them by finder and line reader, as surely", async () => {
    const hear = await loadLineReader();
    const read = seen.map((one) => readNumber(one, network, hear));
    expect(read.map(spell)).toEqual(photos.map(({ agreed }) => agreed));
    const sure = read.map((digits) => digits.map(({ answer }) => answer.probabilities[answer.ranking[0]]));
    const off = alike().map((i) => apart(sure[i], photos[i].sure));
    console.log(`read together, ${Math.max(...off).toFixed(3)} apart at most`);
    expect(Math.max(...off)).toBeLessThan(0.1);
  }, 60_000);

  test("of one digit give one answer, those of several say so", () => {
    const counts = seen.map((one) => readDigit(one, network).length);
    expect(counts.map((count) => count > 1)).toEqual(photos.map(({ text }) => text.length > 1));
  });

  test("without writing are blank, and letters are found by their ink", async () => {
    const eyes = await loadFinder();
    const paper = { ...photos[0].picture, data: photos[0].picture.data.map(() => 0.9) };
    expect(readDigit(see(paper, eyes), network)).toEqual([]);
    const letters = await loadNetwork("characters");
    const [one] = photos.flatMap(({ text }, i) => (text.length === 1 ? [seen[i]] : []));
    expect(readDigit(one, letters)).toHaveLength(1);
  });
});
