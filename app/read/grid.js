// The grid of a table: methods of the Desk in editor.js.

const grid = {
  drawGrid() {
    const { shape, items } = this.data;
    if (!shape) return this.table.replaceChildren();
    const rows = Array.from({ length: shape[0] }, (_, row) => {
      const line = document.createElement("tr");
      line.append(heading(this.data.heads?.[row] ?? row + 1, "row"));
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
    if (shape[1] > 1) top.append(document.createElement("th"), ...Array.from({ length: shape[1] }, (_, i) => heading(i + 1, "col")));
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
  },

  clickCell(event) {
    const cell = event.target.closest("td");
    if (!cell) return;
    this.inGrid = true;
    this.choose(cell.dataset.key);
  },

  // The cell that many rows and columns on, from the one chosen; its text box stays where the hands are.
  downCell(rows, columns) {
    this.commit();
    const [row, column, high, wide] = this.items.get(this.chosen).at;
    const to = [row + (rows > 0 ? high : rows), column + (columns > 0 ? wide : columns)];
    const next = [...this.items.values()].find(({ at }) =>
      at[0] <= to[0] && to[0] < at[0] + at[2] && at[1] <= to[1] && to[1] < at[1] + at[3]);
    if (next) this.choose(next.k, this.root.activeElement === this.input);
  },

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
      this.press(this.data.tells ? "delete" : "empty");
    } else if (event.key === "Enter" || event.key.length === 1) {
      if (event.key === "Enter") event.preventDefault();
      this.inGrid = true;
      this.input.focus({ preventScroll: true }); // the letter itself goes there, and replaces what it says
      this.input.select();
    }
  },
};

function heading(number, scope) {
  const cell = document.createElement("th");
  cell.textContent = number;
  cell.scope = scope;
  return cell;
}
