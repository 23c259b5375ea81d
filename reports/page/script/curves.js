// Lines with optional bands: a legend or direct labels, and values read at the pointer.
//
// spec: x and y {label, scale, low?, high?, at?}; series [{schedule, name, x, y, low?, high?}];
// steps: values hold until the next; snap: the pointer goes to the first series' own positions;
// labels: names at the ends where there is room; solid: no dashes; quiet: no legend; height; alt.

function curves(host, given) {
  const spec = { ...given, series: given.series.map(withNumbers) };
  host.replaceChildren();
  host.classList.add("curves");
  const names = spec.quiet ? null : legend(host, spec);
  const box = make("div", { class: "plot" }, host);
  const reader = spec.bare ? null : new Reader(box, spec);
  return responsive(box, (width) => {
    box.querySelector("svg")?.remove();
    if (names) names.hidden = direct(spec, width);
    const svg = shape("svg", { width, height: spec.height ?? 320, role: "img", "aria-label": spec.alt ?? "" }, box);
    const drawn = plot(svg, spec, width);
    reader?.attach(svg, drawn);
  });
}

// Numbers as the page's sections give them: null is undefined, "inf" infinite.
function withNumbers(one) {
  const read = (values) => values && values.map(number);
  return { ...one, y: read(one.y), low: read(one.low), high: read(one.high) };
}

// Whether names stand at the ends of the lines, which spares the legend.
const direct = (spec, width) => Boolean(spec.labels) && width > 620;

function legend(host, spec) {
  const list = make("ul", { class: "legend", "aria-label": "Legend" }, host);
  for (const one of spec.series) {
    const item = make("li", {}, list);
    swatch(one.schedule, item);
    item.append(one.name);
  }
  return list;
}

function plot(svg, spec, width) {
  const height = spec.height ?? 320;
  const bare = spec.bare ?? {};
  const [low, high] = range(spec);
  const xs = spec.series.flatMap((one) => [one.x[0], one.x[one.x.length - 1]]);
  const named = direct(spec, width);
  const longest = Math.max(0, ...spec.series.map((one) => one.name.length));
  const right = named ? Math.min(260, 26 + 7.1 * longest) : 20;
  const left = bare.y ? 6 : 50;
  const top = spec.y.label && !bare.y ? 24 : 8;
  const x = new Axis(spec.x, spec.x.low ?? Math.min(...xs), spec.x.high ?? Math.max(...xs), left, width - right);
  const y = new Axis(spec.y, low, high, height - (bare.x ? 8 : 42), top);
  frame(svg, x, y, spec, bare);
  const clip = uniqueId("clip");
  const area = shape("clipPath", { id: clip }, shape("defs", {}, svg));
  shape("rect", { x: x.from, y: y.to - 2, width: Math.max(1, x.to - x.from), height: y.from - y.to + 4 }, area);
  const inside = shape("g", { "clip-path": `url(#${clip})` }, svg);
  for (const one of spec.series) if (one.low) band(inside, one, x, y, spec);
  for (const one of spec.series) line(inside, one, x, y, spec);
  if (spec.y.rule !== undefined) {
    const at = y.pixel(spec.y.rule);
    shape("line", { x1: x.from, x2: x.to, y1: at, y2: at, class: "rule" }, inside);
  }
  if (named) endLabels(svg, spec, x, y);
  if (!spec.series.some((one) => one.y.some((v) => v < Infinity))) {
    shape("text", { x: (x.from + x.to) / 2, y: 0.4 * y.from + 0.6 * y.to, "text-anchor": "middle" }, svg,
      "no finite value: all lanes diverged");
  }
  return { x, y };
}

