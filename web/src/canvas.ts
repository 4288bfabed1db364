/** The paper: strokes by mouse, finger, pen or keyboard, or a picture laid on it. */

import type { Seen } from "./finder";
import type { Written } from "./reading";
import type { Grey } from "./raster";
import { brightness, drawnInk } from "./ink";

/** On the paper, in its pixels. */
export type Point = readonly [x: number, y: number];

interface Stroke {
  readonly brush: number;
  readonly points: Point[];
}

/** How far an arrow key moves the pen, in pixels of the paper. */
const STEP = 10;
/** Pictures are kept at most so wide or high, in pixels, and refused if a side is shorter than the least. */
const LARGEST = 1000;
const LEAST = 8;

/** A file that cannot be read as a picture; its message says why. */
export class Unreadable extends Error {}

/** Paper of a fixed size in its own pixels, shown at any size on the screen. */
export class Paper {
  /** Diameter of the pen in pixels of the paper. */
  brush = 18;
  private strokes: Stroke[] = [];
  private laid: { readonly picture: ImageBitmap; readonly seen: Seen } | null = null;
  /** Counts what people do: a picture that took its time must not wipe out what was drawn meanwhile. */
  private turns = 0;
  private drawing = new Map<number, Stroke>();
  private cursor: Point | null = null;
  private readonly screen: CanvasRenderingContext2D;
  /** Where strokes are painted for reading: in the paper's own pixels, whatever the screen's. */
  private readonly hidden: CanvasRenderingContext2D;

  /** `changed` is called after whatever changes what stands on the paper. */
  constructor(
    private readonly shown: HTMLCanvasElement,
    private readonly changed: () => void,
  ) {
    this.screen = shown.getContext("2d")!;
    this.hidden = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    shown.addEventListener("pointerdown", (event) => this.begin(event));
    shown.addEventListener("pointermove", (event) => this.follow(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      shown.addEventListener(end, (event) => this.drawing.delete(event.pointerId) && this.changed());
    }
    shown.addEventListener("keydown", (event) => this.press(event));
    shown.addEventListener("blur", () => this.hidePen());
    new ResizeObserver(() => this.show()).observe(shown);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show());
  }

  get width(): number {
    return this.hidden.canvas.width;
  }

  get height(): number {
    return this.hidden.canvas.height;
  }

  /** Whether the pen is on the paper. */
  get isDrawing(): boolean {
    return this.drawing.size > 0;
  }

  get isEmpty(): boolean {
    return !this.strokes.length && !this.laid;
  }

  /** Take a fresh sheet of so many pixels; a picture stays on it. */
  resize([width, height]: readonly [number, number]): void {
    this.hidden.canvas.width = width;
    this.hidden.canvas.height = height;
    this.shown.style.aspectRatio = `${width} / ${height}`;
    this.strokes = [];
    this.drawing.clear();
    this.refresh();
  }

  clear(): void {
    this.turns++;
    this.strokes = [];
    this.drawing.clear();
    this.laid?.picture.close();
    this.laid = null;
    this.refresh();
  }

  /** Take back the last stroke, or the picture. */
  undo(): void {
    if (!this.strokes.pop()) return this.clear();
    this.refresh();
  }

  /**
   * Lay a picture on a fresh sheet, unless something else is put on this one meanwhile.
   *
   * `look` sees what is written on it, from its brightness, or gives up where it is late. It throws `Unreadable` where
   * the file is no picture, or none of a size to read.
   */
  async lay(file: Blob, look: (grey: Grey, isLate: () => boolean) => Promise<Seen | null>): Promise<void> {
    const turn = ++this.turns;
    const isLate = () => turn !== this.turns;
    let picture: ImageBitmap | null = null;
    try {
      picture = await decoded(file);
      const { width, height } = picture;
      const flat = new OffscreenCanvas(width, height).getContext("2d")!;
      flat.drawImage(picture, 0, 0);
      const seen = await look(brightness(flat.getImageData(0, 0, width, height).data, width, height), isLate);
      if (!seen || isLate()) return picture.close();
      this.clear();
      this.laid = { picture, seen };
      this.refresh();
    } catch (error) {
      picture?.close();
      if (!isLate()) throw error;
    }
  }

  /** Return what is drawn, or what is seen on the picture, and the way from its pixels to those of the paper. */
  ink(): { ink: Written; toPaper: (point: Point) => Point } {
    if (!this.laid) {
      const { data } = this.hidden.getImageData(0, 0, this.width, this.height);
      const paint = new Uint8Array(data.length / 4);
      for (let i = 0; i < paint.length; i++) paint[i] = data[4 * i + 3];
      return { ink: drawnInk(paint, this.width, this.height), toPaper: (point) => point };
    }
    const { picture, seen } = this.laid;
    const [left, top, factor] = this.fit(picture);
    const scale = (factor * picture.width) / seen.ink.width;
    return { ink: seen, toPaper: ([x, y]) => [left + x * scale, top + y * scale] };
  }

