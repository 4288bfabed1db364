// The picture with its boxes, the walk through what is doubtful, and the grid. All moving happens here; what a
// person does is a log of actions, each with a number, that is sent until the server says it has taken them.

const TOOLS = ["draw", "split", "merge", "empty", "delete", "row", "column"];
const ONWARD = ["why", "break", "teach"];
const AROUND = 0.35; // shown around a box, as a share of its longer side

class Desk {
  constructor(root) {
    this.root = root;
    this.mount = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.count = 0; // actions so far
    this.log = []; // those that the server has not taken yet
    this.past = new Map(); // what was said before, by key: for Esc
    this.chosen = null;
    this.also = new Set(); // chosen besides, to be joined
    this.dirty = false; // something is typed that is not said yet
    this.inGrid = false;
    const one = (name) => root.querySelector(name);
    [this.walk, this.canvas, this.input, this.left] = [".walk", "canvas", "input", ".left"].map(one);
    [this.paper, this.image, this.svg, this.table] = [".paper", "img", "svg", "table"].map(one);
    this.inner = one(".inner");
    this.button = (name) => one(`button[data-do=${name}]`);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("focus", () => this.dirty || this.input.select());
    this.input.addEventListener("blur", () => this.commit());
    for (const button of root.querySelectorAll("button[data-do]")) {
      // The text box keeps the focus, so that a phone keeps its keyboard.
      button.addEventListener("pointerdown", (event) => button.closest(".keys") && event.preventDefault());
      button.addEventListener("click", () => this.press(button.dataset.do));
    }
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("keydown", (event) => this.arrow(event));
    this.table.addEventListener("click", (event) => this.clickCell(event));
    this.table.addEventListener("keydown", (event) => this.cellKey(event));
    root.addEventListener("keydown", (event) => {
      event.stopPropagation(); // Streamlit has keys of its own, and does not see that a text box is within
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !this.dirty) {
        event.preventDefault();
        this.act({ do: "undo" });
      }
    });
    new ResizeObserver(() => this.place()).observe(this.image);
    this.image.addEventListener("load", () => this.image.naturalWidth && this.redraw());
  }

  update(data, send) {
    this.send = send;
    if (data.applied[0] === this.mount) this.log = this.log.filter((action) => action.n > data.applied[1]);
    const other = !this.data || this.data.name !== data.name;
    this.data = data;
    const before = this.items;
    this.items = new Map(data.items.map((item) => [item.k, item]));
    for (const action of this.log) {
      if (action.do === "say" && action.name === data.name && this.items.has(action.key)) {
        this.items.get(action.key).s = action.text;
      }
    }
    this.walked = data.items.filter((item) => item.d).sort((a, b) => a.p - b.p).map((item) => item.k);
    if (other) {
      this.past.clear();
      this.dirty = false;
    }
    if (other && this.items.has(data.chosen)) this.chosen = data.chosen;
    else if (other || !this.items.has(this.chosen)) this.chosen = this.waiting()[0] ?? data.items[0]?.k ?? null;
    const fresh = !other && data.tells && data.items.find((item) => !before.has(item.k));
    if (fresh && this.drew) this.choose(fresh.k); // to be named
    this.drew &&= !fresh;
    this.also = new Set([...this.also].filter((key) => this.items.has(key) && key !== this.chosen));
    this.inner.className = `inner ${data.kind}`;
    this.paper.classList.toggle("margin", data.one);
    for (const name of TOOLS) this.button(name).hidden = !data.tools.includes(name);
    for (const name of ONWARD) this.button(name).hidden = !data.onward.includes(name);
    this.button("confirm").textContent = data.tells ? "✓ Keep" : "✓ Right";
    this.input.maxLength = data.longest;
    this.input.inputMode = data.one && !data.letters ? "numeric" : "text";
    this.find(data.picture, 100);
    this.redraw();
  }

  // The picture itself stands elsewhere on the page, where it is sent once.
  find(name, tries) {
    const there = document.querySelector(`img.sheet-${name}`);
    if (there) {
      if (this.image.src !== there.src) this.image.src = there.src;
      this.image.alt = there.alt;
    } else if (tries > 0 && this.data.picture === name) {
      setTimeout(() => this.find(name, tries - 1), 50);
    }
  }

  text(item) { return item.s ?? item.r; }
  shown(item) { return this.text(item) === "?" ? "" : this.text(item); }
  state(item) { return item.s !== null ? "corrected" : item.d ? "doubtful" : item.r ? "sure" : "blank"; }
  waiting() { return this.walked.filter((key) => this.items.get(key).s === null); }

  act(action) {
    this.drew ||= action.do === "add";
    this.log.push({ ...action, n: ++this.count, name: this.data.name });
    this.send("log", { mount: this.mount, actions: this.log });
  }

  say(key, text, remember = true) {
    const item = this.items.get(key);
    if (remember) this.past.set(key, [...(this.past.get(key) ?? []), item.s]);
    item.s = text;
    this.act({ do: "say", key, text });
    this.redraw();
  }

  // ---- the walk ----

  choose(key, focus = true) {
    if (this.dirty) this.commit();
    if (this.data.tells && key !== this.chosen) this.act({ do: "choose", key });
    this.chosen = key;
    this.also.clear();
    this.dirty = false;
    this.redraw();
    if (focus) {
      this.input.focus({ preventScroll: true });
      this.input.select();
    }
  }

  typed() {
    this.dirty = true;
    const others = this.data.letters ? /[^0-9A-Za-z]/g : /\D/g;
    if (this.data.one) this.input.value = this.input.value.replace(others, "").slice(-1);
    const cell = this.table.querySelector("td.chosen");
    if (cell) cell.textContent = this.input.value;
  }

  commit() {
    const item = this.items?.get(this.chosen);
    if (!item || !this.dirty) return;
    this.dirty = false;
    const text = this.input.value.trim();
    if (text !== this.text(item)) this.say(this.chosen, text);
    else this.redraw();
  }

  step(by) {
    this.commit();
    this.inGrid = false;
    const order = by > 0 ? this.walked : [...this.walked].reverse();
    const here = order.indexOf(this.chosen);
    const turned = [...order.slice(here + 1), ...order.slice(0, Math.max(here, 0))];
    const next = turned.find((key) => by < 0 || this.items.get(key).s === null);
    if (next !== undefined) this.choose(next);
    else if (by > 0 && this.data.more && !this.waiting().length) this.act({ do: "next" });
  }

  confirm() {
    const item = this.items.get(this.chosen);
    if (this.dirty || !item) return this.step(1);
    const text = this.shown(item);
    if (text.includes("?")) {
      this.left.textContent = "Type what it says: a ? is no answer.";
      return this.input.select();
    }
    if (item.s === null) this.say(this.chosen, text);
    this.step(1);
  }

  revert() {
    const item = this.items.get(this.chosen);
    if (this.dirty) {
      this.dirty = false;
      this.redraw();
    } else if (item && item.s !== null) {
      const past = this.past.get(this.chosen) ?? [];
      this.say(this.chosen, past.pop() ?? null, false);
    }
    this.input.select();
  }

  key(event) {
    const whole = this.input.selectionEnd - this.input.selectionStart === this.input.value.length;
    const does = {
      Enter: () => (this.inGrid ? this.downCell(1, 0) : this.step(1)),
      Escape: () => this.revert(),
      ArrowUp: () => (this.inGrid ? this.downCell(-1, 0) : this.step(-1)),
      ArrowDown: () => (this.inGrid ? this.downCell(1, 0) : this.step(1)),
    };
    if (event.isComposing) return;
    if (event.key === " " && !this.dirty && whole) does[" "] = () => this.confirm();
    if (event.key === "Tab") {
      // No trap: where nothing waits any more Tab leaves, as it does before the first.
      const first = this.walked.indexOf(this.chosen) <= 0;
      this.commit();
      if (event.shiftKey ? first : !this.waiting().some((key) => key !== this.chosen)) return;
      does.Tab = () => this.step(event.shiftKey ? -1 : 1);
    }
    if (does[event.key]) {
      event.preventDefault();
      does[event.key]();
    }
  }

  press(name) {
    const key = this.chosen;
    if (name === "back") this.step(-1);
    if (name === "next") this.step(1);
    if (name === "confirm") this.confirm();
    if (name === "revert") this.revert();
    if (name === "draw") this.drawing(!this.paper.classList.contains("drawing"));
    if (name === "row" || name === "column") this.act({ do: "add", way: name });
    if (name === "empty" && key !== null) this.say(key, "");
    if (name === "delete" && key !== null) this.act({ do: "delete", key });
    if (name === "split" && key !== null) this.act({ do: "split", key });
    if (ONWARD.includes(name) && key !== null) this.act({ do: "go", to: name, key });
    if (name === "merge" && key !== null) {
      const keys = this.also.size ? [key, ...this.also] : [key, this.right(key)];
      if (keys[1] !== null) this.act({ do: "merge", keys });
    }
  }

  // ---- what is seen ----

  redraw() {
    if (!this.data) return;
    this.drawWalk();
    this.drawBoxes();
    this.drawGrid();
    this.place();
  }

  drawWalk() {
    const item = this.items.get(this.chosen);
    const waiting = this.waiting().length;
    const total = this.walked.length;
    this.walk.className = `walk ${item ? this.state(item) : ""}`;
    const { told, more } = this.data;
    const on = more ? ` Enter goes on: ${more} more picture${more > 1 ? "s" : ""}.` : "";
    this.left.textContent = waiting ? `${waiting} of ${total} left` : (total ? `${total > 1 ? `All ${total}` : "The only one"} ${told[1]}` : told[0]) + on;
    for (const name of ["confirm", "revert", "split", "merge", "empty", "delete", ...ONWARD]) {
      this.button(name).disabled = !item;
    }
    this.button("back").disabled = !total;
    this.button("next").disabled = !total && !more;
    this.input.disabled = !item;
    if (!item) return;
    this.root.querySelector(".title").textContent = item.t;
    this.root.querySelector(".read").textContent = item.n;
    const asked = this.data.tells ? "what is it called?" : "what does it say?";
    this.input.setAttribute("aria-label", `${item.t}: ${asked} ${item.n}. ${this.left.textContent}`);
    this.input.placeholder = this.text(item) === "?" ? "?" : this.data.tells ? "name" : "blank";
    if (!this.dirty && this.input.value !== this.shown(item)) {
      this.input.value = this.shown(item);
      if (this.root.activeElement === this.input) this.input.select();
    }
    this.drawCell(item);
  }

  drawCell(item) {
    const [x, y, w, h] = item.b;
    const box = this.canvas.getBoundingClientRect();
    const scale = this.image.naturalWidth / this.data.size[0];
    if (!scale || !box.width) return;
    const [width, height] = [box.width, box.height].map((side) => Math.round(side * devicePixelRatio));
    Object.assign(this.canvas, { width, height });
    this.canvas.setAttribute("aria-label", `${item.t}, large`);
    const around = AROUND * Math.min(w, h);
    const factor = Math.min(width / (w + 2 * around), height / (h + 2 * around));
    const left = x + w / 2 - width / 2 / factor;
    const top = y + h / 2 - height / 2 / factor;
    const pen = this.canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.image, left * scale, top * scale, (width / factor) * scale, (height / factor) * scale,
      0, 0, width, height);
    pen.fillStyle = "#80849588"; // what is beside the box is dimmed
    const [a, b, c, d] = [(x - left) * factor, (y - top) * factor, w * factor, h * factor];
    pen.fill(new Path2D(`M0 0H${width}V${height}H0ZM${a} ${b}V${b + d}H${a + c}V${b}Z`));
  }

}

Object.assign(Desk.prototype, sheet, grid);

export default function (component) {
  const root = component.parentElement;
  if (!root.desk?.inner.isConnected) root.desk = new Desk(root);
  root.desk.update(component.data, component.setStateValue);
}
