/** The models the page has, each loaded once, when it is first wanted. */

import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import type { Network } from "./model";

export type ModelName = "mnist_tiny" | "handwriting" | "characters";

/** Small enough to be there at once. */
export const FIRST: ModelName = "mnist_tiny";

const loaded = new Map<ModelName, Promise<Network>>();
let backend: Promise<string> | null = null;

/** Return a model, loaded; one that could not be loaded is tried again next time. */
export function getNetwork(name: ModelName): Promise<Network> {
  if (!loaded.has(name)) {
    const network = load(name);
    network.catch(() => loaded.delete(name));
    loaded.set(name, network);
  }
  return loaded.get(name)!;
}

async function load(name: ModelName): Promise<Network> {
  const folder = new URL(`models/${name}/`, document.baseURI).href;
  const card = fetch(`${folder}card.json`).then((response) => response.json());
  const { Network, startBackend } = await import("./model");
  backend ??= startBackend({
    "tfjs-backend-wasm.wasm": plain,
    "tfjs-backend-wasm-simd.wasm": simd,
    // Threads need headers that static hosts do not send; it is never asked for without them.
    "tfjs-backend-wasm-threaded-simd.wasm": simd,
  });
  document.documentElement.dataset["backend"] = await backend;
  return Network.load(await card, `${folder}model.json`);
}
