/** The page's models outside a browser. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Card } from "../src/model";
import { Network, startBackend } from "../src/model";

const near = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export async function loadNetwork(name: string): Promise<Network> {
  const wasm = (kind: string) => {
    const file = `tfjs-backend-wasm${kind}.wasm`;
    return [file, near(`../node_modules/@tensorflow/tfjs-backend-wasm/dist/${file}`)];
  };
  await startBackend(Object.fromEntries(["", "-simd", "-threaded-simd"].map(wasm)));
  const file = (name_: string) => readFileSync(near(`../public/models/${name}/${name_}`));
  const { modelTopology, signature, weightsManifest } = JSON.parse(file("model.json").toString());
  const weights = file(weightsManifest[0].paths[0]);
  const weightData = new Uint8Array(weights).buffer;
  const artifacts = { modelTopology, signature, weightSpecs: weightsManifest[0].weights, weightData };
  const card: Card = JSON.parse(file("card.json").toString());
  return Network.load(card, { load: async () => artifacts });
}
