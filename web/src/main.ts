/** The page: paper, models and answer joined. */

import { takePicture } from "./camera";
import type { Point } from "./canvas";
import { Paper, Unreadable } from "./canvas";
import type { Eyes } from "./finder";
import { see } from "./finder";
import { onPaper } from "./ink";
import { readMemory } from "./memory";
import type { Network } from "./model";
import type { ModelName } from "./models";
import { FIRST, getEyes, getLine, getNetwork } from "./models";
import type { Hear } from "./numbers";
import type { Reading, Written } from "./reading";
import { inkOf, readDigit, readNumber, spell } from "./reading";
import type { Mode } from "./view";
import { showBoxes, showChannels, showDigit, showNothing, showNumber } from "./view";

const SHEETS = { digit: [280, 280], number: [680, 300] } as const;
/** So many milliseconds the careful model waits for the worker that is to keep it. */
const PATIENCE = 10_000;
/** A pen that has not moved for so many milliseconds rests. */
const RESTED = 600;
const NO_INK = "I see no ink on this picture. Is the writing dark enough?";
const NOTHING = "I see nothing here that could be read. What helps: upright, whole, side by side.";

const INVITED = {
  digit: "Draw a letter or a digit. The answer appears here as you draw.",
  number: "Write a word or a code, its letters apart. The answer appears here as you write.",
};

const find = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const maps = find<HTMLDetailsElement>("maps");

let mode: Mode = "digit";
let network: Network | null = null;
let eyes: Eyes | null = null;
let hear: Hear | null = null;
let resting = 0;
/** What was read last, before any look. */
let last: readonly Reading[] = [];
let waiting = false;

const paper = new Paper(find<HTMLCanvasElement>("canvas"), () => {
  find("invitation").hidden = !paper.isEmpty;
  readSoon();
});

/** Read before the next picture on the screen, once, however much has changed. */
function readSoon(): void {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    read();
    clearTimeout(resting);
    resting = window.setTimeout(lookAtDrawing, RESTED);
  });
}

function read(): void {
  if (paper.isEmpty) return showNothing(mode, network?.readsLetters ? INVITED[mode] : undefined);
  if (!network) return showNothing(mode, "One moment: the model is being loaded.");
  performance.mark("read");
  const { ink, toPaper } = paper.ink();
  const thorough = paper.isDrawing ? null : eyes; // half a digit is in doubt as long as it is drawn
  const readings = mode === "number" ? readNumber(ink, network, hear) : readDigit(ink, network, thorough);
  performance.measure("answer", "read"); // scripts/measure.py
  show(readings, ink, toPaper);
  last = readings;
}

/**
 * Look at a number that was drawn as at a picture of it, so that what touches falls apart: once the pen rests, where
 * its strokes are in doubt. The line reader hears it once, for whoever goes on writing has to wait.
 */
function lookAtDrawing(): void {
  if (mode !== "number" || paper.isEmpty || paper.isDrawing) return;
  // What stands apart is judged best by its strokes: a tall thick one is none that the finder knows.
  if (last.length && last.every(({ answer }) => answer.status === "digit")) return;
  if (!network || network.readsLetters || !eyes) return;
  if (!hear) return void listen();
  const { ink, toPaper } = paper.ink();
  if (!("data" in ink)) return;
  const seen = see(onPaper(ink), eyes);
  const scale = ink.width / seen.ink.width;
  const readings = readNumber(seen, network, hear, 1);
  if (readings.length < last.length || spell(readings) === spell(last)) return;
  show(readings, seen, ([x, y]) => toPaper([x * scale, y * scale]));
}

function show(readings: readonly Reading[], ink: Written, toPaper: (point: Point) => Point): void {
  if (!readings.length) return showNothing(mode, "data" in ink ? NOTHING : NO_INK);
  if (mode === "digit" && readings.length === 1) {
    showDigit(readings[0], inkOf(ink));
    if (maps.open) showChannels(network!.firstLayer(readings[0].framed.image));
    return;
  }
  showNumber(readings, mode === "digit");
  const boxes = readings.map(({ box: [x, y, width, height], answer }) => {
    const [left, top] = toPaper([x, y]);
    const [right, foot] = toPaper([x + width, y + height]);
    return [left, top, right - left, foot - top, answer.status] as const;
  });
  showBoxes(boxes, paper.width, paper.height);
}

