// Elements, scales and axes.

const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, parent = null, text = null) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  if (parent) parent.append(node);
  return node;
}

function shape(tag, attributes, parent, text = null) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  parent.append(node);
  return node;
}

// The colour of a schedule; what is none is drawn in the colour of the text.
function colour(schedule) {
  return schedule === null || schedule === undefined ? "var(--ink)" : `var(--s${schedule})`;
}

function dashes(schedule) {
  const found = schedule === null || schedule === undefined ? [] : schedules[schedule].dashes;
  return found.map((length) => length * 1.4).join(" ");
}

// A short line in the colour and dashes of a schedule, for legends.
function swatch(schedule, parent) {
  const svg = shape("svg", { width: 26, height: 10, class: "swatch", "aria-hidden": "true" }, parent);
  const line = shape("line", { x1: 1, x2: 25, y1: 5, y2: 5 }, svg);
  line.style.stroke = colour(schedule);
  line.setAttribute("stroke-dasharray", dashes(schedule));
  return svg;
}

// Scales: `place` is where a value lies on a line, `value` is what lies there.
const SCALES = {
  linear: { place: (v) => v, value: (p) => p },
  share: { place: (v) => v, value: (p) => p },
  log: { place: (v) => (v > 0 ? Math.log10(v) : -Infinity), value: (p) => 10 ** p },
  steps: { place: (v) => Math.log10(v + 1), value: (p) => 10 ** p - 1 },
};

// Strengths start at 0 and grow by factors: logarithmic, linear below the smallest positive one.
function strengthScale(values) {
  const unit = Math.min(...values.filter((v) => v > 0));
  return {
    place: (v) => Math.log10(1 + v / unit), value: (p) => (10 ** p - 1) * unit,
  };
}

class Axis {
  constructor(spec, low, high, from, to) {
    this.kind = spec.scale;
    this.vertical = from > to;
    this.scale = spec.scale === "strength" ? strengthScale(spec.at) : SCALES[spec.scale];
    this.spec = spec;
    this.low = this.scale.place(low);
    this.high = this.scale.place(high);
    if (!(this.high > this.low)) {
      this.low -= 0.5;
      this.high += 0.5;
    }
    this.from = from;
    this.to = to;
  }

  // The pixel of a value; what lies beyond the ends goes a little beyond them.
  pixel(value) {
    const place = (this.scale.place(value) - this.low) / (this.high - this.low);
    return this.from + Math.min(1.05, Math.max(-0.05, place)) * (this.to - this.from);
  }

  value(pixel) {
    const place = (pixel - this.from) / (this.to - this.from);
    return this.scale.value(this.low + place * (this.high - this.low));
  }

  ticks() {
    const room = Math.max(2, Math.abs(this.to - this.from) / (this.vertical ? 34 : 58));
    if (this.spec.at) return fewer(this.spec.at, Math.max(room, 3)).map(plain);
    if (this.kind === "log") {
      return decades(this.low, this.high, room).map(([log, text]) => [10 ** log, text]);
    }
    if (this.kind === "steps") return fewer(stepTicks(this.value(this.to)), room).map(plain);
    return round(this.low, this.high, room).map(this.kind === "share" ? share : plain);
  }
}

const plain = (value) => [value, Number(value.toPrecision(6)).toLocaleString("en")];
const share = (value) => [value, `${Math.round(100 * value)} %`];

function fewer(values, room) {
  const skip = Math.ceil(values.length / room);
  return values.filter((_, i) => (values.length - 1 - i) % skip === 0);
}

function stepTicks(last) {
  const found = [0];
  for (let unit = 1; unit <= last; unit *= 10) {
    for (const factor of [1, 2, 5]) if (unit * factor <= last) found.push(unit * factor);
  }
  return found;
}

function round(low, high, room) {
  const rough = (high - low) / room, unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 2.5, 5, 10].find((factor) => factor * unit >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i * step);
  return found;
}

// Pairs of a decimal logarithm and its text: decades, or 1, 2, 5 where there are few.
function decades(low, high, room) {
  const span = high - low, found = [];
  const factors = span < 1.2 ? [1, 2, 3, 5, 7] : span < 3 ? [1, 2, 5] : [1];
  const skip = span < 3 ? 1 : Math.ceil(span / room);
  for (let decade = Math.floor(low); decade <= high; decade++) {
    if (decade % skip) continue;
    for (const factor of factors) {
      const log = decade + Math.log10(factor);
      if (log >= low - 1e-9 && log <= high + 1e-9) found.push([log, power(decade, factor)]);
    }
  }
  return found;
}

function power(decade, factor) {
  if (decade >= -3 && decade <= 4) return Number((factor * 10 ** decade).toPrecision(1)).toLocaleString("en", { maximumFractionDigits: 4 });
  const digits = String(decade).replace(/./g, (c) => ({ "-": "⁻" })[c] ?? "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
  return factor === 1 ? `10${digits}` : `${factor}·10${digits}`;
}

// Grid lines and labels of both axes; `bare` leaves out the labels of an axis.
function frame(svg, x, y, spec, bare = {}) {
  const group = shape("g", { class: "axes" }, svg);
  for (const [value, text] of y.ticks()) {
    const at = y.pixel(value);
    shape("line", { x1: x.from, x2: x.to, y1: at, y2: at, class: "grid" }, group);
    if (!bare.y) shape("text", { x: x.from - 6, y: at + 4, "text-anchor": "end" }, group, text);
  }
  for (const [value, text] of x.ticks()) {
    const at = x.pixel(value);
    shape("line", { x1: at, x2: at, y1: y.from, y2: y.from + 4, class: "tick" }, group);
    if (!bare.x) shape("text", { x: at, y: y.from + 17, "text-anchor": "middle" }, group, text);
  }
  shape("line", { x1: x.from, x2: x.to, y1: y.from, y2: y.from, class: "base" }, group);
  if (spec.x.label && !bare.x) {
    const middle = (x.from + x.to) / 2;
    shape("text", { x: middle, y: y.from + 34, "text-anchor": "middle", class: "title" }, group, spec.x.label);
  }
  if (spec.y.label && !bare.y) {
    shape("text", { x: 0, y: y.to - 10, class: "title" }, group, spec.y.label);
  }
  return group;
}

// Redraw when the width changes; figures start empty.
function responsive(host, draw) {
  let width = 0;
  const redraw = () => {
    const now = Math.floor(host.clientWidth);
    if (now && now !== width) {
      width = now;
      draw(now);
    }
  };
  new ResizeObserver(redraw).observe(host);
  return () => {
    width = 0;
    redraw();
  };
}

let lastId = 0;
const uniqueId = (prefix) => `${prefix}-${++lastId}`;
