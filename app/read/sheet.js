// The picture with its boxes: methods of the Desk in editor.js.

const SVG = "http://www.w3.org/2000/svg";
const DRAG = 4; // pixels of the screen below which a press is a click
const STEP = 0.01; // of the picture's longer side, that an arrow moves a box
const PAUSE = 700; // milliseconds after the last arrow until a box is read anew
const FEW = 200; // boxes that are looked at for room between lines

const sheet = {
  drawBoxes() {
    const { size, one, items } = this.data;
    const sides = items.map((item) => (one ? item.b[3] : Math.min(item.b[2], item.b[3]))).sort((a, b) => a - b);
    const middle = sides[sides.length >> 1] ?? 0;
    const letter = one ? Math.max(Math.min(0.4 * middle, 0.06 * size[0], above(items) / 1.4), 0.015 * size[0])
      : Math.min((this.data.tells ? 0.4 : 0.28) * middle, 0.05 * size[0]);
    this.svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    this.svg.style.fontSize = `${letter}px`;
    this.svg.replaceChildren(...[...items].sort((a, b) => (a.k === this.chosen) - (b.k === this.chosen))
      .map((item) => this.drawBox(item, letter)));
  },

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
  },

  place() {
    if (!this.data) return;
    const { offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height } = this.image;
    Object.assign(this.svg.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const item = this.items.get(this.chosen);
    if (item) this.drawCell(item);
  },

  // The nearest box that begins right of the middle of this one, and is beside it.
  right(key) {
    const [x, y, w, h] = this.items.get(key).b;
    const beside = [...this.items.values()].filter(({ k, b }) =>
      k !== key && b[0] >= x + w / 2 && Math.min(y + h, b[1] + b[3]) - Math.max(y, b[1]) > 0.4 * Math.min(h, b[3]));
    return beside.sort((a, b) => a.b[0] - b.b[0])[0]?.k ?? null;
  },


  drawing(on) {
    this.paper.classList.toggle("drawing", on);
    this.button("draw").setAttribute("aria-pressed", on);
  },

  point(event) {
    const box = this.svg.getBoundingClientRect();
    return [(event.clientX - box.left) * this.data.size[0] / box.width,
      (event.clientY - box.top) * this.data.size[1] / box.height];
  },

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
  },

  moved(key, box) {
    this.items.get(key).b = box;
    this.act({ do: "move", key, box });
    this.redraw();
  },

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
  },
};

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
