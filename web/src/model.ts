/** The one file that knows TensorFlow.js: a model behind two questions, its logits and its first layer; what sees. */

import type { GraphModel } from "@tensorflow/tfjs-converter";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import { dispose, setBackend, tensor4d, tidy } from "@tensorflow/tfjs-core";
import type { NamedTensorMap, Rank, Tensor, io } from "@tensorflow/tfjs-core";
import type { Limits } from "./answer";
import { heardOf } from "./ctc";
import type { Eyes } from "./finder";
import { GLIMPSE } from "./finder";
import { SIDE } from "./framing";
import type { Memory } from "./memory";
import type { Hear } from "./numbers";
import { ROWS } from "./numbers";
import type { Grey } from "./raster";
import { blank } from "./raster";

/** What travels with a model: models/<name>/card.json, written by scripts/models.py. */
export interface Card extends Limits {
  readonly name: string;
  readonly parameters: number;
  /** The names of the graph's outputs. */
  readonly logits: string;
  readonly maps: string;
  readonly representation: string;
  /** Of the .keras file that it was made from. */
  readonly sha256: string;
}

/** What is said to a frame. */
export interface Said {
  /** Ten, of the network. */
  readonly logits: readonly number[];
  /** Ten, what the memory of a hand adds; null without one. */
  readonly votes: readonly number[] | null;
}

/** Choose what computes: WebAssembly, and plain JavaScript where a browser has none. */
export async function startBackend(wasmFiles: Record<string, string>): Promise<string> {
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(wasmFiles);
  if (await setBackend("wasm").catch(() => false)) return "wasm";
  await import("@tensorflow/tfjs-backend-cpu");
  await setBackend("cpu");
  return "cpu";
}

/** Frames are asked so many at a time: the memory that WebAssembly takes it never gives back. */
const BATCH = 512;

export class Network {
  /** Of a hand, see `remember`. */
  private memory: Memory | null = null;

  private constructor(
    readonly card: Card,
    private readonly graph: GraphModel,
  ) {}

  /** Load a model. `source` is the address of its model.json, or where else its files come from. */
  static async load(card: Card, source: string | io.IOHandler): Promise<Network> {
    const network = new Network(card, await loadGraphModel(source));
    network.ask([blank(SIDE, SIDE)]); // so that the first real answer does not wait
    return network;
  }

  get readsLetters(): boolean {
    return this.card.labels !== undefined;
  }

  get limits(): Limits {
    return this.card;
  }

  /** Read with the memory of a hand, or without one; one that does not fit is refused with a sentence. */
  remember(memory: Memory | null): void {
    if (memory && memory.sha256 !== this.card.sha256) {
      throw new Error(`“${memory.name}” was made for another model than ${this.card.name}.`);
    }
    if (memory && this.readsLetters) throw new Error(`${this.card.name} reads letters; a memory is for digits.`);
    if (memory?.size) memory.votes(this.numbers([blank(SIDE, SIDE)], this.card.representation)[0]); // or it throws
    this.memory = memory;
  }

  /** Return the logits of each frame, one for each label. */
  ask(frames: readonly Grey[]): number[][] {
    return this.numbers(frames, this.card.logits);
  }

  /** Return logits, and votes where there is a memory, for each frame. */
  say(frames: readonly Grey[]): Said[] {
    const memory = this.memory?.size ? this.memory : null;
    const features = memory ? this.numbers(frames, this.card.representation) : [];
    return this.ask(frames).map((logits, i) => ({ logits, votes: memory ? memory.votes(features[i]) : null }));
  }

  private numbers(frames: readonly Grey[], output: string): number[][] {
    const parts: number[][][] = [];
    for (let first = 0; first < frames.length; first += BATCH) {
      const some = frames.slice(first, first + BATCH);
      parts.push(tidy(() => this.run(some, output).arraySync() as number[][]));
    }
    return parts.flat();
  }

  /** Return the channels of the first convolution, each 28 x 28, 0 and up. */
  firstLayer(frame: Grey): Grey[] {
    const maps = tidy(() => this.run([frame], this.card.maps));
    const [, height, width, channels] = maps.shape as [number, number, number, number];
    const values = maps.dataSync();
    maps.dispose();
    return Array.from({ length: channels }, (_, channel) => {
      const one = blank(width, height);
      for (let i = 0; i < one.data.length; i++) one.data[i] = values[i * channels + channel];
      return one;
    });
  }

  private run(frames: readonly Grey[], output: string): Tensor {
    const values = new Float32Array(frames.length * SIDE * SIDE);
    frames.forEach((frame, i) => values.set(frame.data, i * SIDE * SIDE));
    return this.graph.execute(tensor4d(values, [frames.length, SIDE, SIDE, 1]), output) as Tensor;
  }
}

/** The finder and the glimpse reader, see `finder.see`. Both sources are as in `Network.load`. */
export async function loadEyes(finder: string | io.IOHandler, reader: string | io.IOHandler): Promise<Eyes> {
  const [graph, glimpses] = await Promise.all([finder, reader].map((source) => loadGraphModel(source)));
  return {
    glimpse: (shown) =>
      tidy(() => [...(glimpses.execute(tensor4d(shown, [1, GLIMPSE, GLIMPSE, 2])) as Tensor).dataSync<"float32">()]),
    look: (shown, width, height) => {
      const said = tidy(() => graph.predict(tensor4d(shown, [1, height, width, 2])) as NamedTensorMap);
      const answer = { ink: said["ink"].dataSync<"float32">(), maps: said["maps"].dataSync<"float32">() };
      dispose(said); // not inside: what `tidy` returns is searched for tensors, point by point
      return answer;
    },
  };
}

/** The line reader. */
export async function loadLine(source: string | io.IOHandler): Promise<Hear> {
  const graph = await loadGraphModel(source);
  return (strip, width) => {
    const said = tidy(() => (graph.execute(tensor4d(strip, [1, ROWS, width, 2])) as Tensor<Rank.R3>).arraySync());
    return heardOf(said[0]);
  };
}