  private begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.shown.setPointerCapture(event.pointerId);
    this.turns++;
    if (this.laid) this.clear();
    this.hidePen();
    const stroke = { brush: this.brush, points: [this.pointOf(event)] };
    this.strokes.push(stroke);
    this.drawing.set(event.pointerId, stroke);
    this.refresh();
  }

  private follow(event: PointerEvent): void {
    const stroke = this.drawing.get(event.pointerId);
    if (!stroke) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) stroke.points.push(this.pointOf(each));
    this.refresh();
  }

  private press(event: KeyboardEvent): void {
    const moves: Record<string, Point> = {
      ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
    };
    const move = moves[event.key];
    if (move) this.movePen(move);
    else if (event.key === " ") this.togglePen();
    else if (event.key.toLowerCase() === "z") this.undo();
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else return;
    event.preventDefault();
  }

  private movePen([dx, dy]: Point): void {
    const [x, y] = this.cursor ?? [this.width / 2, this.height / 2];
    const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most);
    this.cursor = [clamp(x + dx, this.width), clamp(y + dy, this.height)];
    this.drawing.get(-1)?.points.push(this.cursor);
    this.refresh();
  }

  private togglePen(): void {
    this.cursor ??= [this.width / 2, this.height / 2];
    this.turns++;
    if (!this.drawing.delete(-1)) {
      const stroke = { brush: this.brush, points: [this.cursor] };
      if (this.laid) this.clear();
      this.strokes.push(stroke);
      this.drawing.set(-1, stroke);
    }
    this.refresh();
  }

  private hidePen(): void {
    this.cursor = null;
    if (this.drawing.delete(-1)) this.changed();
    this.show();
  }

  private pointOf(event: PointerEvent): Point {
    const { left, top, width, height } = this.shown.getBoundingClientRect();
    return [((event.clientX - left) * this.width) / width, ((event.clientY - top) * this.height) / height];
  }

  private refresh(): void {
    this.hidden.clearRect(0, 0, this.width, this.height);
    this.paint(this.hidden, "#000");
    this.show();
    this.changed();
  }

  /** Show the sheet as sharp as the screen can. */
  private show(): void {
    const scale = devicePixelRatio * (this.shown.clientWidth / this.width || 1);
    this.shown.width = Math.round(this.width * scale);
    this.shown.height = Math.round(this.height * scale);
    this.screen.setTransform(scale, 0, 0, scale, 0, 0);
    if (this.laid) {
      const { picture } = this.laid;
      const [left, top, factor] = this.fit(picture);
      this.screen.drawImage(picture, left, top, picture.width * factor, picture.height * factor);
    }
    const style = getComputedStyle(this.shown);
    this.paint(this.screen, style.color);
    if (this.cursor) this.showPen(style.outlineColor);
  }

  private showPen(colour: string): void {
    const pen = this.screen;
    pen.beginPath();
    pen.arc(...(this.cursor as [number, number]), this.brush / 2 + 3, 0, 2 * Math.PI);
    pen.strokeStyle = colour;
    pen.lineWidth = this.drawing.has(-1) ? 4 : 2;
    pen.stroke();
  }

  private paint(pen: CanvasRenderingContext2D, colour: string): void {
    pen.strokeStyle = colour;
    [pen.lineCap, pen.lineJoin] = ["round", "round"];
    for (const { brush, points } of this.strokes) {
      pen.lineWidth = brush;
      pen.beginPath();
      pen.moveTo(...(points[0] as [number, number]));
      for (const point of points.length > 1 ? points.slice(1) : points) pen.lineTo(...(point as [number, number]));
      pen.stroke();
    }
  }

  /** Return where a picture lies so that all of it shows: left, top and factor. */
  private fit({ width, height }: ImageBitmap): [number, number, number] {
    const factor = Math.min(this.width / width, this.height / height);
    return [(this.width - width * factor) / 2, (this.height - height * factor) / 2, factor];
  }
}

/** Return the picture in a file, no larger than it is kept. */
async function decoded(file: Blob): Promise<ImageBitmap> {
  const whole = await createImageBitmap(file).catch(() => {
    throw new Unreadable("This file cannot be read as a picture.");
  });
  const { width, height } = whole;
  if (Math.min(width, height) < LEAST) {
    whole.close();
    throw new Unreadable(`This picture has ${width} x ${height} pixels; at least ${LEAST} x ${LEAST} are needed.`);
  }
  const factor = Math.min(1, LARGEST / Math.max(width, height));
  const [resizeWidth, resizeHeight] = [width, height].map((side) => Math.max(LEAST, Math.ceil(side * factor)));
  const small = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: "high" });
  whole.close();
  return small;
}
