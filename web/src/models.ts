/** The models the page has, each loaded once, when it is first wanted. */

import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import type { Eyes } from "./finder";
import type { Network } from "./model";
import type { Hear } from "./numbers";

export type ModelName = "mnist_tiny" | "handwriting" | "characters";

/** Small enough to be there at once. */
export const FIRST: ModelName = "mnist_tiny";

const loaded = new Map<string, Promise<unknown>>();

/** Load a thing when it is first wanted; one that could not be loaded is tried again next time. */
function once<Thing>(name: string, load: () => Promise<Thing>): Promise<Thing> {
  if (!loaded.has(name)) {
    const thing = load();
    thing.catch(() => loaded.delete(name));
    loaded.set(name, thing);
  }
  return loaded.get(name) as Promise<Thing>;
}

/** Return a model, loaded. */
export const getNetwork = (name: ModelName): Promise<Network> => once(name, () => load(name));

/** Return the finder and the glimpse reader, loaded. */
export const getEyes = (): Promise<Eyes> =>
  once("eyes", async () => {
    const { loadEyes } = await start();
    return loadEyes(`${folderOf("finder")}model.json`, `${folderOf("glimpse")}model.json`);
  });

/** Return the line reader, loaded. */
export const getLine = (): Promise<Hear> =>
  once("line", async () => (await start()).loadLine(`${folderOf("line")}model.json`));

const folderOf = (name: string): string => new URL(`models/${name}/`, document.baseURI).href;

async function load(name: ModelName): Promise<Network> {
  const card = fetch(`${folderOf(name)}card.json`).then((response) => response.json());
  const { Network } = await start();
  return Network.load(await card, `${folderOf(name)}model.json`);
}

/** Bring in what knows TensorFlow.js, ready to compute. */
async function start(): Promise<typeof import("./model")> {
  const model = await import("./model");
  const files = {
    "tfjs-backend-wasm.wasm": plain,
    "tfjs-backend-wasm-simd.wasm": simd,
    // Threads need headers that static hosts do not send; it is never asked for without them.
    "tfjs-backend-wasm-threaded-simd.wasm": simd,
  };
  document.documentElement.dataset["backend"] = await once("backend", () => model.startBackend(files));
  return model;
}
