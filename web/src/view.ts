/** Showing a reading: words, bars, boxes and pictures. */

import type { Answer } from "./answer";
import { DIGITS, inWords, percent } from "./answer";
import type { Grey } from "./raster";
import { largest } from "./raster";
import type { Reading } from "./reading";
import { spell } from "./reading";

const find = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

/** Screen readers hear an answer once it has stood for so many milliseconds: while you draw it changes. */
const SETTLED = 700;

const INVITATION = {
  digit: "Draw a digit from 0 to 9. The answer appears here as you draw.",
  number: "Write a number. The answer appears here as you write.",
};

export type Mode = keyof typeof INVITATION;

let settling = 0;

/** Show that there is nothing to read; `words` says why. */
export function showNothing(mode: Mode, words = INVITATION[mode]): void {
  say("", "empty", words);
  for (const id of ["bars", "digits", "inside"]) find(id).hidden = true;
  showBoxes([], 1, 1);
}

/** Show one digit with its probabilities and steps. */
export function showDigit({ answer, framed }: Reading, ink: Grey): void {
  say(answer.label ?? "?", answer.status, inWords(answer));
  showBars(answer);
  find("digits").hidden = true;
  find("inside").hidden = false;
  const steps = [["Ink found", ink] as const, ...framed.steps];
  find("steps").replaceChildren(...steps.map(([title, picture]) => figure(picture, title)));
  showBoxes([], 1, 1);
}

/** Show several digits in order; `tooMany` says that one was expected. */
export function showNumber(readings: readonly Reading[], tooMany: boolean): void {
  const doubtful = readings.filter(({ answer }) => answer.status !== "digit").length;
  const words = tooMany
    ? `Several ${readings[0].answer.labels === DIGITS ? "digits" : "characters"}, read one by one.`
    : doubtful
      ? `Not sure of ${doubtful} of ${readings.length}: ${doubtful > 1 ? "they are" : "it is"} marked.`
      : `Sure of ${readings.length > 1 ? `all ${readings.length}` : "it"}.`;
  say(spell(readings), doubtful ? "unsure" : "digit", words);
  find("bars").hidden = find("inside").hidden = true;
  find("digits").hidden = false;
  find("digits").replaceChildren(
    ...readings.map(({ answer, framed }) => {
      const sure = answer.label === null ? "no digit" : percent(answer.probabilities[answer.ranking[0]]);
      const shown = figure(framed.image, `${answer.label ?? "?"} · ${sure}`);
      shown.dataset["status"] = answer.status;
      return shown;
    }),
  );
}

/** Frame the digits on the paper; boxes are left, top, width, height and status, in pixels of the paper. */
export function showBoxes(
  boxes: readonly (readonly [number, number, number, number, string])[],
  width: number,
  height: number,
): void {
  const share = (value: number, whole: number) => `${(100 * value) / whole}%`;
  find("boxes").replaceChildren(
    ...boxes.map(([x, y, w, h, status]) => {
      const box = document.createElement("div");
      box.dataset["status"] = status;
      [box.style.left, box.style.top] = [share(x, width), share(y, height)];
      [box.style.width, box.style.height] = [share(w, width), share(h, height)];
      return box;
    }),
  );
}

/** Show the channels of the first layer, all on the same scale; faint answers are brightened. */
export function showChannels(channels: readonly Grey[]): void {
  const full = Math.max(1e-6, ...channels.map(({ data }) => largest(data)));
  const pictures = channels.map((channel, i) => {
    const even = { ...channel, data: channel.data.map((value) => Math.sqrt(value / full)) };
    return figure(even, `Filter ${i + 1}`);
  });
  find("channels").replaceChildren(...pictures);
}

function say(text: string, status: string, words: string): void {
  find("answer").textContent = text;
  find("answer").dataset["status"] = status;
  find("status").textContent = words;
  clearTimeout(settling);
  settling = window.setTimeout(() => (find("spoken").textContent = text ? `${text}. ${words}` : words), SETTLED);
}

/** Show the digits in their order, or the ten likeliest of other labels, the likeliest first. */
function showBars({ probabilities, ranking, labels }: Answer): void {
  const list = find("bars");
  list.hidden = !probabilities.length;
  const shown = labels === DIGITS ? [...probabilities.keys()] : ranking.slice(0, DIGITS.length);
  if (list.children.length !== shown.length) list.replaceChildren(...shown.map(bar));
  shown.forEach((place, number) => {
    const row = list.children[number] as HTMLElement;
    row.classList.toggle("first", place === ranking[0]);
    row.children[0].textContent = labels[place];
    (row.children[1].firstChild as HTMLElement).style.width = `${100 * probabilities[place]}%`;
    row.children[2].textContent = percent(probabilities[place]);
  });
}

function bar(): HTMLLIElement {
  const row = document.createElement("li");
  const [name, track, share] = ["b", "span", "span"].map((kind) => document.createElement(kind));
  [track.className, share.className] = ["track", "share"];
  track.append(document.createElement("i"));
  row.append(name, track, share);
  return row;
}

/** Return a picture with its title; bright ink on black, as the network sees it. */
function figure({ width, height, data }: Grey, title: string): HTMLElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const pixels = new ImageData(width, height);
  data.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", title);
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  caption.ariaHidden = "true";
  const shown = document.createElement("figure");
  shown.append(canvas, caption);
  return shown;
}
