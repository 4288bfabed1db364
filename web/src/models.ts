/** The models the page has, each loaded once, when it is first wanted. */

import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import type { Eyes } from "./finder";
import type { Network } from "./model";

export type ModelName = "mnist_tiny" | "handwriting" | "characters";

/** Small enough to be there at once. */
export const FIRST: ModelName = "mnist_tiny";

const loaded = new Map<ModelName, Promise<Network>>();
let backend: Promise<string> | null = null;
let eyes: Promise<Eyes> | null = null;

/** Return a model, loaded; one that could not be loaded is tried again next time. */
export function getNetwork(name: ModelName): Promise<Network> {
  if (!loaded.has(name)) {
    const network = load(name);
    network.catch(() => loaded.delete(name));
    loaded.set(name, network);
  }
  return loaded.get(name)!;
}

/** Return the finder and the glimpse reader, loaded; see `getNetwork`. */
export function getEyes(): Promise<Eyes> {
  eyes ??= start().then(({ loadEyes }) => loadEyes(`${folderOf("finder")}model.json`, `${folderOf("glimpse")}model.json`));
  eyes.catch(() => (eyes = null));
  return eyes;
}

const folderOf = (name: string): string => new URL(`models/${name}/`, document.baseURI).href;

async function load(name: ModelName): Promise<Network> {
  const card = fetch(`${folderOf(name)}card.json`).then((response) => response.json());
  const { Network } = await start();
  return Network.load(await card, `${folderOf(name)}model.json`);
}

/** Bring in what knows TensorFlow.js, ready to compute. */
async function start(): Promise<typeof import("./model")> {
  const model = await import("./model");
  const { startBackend } = model;
  backend ??= startBackend({
    "tfjs-backend-wasm.wasm": plain,
    "tfjs-backend-wasm-simd.wasm": simd,
    // Threads need headers that static hosts do not send; it is never asked for without them.
    "tfjs-backend-wasm-threaded-simd.wasm": simd,
  });
  backend.catch(() => (backend = null));
  document.documentElement.dataset["backend"] = await backend;
  return model;
}