async function use(name: ModelName): Promise<void> {
  const wanted = () => document.querySelector<HTMLInputElement>("input[name=model]:checked")?.value === name;
  const loading = setTimeout(() => wanted() && tell("Loading…"), 300);
  try {
    const loaded = await getNetwork(name);
    if (!wanted()) return;
    network = loaded;
    network.remember(null);
    find("forget").hidden = true;
    tell("");
    readSoon();
  } catch {
    if (wanted()) tell("This model could not be loaded: no network? The other one goes on reading.");
  } finally {
    clearTimeout(loading);
  }
}

/** Read with the memory of a hand from now on, or without one. */
async function remember(file: ArrayBuffer | null): Promise<void> {
  try {
    const memory = file && (await readMemory(file));
    if (!network) throw new Error("One moment: the model is being loaded. Then choose the file again.");
    network.remember(memory);
    tell(memory ? `Your hand: ${memory.name}, ${memory.size} digits.` : "");
    find("forget").hidden = !memory;
    readSoon();
  } catch (error) {
    tell((error as Error).message);
  }
}

const tell = (words: string) => void (find("loading").textContent = words);

/** Answer with the tiny model at once, then fetch the careful one: through the worker, which keeps it. */
async function start(): Promise<void> {
  try {
    network = await getNetwork(FIRST);
  } catch {
    return showNothing(mode, "The model could not be loaded. Please load the page again.");
  }
  performance.mark("ready"); // scripts/measure.py
  document.documentElement.dataset["ready"] = "yes";
  readSoon();
  await keepForOffline();
  const chosen = document.querySelector<HTMLInputElement>("input[name=model]:checked")!.value as ModelName;
  await use(chosen);
  eyes = await getEyes().catch(() => null); // they are asked for again with the first picture
  readSoon();
  document.documentElement.dataset["complete"] = "yes";
}

/** Bring in what reads numbers as a whole; until it is there they are read digit by digit. */
async function listen(): Promise<void> {
  if (mode !== "number" || hear) return;
  hear = await getLine().catch(() => null); // it is asked for again with the next picture
  if (!hear) return;
  document.documentElement.dataset["hears"] = "yes";
  if (!paper.isEmpty) readSoon();
}

async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return;
  const registered = navigator.serviceWorker.register("sw.js").then(() => navigator.serviceWorker.ready);
  const late = new Promise((go) => setTimeout(go, PATIENCE));
  await Promise.race([registered, late]).catch(() => undefined); // a private window may refuse: it reads without
}

async function lay(file: Blob | null | undefined): Promise<void> {
  if (!file) return;
  clearTimeout(resting); // what is told now stays
  showNothing(mode, "Looking at the picture…");
  try {
    await paper.lay(file, async (grey, isLate) => {
      const loaded = await getEyes().catch(() => {
        throw new Unreadable("What sees the writing on pictures could not be loaded: no network? Please try again.");
      });
      eyes = loaded;
      await new Promise((shown) => setTimeout(shown, 50)); // what is told is on the screen first
      if (isLate()) return null;
      performance.mark("look");
      const seen = see(grey, loaded);
      performance.measure("seen", "look"); // scripts/measure.py
      return seen;
    });
    void listen();
  } catch (error) {
    showNothing(mode, error instanceof Unreadable ? error.message : "This picture is too much for this device.");
  }
}

find("clear").onclick = () => paper.clear();
find("undo").onclick = () => paper.undo();
find<HTMLInputElement>("brush").oninput = (event) => {
  paper.brush = Number((event.target as HTMLInputElement).value);
};
find<HTMLInputElement>("file").onchange = async (event) => {
  const input = event.target as HTMLInputElement;
  await lay(input.files?.[0]);
  input.value = ""; // the same file may be chosen again
};
find<HTMLInputElement>("hand").onchange = async (event) => {
  const input = event.target as HTMLInputElement;
  const file = input.files?.[0];
  if (file) await remember(await file.arrayBuffer());
  input.value = "";
};
find("forget").onclick = () => void remember(null);
find("camera").onclick = async () => {
  const viewfinder = find<HTMLDialogElement>("viewfinder");
  await takePicture(viewfinder).then(lay, () => showNothing(mode, "There is no camera, or it may not be used."));
};
find("mode").onchange = (event) => {
  mode = (event.target as HTMLInputElement).value as Mode;
  document.body.dataset["mode"] = mode;
  paper.resize(SHEETS[mode]);
  void listen();
};
find("model").onchange = (event) => void use((event.target as HTMLInputElement).value as ModelName);
maps.ontoggle = () => readSoon();
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  void lay(event.dataTransfer?.files[0]);
});

document.body.dataset["mode"] = mode;
paper.resize(SHEETS[mode]);
void start();
