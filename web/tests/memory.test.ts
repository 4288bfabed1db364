import { expect, test } from "vitest";
import { readMemory } from "../src/memory";

const ABOUT = {
  name: "left hand",
  model: "small",
  sha256: "a".repeat(64),
  frame_version: 1,
  version: 1,
  created: "2026-01-01T00:00:00+00:00",
  weight: 10,
  reach: 0.5,
};

type Part = readonly [shape: readonly number[], values: Float32Array | Uint8Array];

/** A 1 that lies along the first of three features. */
const PARTS: Record<string, Part> = {
  labels: [[1], Uint8Array.of(1)],
  keys: [[1, 2], Float32Array.of(1, 0)],
  weights: [[2, 10], new Float32Array(20).fill(4, 1, 2)],
  mean: [[3], new Float32Array(3)],
  axes: [[3, 2], Float32Array.of(1, 0, 0, 1, 0, 0)],
};

/** Return an array as NumPy writes it. */
function npy(descr: string, shape: readonly number[], values: Uint8Array): Uint8Array {
  const words = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join()},), }`;
  return Uint8Array.from([0x93, ...Buffer.from("NUMPY"), 1, 0, words.length, 0, ...Buffer.from(words), ...values]);
}

/** Return a .npz file, not packed. */
function file(about: object, parts: Record<string, Part>): ArrayBuffer {
  const card = Uint32Array.from([...JSON.stringify(about)], (sign) => sign.codePointAt(0)!);
  const all = Object.entries(parts).map(([name, [shape, values]]) => {
    const kind = values instanceof Uint8Array ? "|u1" : "<f4";
    return [name, npy(kind, shape, new Uint8Array(values.buffer))] as const;
  });
  const [files, contents] = [[], []] as [Buffer[], Buffer[]];
  let at = 0;
  for (const [name, data] of [["about", npy("<U9", [], new Uint8Array(card.buffer))] as const, ...all]) {
    const [local, entry] = [Buffer.alloc(30), Buffer.alloc(46)];
    local.writeUInt16LE(name.length, 26);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(data.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    files.push(local, Buffer.from(name), Buffer.from(data));
    contents.push(entry, Buffer.from(name));
    at += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(all.length + 1, 10);
  end.writeUInt32LE(at, 16);
  return Uint8Array.from(Buffer.concat([...files, ...contents, end])).buffer;
}

test("a memory votes near its digit, and one of none is read too", async () => {
  const memory = await readMemory(file(ABOUT, PARTS));
  expect([memory.name, memory.size]).toEqual(["left hand", 1]);
  expect(memory.votes([5, 0, 0])).toEqual([0, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
  const none = { labels: [[0], new Uint8Array()], keys: [[0, 2], new Float32Array()] } as Record<string, Part>;
  expect((await readMemory(file({ ...ABOUT, weight: 0 }, { ...PARTS, ...none }))).size).toBe(0);
});

const LIES: Record<string, [object, Record<string, Part>]> = {
  loud: [{}, { weights: [[2, 10], new Float32Array(20).fill(1e9)] }],
  "not a number": [{}, { mean: [[3], Float32Array.of(0, 0, NaN)] }],
  "a label": [{}, { labels: [[1], Uint8Array.of(10)] }],
  "another kind": [{}, { labels: [[1], Float32Array.of(1)] }],
  "too wide": [{}, { mean: [[4097], new Float32Array(4097)], axes: [[4097, 2], new Float32Array(8194)] }],
  "too many": [{}, { labels: [[10001], new Uint8Array(10001)], keys: [[10001, 2], new Float32Array(20002)] }],
  "no name": [{ name: " " }, {}],
  "two lines": [{ name: "a\nb" }, {}],
  "turned round": [{ name: "a\u202eb" }, {}],
  "no reach": [{ reach: 0 }, {}],
  "no weight": [{ weight: -1 }, {}],
};

test.each(Object.entries(LIES))("refuses one that lies: %s", async (_, [about, parts]) => {
  await expect(readMemory(file({ ...ABOUT, ...about }, { ...PARTS, ...parts }))).rejects.toThrow("no memory of a hand");
});
