/** The page's models outside a browser. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { io } from "@tensorflow/tfjs-core";
import type { Eyes } from "../src/finder";
import type { Card } from "../src/model";
import { Network, loadEyes, loadLine, startBackend } from "../src/model";
import type { Hear } from "../src/numbers";

const near = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function loadNetwork(name: string): Promise<Network> {
  await start();
  const card: Card = JSON.parse(read(name, "card.json").toString());
  return Network.load(card, { load: async () => graph(name) });
}

export async function loadFinder(): Promise<Eyes> {
  await start();
  return loadEyes({ load: async () => graph("finder") }, { load: async () => graph("glimpse") });
}

export async function loadLineReader(): Promise<Hear> {
  await start();
  return loadLine({ load: async () => graph("line") });
}

async function start(): Promise<void> {
  const wasm = (kind: string) => {
    const file = `tfjs-backend-wasm${kind}.wasm`;
    return [file, near(`../node_modules/@tensorflow/tfjs-backend-wasm/dist/${file}`)];
  };
  await startBackend(Object.fromEntries(["", "-simd", "-threaded-simd"].map(wasm)));
}

const read = (name: string, file: string) => readFileSync(near(`../public/models/${name}/${file}`));

function graph(name: string): io.ModelArtifacts {
  const { userDefinedMetadata, modelTopology, signature, weightsManifest } = JSON.parse(
    read(name, "model.json").toString(),
  );
  const weightData = new Uint8Array(read(name, weightsManifest[0].paths[0])).buffer;
  return { userDefinedMetadata, modelTopology, signature, weightSpecs: weightsManifest[0].weights, weightData };
}