// The values that the vertical axis spans; divergence and zeros lie beyond it.
function range(spec) {
  if (spec.y.low !== undefined) return [spec.y.low, spec.y.high];
  if (spec.y.scale === "share") return [0, 1];
  const positive = spec.y.scale === "log";
  let low = Infinity, high = -Infinity;
  for (const one of spec.series) {
    for (const values of [one.y, one.low ?? [], one.high ?? []]) {
      for (const v of values) {
        if (!Number.isFinite(v) || (positive && v <= 0)) continue;
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
  }
  if (low > high) return positive ? [0.1, 1] : [0, 1];
  if (!positive) return [Math.min(0, low), high + 0.05 * (high - low)];
  const room = (high / low) ** 0.04 * 1.05;
  return [low / room, high * room];
}

// Points of a path; undefined values break it, infinite ones leave the frame at the top.
function path(xs, ys, x, y, steps) {
  let text = "", open = false;
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(ys[i])) {
      open = false;
      continue;
    }
    const px = x.pixel(xs[i]).toFixed(1), py = y.pixel(ys[i]).toFixed(1);
    if (!open) text += `M${px} ${py}`;
    else text += steps ? `H${px}V${py}` : `L${px} ${py}`;
    open = true;
  }
  return text;
}

function line(parent, one, x, y, spec) {
  const stroke = shape("path", { d: path(one.x, one.y, x, y, spec.steps), class: one.thin ? "thin" : "line" }, parent);
  stroke.style.stroke = colour(one.schedule);
  if (one.thin || !spec.solid) stroke.setAttribute("stroke-dasharray", one.thin ? "2 3" : dashes(one.schedule));
  if (!spec.points) return;
  one.x.forEach((v, i) => {
    if (!Number.isFinite(one.y[i])) return;
    const dot = shape("circle", { cx: x.pixel(v), cy: y.pixel(one.y[i]), r: 3 }, parent);
    dot.style.fill = colour(one.schedule);
  });
}

function band(parent, one, x, y, spec) {
  const there = one.x.map((_, i) => i).filter((i) => !Number.isNaN(one.low[i]));
  if (!there.length) return;
  const forward = there.map((i) => one.x[i]);
  const back = [...there].reverse();
  const upper = path(forward, there.map((i) => one.high[i]), x, y, spec.steps);
  const lower = spec.steps
    ? back.map((i, k) => `${k ? `H${x.pixel(one.x[back[k - 1]]).toFixed(1)}` : ""}L${x.pixel(k ? one.x[back[k - 1]] : one.x[i]).toFixed(1)} ${y.pixel(one.low[i]).toFixed(1)}`).join("")
    : path(back.map((i) => one.x[i]), back.map((i) => one.low[i]), x, y).replace("M", "L");
  const fill = shape("path", { d: `${upper}${lower}Z`, class: "band" }, parent);
  fill.style.fill = colour(one.schedule);
}

// Names right of the ends of the lines, pushed apart where they would overlap.
function endLabels(svg, spec, x, y) {
  const apart = 14;
  const labels = spec.series.map((one) => {
    const last = [...one.y].reverse().find((v) => !Number.isNaN(v)) ?? NaN;
    const at = Number.isNaN(last) ? y.to : y.pixel(last);
    const end = Math.min(y.from, Math.max(y.to, at));
    return { one, end, at: end };
  }).sort((a, b) => a.end - b.end);
  for (let i = 1; i < labels.length; i++) labels[i].at = Math.max(labels[i].at, labels[i - 1].at + apart);
  const over = Math.max(0, (labels.at(-1)?.at ?? 0) - y.from);
  for (let i = labels.length - 1; i >= 0; i--) {
    const limit = i === labels.length - 1 ? y.from : labels[i + 1].at - apart;
    labels[i].at = over ? Math.min(labels[i].at, limit) : labels[i].at;
  }
  for (const { one, end, at } of labels) {
    const lead = shape("path", { d: `M${x.to + 1} ${end}L${x.to + 14} ${at}`, class: "lead" }, svg);
    lead.style.stroke = colour(one.schedule);
    shape("text", { x: x.to + 18, y: at + 4, class: "label" }, svg, one.name);
  }
}

// A vertical line at the pointer, or moved by the arrow keys, and the values of all series there.
class Reader {
  constructor(box, spec) {
    this.box = box;
    this.spec = spec;
    this.at = null;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Figure; arrow keys read values");
    this.note = make("div", { class: "reader", hidden: "", "aria-live": "polite" }, box);
    box.addEventListener("pointermove", (event) => this.point(event));
    box.addEventListener("pointerdown", (event) => this.point(event));
    box.addEventListener("pointerleave", () => this.hide());
    box.addEventListener("blur", () => this.hide());
    box.addEventListener("keydown", (event) => this.key(event));
  }

