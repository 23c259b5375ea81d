// The table of all cells: sorted, filtered, a page at a time.

const ROWS = 25;
const NUMERIC = /^(p10|p50|p90|ratio|better|diverged|effect|recovered|recovery|n|strength|lr|steps)(<=|>=|=|<|>)([-+.\deE]+)$/;
const TESTS = {
  "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b,
  "=": (a, b) => Math.abs(a - b) <= 1e-6 * Math.abs(b),
};

class CellTable {
  constructor(host, panel) {
    this.host = host;
    this.panel = panel;
    this.columns = columns();
    this.sort = { column: -1, falling: false };
    this.first = 0;
    this.words = [];
    this.order = Uint32Array.from({ length: all.count }, (_, i) => i);
    this.build();
    this.update();
  }

  build() {
    const bar = make("div", { class: "controls" }, this.host);
    const label = make("label", { class: "wide" }, bar, "Filter");
    this.filter = make("input", {
      type: "search", placeholder: "words, or p50<0.1, ratio>1, strength=0.5", spellcheck: "false",
    }, label);
    let waiting = 0;
    this.filter.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.update(), 100);
    });
    const save = make("button", { type: "button" }, bar, "Save as CSV");
    save.addEventListener("click", () => this.save());
    this.count = make("p", { class: "constants", role: "status" }, this.host);
    const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of cells" }, this.host);
    const table = make("table", { class: "plain cells" }, scroll);
    const head = make("tr", {}, make("thead", {}, table));
    this.heads = this.columns.map((column, i) => {
      const th = make("th", { scope: "col", class: column.number ? "number" : "" }, head);
      const button = make("button", { type: "button" }, th, column.title);
      button.addEventListener("click", () => this.sortBy(i));
      return th;
    });
    this.many = all.members.size > 1;
    if (this.many) make("span", { class: "hidden" }, make("th", { scope: "col" }, head), "show in the panel");
    this.body = make("tbody", {}, table);
    const pager = make("div", { class: "pager" }, this.host);
    this.back = make("button", { type: "button" }, pager, "← Previous");
    this.where = make("span", {}, pager);
    this.next = make("button", { type: "button" }, pager, "Next →");
    this.back.addEventListener("click", () => this.turn(-ROWS));
    this.next.addEventListener("click", () => this.turn(ROWS));
  }

  sortBy(i) {
    const falling = this.sort.column === i && !this.sort.falling;
    this.sort = { column: i, falling };
    this.heads.forEach((th, k) => {
      if (k === i) th.setAttribute("aria-sort", falling ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    });
    this.update();
  }

  update() {
    const tests = this.filter.value.trim().split(/\s+/).filter(Boolean).map((word) => this.test(word));
    let rows = Array.from({ length: all.count }, (_, i) => i);
    for (const test of tests) rows = rows.filter(test);
    if (this.sort.column >= 0) {
      const { key } = this.columns[this.sort.column], sign = this.sort.falling ? -1 : 1;
      const keys = rows.map(key);
      const order = rows.map((_, i) => i).sort((a, b) => sign * compared(keys[a], keys[b], sign) || a - b);
      rows = order.map((i) => rows[i]);
    }
    this.order = rows;
    this.first = 0;
    this.count.textContent = rows.length === all.count ? `${plural(all.count, "cell")}` : `${plural(rows.length, "cell")} of ${all.count.toLocaleString("en")}`;
    this.render();
  }

  // What a word of the filter asks of a cell.
  test(word) {
    const match = NUMERIC.exec(word);
    if (!match) {
      const lower = word.toLowerCase();
      return (cell) => this.text(cell).includes(lower);
    }
    const [, name, operator, bound] = match;
    const column = this.columns.find((one) => one.name === (name === "n" ? "seeds" : name));
    const value = column ? column.value : (cell) => Number(all.axis[name] ? valueOf(cell, name) : NaN);
    return (cell) => TESTS[operator](value(cell), Number(bound));
  }

  // All words of a cell in lower case, made when first needed.
  text(cell) {
    this.words[cell] ??= [
      ...all.axes.map((axis) => `${axis.values[axis.codes[cell]]} ${axis.labels[axis.codes[cell]]}`),
      schedules[all.schedule[cell]].written, nameOf(cell), all.inert[cell] ? "inert" : "acting",
    ].join(" ").toLowerCase();
    return this.words[cell];
  }

  turn(rows) {
    this.first = Math.min(Math.max(0, this.first + rows), Math.max(0, this.order.length - 1));
    this.render();
  }

  render() {
    const shownRows = Array.from(this.order.slice(this.first, this.first + ROWS));
    this.body.replaceChildren(...shownRows.map((cell) => this.row(cell)));
    const last = this.first + shownRows.length;
    this.where.textContent = this.order.length ? `${this.first + 1} to ${last} of ${this.order.length.toLocaleString("en")}` : "none";
    this.back.disabled = this.first === 0;
    this.next.disabled = last >= this.order.length;
  }

  row(cell) {
    const row = make("tr");
    for (const column of this.columns) {
      const td = make("td", { class: column.number ? "number" : "" }, row);
      if (column.name === "schedule") swatch(all.schedule[cell], td);
      td.append(column.text(cell));
      if (column.title.length && column.full) td.title = column.full(cell);
    }
    if (!this.many) return row;
    const show = make("button", { type: "button", class: "small", "aria-label": `Show the scenario of this cell: ${nameOf(cell)}` }, make("td", {}, row), "show");
    show.addEventListener("click", () => {
      this.panel.go(all.scenario[cell]);
      document.getElementById("scenarios").scrollIntoView();
      this.panel.selects.find(Boolean)?.focus({ preventScroll: true });
    });
    return row;
  }

  save() {
    const header = [...all.axes.map((axis) => axis.name), "schedule", "n", "inert", "p10", "p50", "p90", "ratio", "ratio_low", "ratio_high", "better", "diverged"];
    const lines = [header, ...Array.from(this.order, (cell) => [
      ...all.axes.map((axis) => axis.values[axis.codes[cell]]), schedules[all.schedule[cell]].written,
      all.seeds[cell], Boolean(all.inert[cell]),
      ...["p10", "p50", "p90", "ratio", "low", "high"].map((name) => exact(all[name][cell])),
      exact(all.better[cell]), exact(all.diverged[cell]),
    ])];
    const text = lines.map((line) => line.map(csvField).join(",")).join("\n");
    const link = make("a", { href: URL.createObjectURL(new Blob([`${text}\n`], { type: "text/csv" })), download: "cells.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

const exact = (value) => (Number.isNaN(value) ? "" : value === Infinity ? "inf" : Number(value.toPrecision(6)));
const csvField = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);

// Undefined values stand last in either direction.
function compared(a, b, sign) {
  const last = (v) => typeof v === "number" && Number.isNaN(v);
  if (last(a) || last(b)) return sign * (last(a) - last(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

// Columns of the table: the axes that vary, the schedule, the numbers.
function columns() {
  const varying = all.axes.filter((axis) => axis.values.length > 1).map((axis) => ({
    name: axis.name, title: axis.name.replace("_", " "), number: !axis.word,
    key: axis.word ? (cell) => labelOf(cell, axis.name) : (cell) => axis.values[axis.codes[cell]],
    value: (cell) => axis.values[axis.codes[cell]],
    text: (cell) => labelOf(cell, axis.name) + (axis.name === "noise" && all.inert[cell] ? " *" : ""),
    full: (cell) => String(valueOf(cell, axis.name)) + (all.inert[cell] ? " (inert: the noise acts on nothing)" : ""),
  }));
  const number = (name, text, title = name) => ({
    name, title, number: true, key: (cell) => all[name][cell], value: (cell) => all[name][cell],
    text: (cell) => text(all[name][cell], cell),
  });
  const ratio = (value, cell) => (all.reference[cell] - 1 === cell ? "1 (reference)"
    : Number.isNaN(value) ? "–" : shownInterval(value, all.low[cell], all.high[cell]));
  const known = (name) => all[name].some((value) => !Number.isNaN(value));
  return [
    ...varying,
    { name: "schedule", title: "schedule", key: nameOf, text: nameOf, full: (cell) => schedules[all.schedule[cell]].written },
    number("p10", shown), number("p50", shown), number("p90", shown),
    ...(known("ratio") ? [number("ratio", ratio, "ratio [95 %]"), number("better", percent)] : []),
    ...(known("effect") ? [number("effect", shownRatio, "noise effect")] : []),
    ...(known("recovered") ? [number("recovered", percent), number("recovery", steps, "recovery p50")] : []),
    number("diverged", percent),
    number("seeds", (value) => value.toLocaleString("en"), "n"),
  ];
}

const steps = (value) => (value === Infinity ? "never" : Number.isNaN(value) ? "–" : plural(value, "step"));
