// The picture with its boxes, the walk through what is doubtful, and the grid. All moving happens here; what a
// person does is a log of actions, each with a number, that is sent until the server says it has taken them.

const SVG = "http://www.w3.org/2000/svg";
const DRAG = 4; // pixels of the screen below which a press is a click
const STEP = 0.01; // of the picture's longer side, that an arrow moves a box
const PAUSE = 700; // milliseconds after the last arrow until a box is read anew
const FEW = 200; // boxes that are looked at for room between lines
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
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !this.dirty) {
        event.preventDefault();
        event.stopPropagation();
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
    if (other || !this.items.has(this.chosen)) this.chosen = this.waiting()[0] ?? data.items[0]?.k ?? null;
    this.also = new Set([...this.also].filter((key) => this.items.has(key) && key !== this.chosen));
    this.inner.className = `inner ${data.kind}`;
    this.paper.classList.toggle("margin", data.one);
    for (const [name, needed] of Object.entries({ draw: data.one, row: !data.one, column: !data.one })) {
      this.button(name).hidden = !needed;
    }
    this.input.maxLength = data.longest;
    this.input.inputMode = data.one ? "numeric" : "text";
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
    if (this.data.one) this.input.value = this.input.value.replace(/\D/g, "").slice(-1);
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
    return next !== undefined;
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
      event.stopPropagation();
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
    if (name === "split" && key !== null) this.act({ do: "split", key });
    if (name === "merge" && key !== null) {
      const keys = this.also.size ? [key, ...this.also] : [key, this.right(key)];
      if (keys[1] !== null) this.act({ do: "merge", keys });
    }
  }

  // The nearest box that begins right of the middle of this one, and is beside it.
  right(key) {
    const [x, y, w, h] = this.items.get(key).b;
    const beside = [...this.items.values()].filter(({ k, b }) =>
      k !== key && b[0] >= x + w / 2 && Math.min(y + h, b[1] + b[3]) - Math.max(y, b[1]) > 0.4 * Math.min(h, b[3]));
    return beside.sort((a, b) => a.b[0] - b.b[0])[0]?.k ?? null;
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
    this.left.textContent = !total ? "Nothing is doubtful. Click a box to put it right."
      : waiting ? `${waiting} of ${total} left` : `All ${total} doubtful ones are put right.`;
    for (const name of ["confirm", "revert", "split", "merge", "empty"]) this.button(name).disabled = !item;
    for (const name of ["back", "next"]) this.button(name).disabled = !total;
    this.input.disabled = !item;
    if (!item) return;
    const read = item.r ? `Read as ${item.r}, ${item.c} sure` : `Read as blank, ${item.c} sure`;
    const said = item.s === null ? "" : item.s === item.r ? ": confirmed by you" : ": put right by you";
    this.root.querySelector(".title").textContent = item.t;
    this.root.querySelector(".read").textContent = read + said;
    this.input.setAttribute("aria-label", `${item.t}: what does it say? ${read}${said}. ${this.left.textContent}`);
    this.input.placeholder = this.text(item) === "?" ? "?" : "blank";
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

  drawBoxes() {
    const { size, one, items } = this.data;
    const sides = items.map((item) => (one ? item.b[3] : Math.min(item.b[2], item.b[3]))).sort((a, b) => a - b);
    const middle = sides[sides.length >> 1] ?? 0;
    const letter = one ? Math.max(Math.min(0.4 * middle, 0.06 * size[0], above(items) / 1.4), 0.015 * size[0])
      : Math.min(0.28 * middle, 0.05 * size[0]);
    this.svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    this.svg.style.fontSize = `${letter}px`;
    this.svg.replaceChildren(...[...items].sort((a, b) => (a.k === this.chosen) - (b.k === this.chosen))
      .map((item) => this.drawBox(item, letter)));
  }

  drawBox(item, letter) {
    const group = document.createElementNS(SVG, "g");
    const isChosen = item.k === this.chosen || this.also.has(item.k);
    group.setAttribute("class", `item ${this.state(item)} ${isChosen ? "chosen" : ""}`);
    group.dataset.key = item.k;
    const gap = this.data.one ? 0 : 0.06 * Math.min(item.b[2], item.b[3]);
    const [x, y, w, h] = item.b;
    const add = (name, attributes) => {
      const node = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      group.append(node);
      return node;
    };
    add("rect", { class: "box", x: x + gap, y: y + gap, width: w - 2 * gap, height: h - 2 * gap, rx: letter / 6 });
    const said = this.text(item).replace(/\n/g, " / ");
    const words = item.s !== null ? `${said || (this.data.one ? "✕" : "")} ✓` : item.d && !said.endsWith("?") ? `${said}?` : said;
    const place = this.data.one ? { x: x + w / 2, y: y - 0.25 * letter, "text-anchor": "middle" }
      : { x: x + 2 * gap, y: y + 1.5 * gap + 0.85 * letter };
    add("text", { ...place, "stroke-width": 0.25 * letter }).textContent = words;
    add("title", {}).textContent = `${item.t}: ${this.text(item) || "blank"}`;
    if (item.k === this.chosen && !this.also.size) {
      const unit = this.data.size[0] / (this.svg.clientWidth || this.data.size[0]);
      const side = (matchMedia("(pointer: coarse)").matches ? 18 : 10) * unit;
      for (const [name, a, b] of [["nw", 0, 0], ["ne", 1, 0], ["sw", 0, 1], ["se", 1, 1]]) {
        const kind = a === b ? "nwse" : "nesw";
        add("rect", { class: `handle ${kind}`, "data-corner": name, x: x + a * w - side / 2, y: y + b * h - side / 2,
          width: side, height: side, rx: side / 4 });
      }
    }
    return group;
  }

  place() {
    if (!this.data) return;
    const { offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height } = this.image;
    Object.assign(this.svg.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const item = this.items.get(this.chosen);
    if (item) this.drawCell(item);
  }

  // ---- boxes ----

  drawing(on) {
    this.paper.classList.toggle("drawing", on);
    this.button("draw").setAttribute("aria-pressed", on);
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    return [(event.clientX - box.left) * this.data.size[0] / box.width,
      (event.clientY - box.top) * this.data.size[1] / box.height];
  }

  down(event) {
    if (event.button) return;
    const group = event.target.closest("g.item");
    const draws = this.paper.classList.contains("drawing");
    const key = group?.dataset.key;
    if (!draws && key === undefined) return;
    if (!draws && event.shiftKey && this.chosen !== null) {
      event.preventDefault();
      if (key !== this.chosen) this.also.has(key) ? this.also.delete(key) : this.also.add(key);
      return this.redraw();
    }
    if (!draws && key !== this.chosen) {
      this.inGrid = false;
      event.preventDefault();
      return this.choose(key);
    }
    event.preventDefault();
    const corner = draws ? "se" : event.target.dataset.corner;
    const [fromX, fromY] = this.point(event);
    const begin = draws ? [fromX, fromY, 0, 0] : [...this.items.get(key).b];
    let now = begin;
    let isDrag = false;
    const rect = draws ? document.createElementNS(SVG, "rect") : group.querySelector("rect.box");
    if (draws) {
      rect.setAttribute("class", "new");
      this.svg.append(rect);
    }
    this.svg.setPointerCapture(event.pointerId);
    const move = (next) => {
      isDrag ||= Math.hypot(next.clientX - event.clientX, next.clientY - event.clientY) >= DRAG;
      if (!isDrag) return;
      const [x, y] = this.point(next);
      now = dragged(begin, corner, x - fromX, y - fromY);
      for (const [i, name] of ["x", "y", "width", "height"].entries()) rect.setAttribute(name, now[i]);
      group?.querySelectorAll(".handle, text").forEach((node) => node.remove());
    };
    const up = (last) => {
      this.svg.removeEventListener("pointermove", move);
      for (const kind of ["pointerup", "pointercancel"]) this.svg.removeEventListener(kind, up);
      if (draws) {
        rect.remove();
        this.drawing(false);
      }
      if (last.type === "pointerup" && isDrag) {
        if (draws) this.act({ do: "add", box: now });
        else this.moved(key, now);
      } else {
        this.redraw();
        if (!draws) this.input.focus({ preventScroll: true });
      }
    };
    this.svg.addEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel"]) this.svg.addEventListener(kind, up);
  }

  moved(key, box) {
    this.items.get(key).b = box;
    this.act({ do: "move", key, box });
    this.redraw();
  }

  arrow(event) {
    const item = this.items.get(this.chosen);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!item || !way) return;
    event.preventDefault();
    const step = STEP * Math.max(...this.data.size);
    item.b = dragged(item.b, event.shiftKey ? "se" : undefined, way[0] * step, way[1] * step);
    this.redraw();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.moved(item.k, item.b), PAUSE);
  }

  // ---- the grid ----

  drawGrid() {
    const { shape, items } = this.data;
    if (!shape) return this.table.replaceChildren();
    const rows = Array.from({ length: shape[0] }, (_, row) => {
      const line = document.createElement("tr");
      line.append(heading(row + 1, "row"));
      return line;
    });
    for (const item of items) {
      const cell = document.createElement("td");
      const [row, column, high, wide] = item.at;
      cell.textContent = item.k === this.chosen && this.dirty ? this.input.value : this.text(item);
      cell.className = `${this.state(item)} ${item.k === this.chosen ? "chosen" : ""}`;
      Object.assign(cell, { rowSpan: high, colSpan: wide, tabIndex: item.k === this.chosen ? 0 : -1 });
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-label", `${item.t}: ${this.text(item) || "blank"}${this.state(item) === "doubtful" ? ", doubtful" : ""}`);
      Object.assign(cell.dataset, { key: item.k, row, column });
      rows[row].append(cell);
    }
    const top = document.createElement("tr");
    top.append(document.createElement("th"), ...Array.from({ length: shape[1] }, (_, i) => heading(i + 1, "col")));
    const hadFocus = this.root.activeElement?.tagName === "TD";
    this.table.replaceChildren(top, ...rows);
    if (hadFocus) this.table.querySelector("td.chosen")?.focus({ preventScroll: true });
    const chosen = this.table.querySelector("td.chosen");
    const frame = this.table.parentElement;
    if (chosen && frame.scrollHeight > frame.clientHeight) {
      const top = chosen.offsetTop - this.table.offsetTop;
      if (top < frame.scrollTop + 30) frame.scrollTop = top - 30;
      if (top + 40 > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + 40 - frame.clientHeight;
    }
  }

  clickCell(event) {
    const cell = event.target.closest("td");
    if (!cell) return;
    this.inGrid = true;
    this.choose(cell.dataset.key);
  }

  // The cell that many rows and columns on, from the one chosen; its text box stays where the hands are.
  downCell(rows, columns) {
    this.commit();
    const [row, column, high, wide] = this.items.get(this.chosen).at;
    const to = [row + (rows > 0 ? high : rows), column + (columns > 0 ? wide : columns)];
    const next = [...this.items.values()].find(({ at }) =>
      at[0] <= to[0] && to[0] < at[0] + at[2] && at[1] <= to[1] && to[1] < at[1] + at[3]);
    if (next) this.choose(next.k, this.root.activeElement === this.input);
  }

  cellKey(event) {
    const cell = event.target.closest("td");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (cell.dataset.key !== this.chosen) this.choose(cell.dataset.key, false);
    const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (way) {
      event.preventDefault();
      this.downCell(...way);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.say(this.chosen, "");
    } else if (event.key === "Enter" || event.key.length === 1) {
      if (event.key === "Enter") event.preventDefault();
      this.inGrid = true;
      this.input.focus({ preventScroll: true }); // the letter itself goes there, and replaces what it says
      this.input.select();
    }
  }
}

function heading(number, scope) {
  const cell = document.createElement("th");
  cell.textContent = number;
  cell.scope = scope;
  return cell;
}

// How much paper there is, at least, from the foot of a box to the top of one below it.
function above(items) {
  const gaps = items.slice(0, FEW).flatMap(({ b: [x, y, w] }) => items.slice(0, FEW)
    .filter(({ b }) => b[0] < x + w && x < b[0] + b[2] && b[1] + b[3] < y).map(({ b }) => y - b[1] - b[3]));
  return Math.min(Infinity, ...gaps);
}

function dragged([x, y, w, h], corner, byX, byY) {
  if (!corner) return [x + byX, y + byY, w, h];
  const ends = [x, y, x + w, y + h];
  ends[corner.includes("w") ? 0 : 2] += byX;
  ends[corner.includes("n") ? 1 : 3] += byY;
  const [left, right] = [ends[0], ends[2]].sort((a, b) => a - b);
  const [top, foot] = [ends[1], ends[3]].sort((a, b) => a - b);
  return [left, top, right - left, foot - top];
}

export default function (component) {
  const root = component.parentElement;
  if (!root.desk?.inner.isConnected) root.desk = new Desk(root);
  root.desk.update(component.data, component.setStateValue);
}