  attach(svg, axes) {
    this.svg = svg;
    this.axes = axes;
    this.cursor = shape("line", { y1: axes.y.to, y2: axes.y.from, class: "cursor", visibility: "hidden" }, svg);
  }

  stops() {
    if (this.spec.snap) return this.spec.snap;
    const { x } = this.axes;
    return Array.from({ length: 51 }, (_, i) => x.value(x.from + (i / 50) * (x.to - x.from)));
  }

  point(event) {
    const pixel = event.clientX - this.box.getBoundingClientRect().left;
    const { x } = this.axes;
    if (pixel < x.from - 8 || pixel > x.to + 8) return this.hide();
    if (!this.spec.snap) return this.show(x.value(Math.min(x.to, Math.max(x.from, pixel))));
    const stops = this.stops();
    const near = stops.reduce((a, b) => (Math.abs(x.pixel(b) - pixel) < Math.abs(x.pixel(a) - pixel) ? b : a));
    return this.show(near);
  }

  key(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") return this.hide();
    if (move === undefined) return undefined;
    event.preventDefault();
    const stops = this.stops();
    let i = this.at === null ? -1 : stops.findIndex((v) => v >= this.at);
    if (i < 0 && this.at !== null) i = stops.length - 1;
    i = Math.min(stops.length - 1, Math.max(0, i + move));
    return this.show(stops[Number.isFinite(i) ? i : 0]);
  }

  hide() {
    this.at = null;
    this.note.hidden = true;
    this.cursor?.setAttribute("visibility", "hidden");
  }

  show(at) {
    this.at = at;
    const pixel = this.axes.x.pixel(at);
    this.cursor.setAttribute("x1", pixel);
    this.cursor.setAttribute("x2", pixel);
    this.cursor.setAttribute("visibility", "visible");
    this.note.replaceChildren();
    make("strong", {}, this.note, `${this.spec.x.short ?? this.spec.x.label} ${this.spec.snap ? plain(at)[1] : shown(at)}`);
    const rows = this.spec.series.filter((one) => !one.thin).map((one) => {
      const read = (values) => interpolated(one.x, values, at, this.axes.x.scale, this.spec.steps);
      return { one, value: read(one.y), low: one.low && read(one.low), high: one.high && read(one.high) };
    }).filter((row) => !Number.isNaN(row.value)).sort((a, b) => b.value - a.value);
    for (const { one, value, low, high } of rows) {
      const item = make("div", {}, this.note);
      swatch(one.schedule, item);
      const text = this.format(value) + (low === undefined ? "" : ` [${this.format(low)}, ${this.format(high)}]`);
      item.append(`${one.name} ${text}`);
    }
    this.note.hidden = false;
    const room = this.box.clientWidth - this.note.offsetWidth;
    this.note.style.left = `${Math.max(0, Math.min(room, pixel > room / 1.6 ? pixel - this.note.offsetWidth - 12 : pixel + 12))}px`;
  }

  format(value) {
    return this.spec.y.scale === "share" ? percent(value) : shown(value);
  }
}

// The value at a position: between two points linear on the axis, or that of the last one.
function interpolated(xs, ys, at, scale, steps) {
  if (!xs.length || at < xs[0] - 1e-9 || at > xs[xs.length - 1] + 1e-9) {
    return steps && xs.length && at > xs[0] ? ys[ys.length - 1] ?? NaN : NaN;
  }
  let i = xs.findIndex((v) => v >= at - 1e-12);
  if (i < 0) i = xs.length - 1;
  if (i === 0 || Math.abs(xs[i] - at) < 1e-9) return ys[i] ?? NaN;
  if (steps) return ys[i - 1] ?? NaN;
  const from = scale.place(xs[i - 1]), to = scale.place(xs[i]);
  const part = Number.isFinite(from) ? (scale.place(at) - from) / (to - from) : 1;
  return ys[i - 1] + part * (ys[i] - ys[i - 1]);
}
