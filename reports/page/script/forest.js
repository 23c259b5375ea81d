// Estimates with intervals, a row each, on one logarithmic axis.
//
// spec: rows [{schedule, name, estimate, low, high, note?}], numbers or null or "inf"; label; alt.

function forest(host, spec) {
  host.replaceChildren();
  host.classList.add("forest");
  const rows = spec.rows.map((row) => ({
    ...row, estimate: number(row.estimate), low: number(row.low), high: number(row.high),
  }));
  return responsive(host, (width) => {
    host.querySelector("svg")?.remove();
    const narrow = width < 460;
    const each = narrow ? 44 : 30, height = rows.length * each + 52;
    const svg = shape("svg", { width, height, role: "img", "aria-label": spec.alt ?? "" }, host);
    const names = 16 + 7.1 * Math.max(...rows.map((row) => row.name.length), 4);
    const left = narrow ? 14 : Math.min(width * 0.42, names), right = narrow ? 14 : 175;
    const [low, high] = span(rows);
    const x = new Axis({ scale: "log" }, low, high, left, width - right);
    const y = { from: height - 44, to: 4, ticks: () => [] };
    frame(svg, x, y, { x: { label: spec.label }, y: {} });
    const one = x.pixel(1);
    if (low <= 1 && high >= 1) shape("line", { x1: one, x2: one, y1: 0, y2: y.from, class: "rule" }, svg);
    rows.forEach((row, i) => entry(svg, row, x, i * each + (narrow ? 30 : 18), { narrow, width, left, right }));
  });
}

function span(rows) {
  const values = rows.flatMap((row) => [row.estimate, row.low, row.high]);
  const finite = values.filter((v) => Number.isFinite(v) && v > 0);
  if (!finite.length) return [0.5, 2];
  return [Math.min(...finite, 0.95) / 1.08, Math.max(...finite, 1.05) * 1.08];
}

function entry(svg, row, x, at, { narrow, width, left, right }) {
  const text = shape("text", { x: narrow ? 14 : left - 10, y: narrow ? at - 14 : at + 4, "text-anchor": narrow ? "start" : "end", class: "label" }, svg, row.name);
  if (row.note) shape("title", {}, text, row.note);
  const value = Number.isNaN(row.estimate) ? (row.note ?? "undefined")
    : shownInterval(row.estimate, row.low, row.high);
  shape("text", { x: narrow ? width - 14 : width - right + 12, y: narrow ? at - 14 : at + 4, "text-anchor": narrow ? "end" : "start", class: "value" }, svg, value);
  if (Number.isNaN(row.estimate)) return;
  const tint = colour(row.schedule);
  const low = Math.max(x.from, x.pixel(Number.isNaN(row.low) ? row.estimate : row.low));
  const high = Math.min(x.to, x.pixel(Number.isNaN(row.high) ? row.estimate : row.high));
  const bar = shape("line", { x1: low, x2: high, y1: at, y2: at, class: "interval" }, svg);
  const mark = shape("rect", { x: Math.min(x.to, x.pixel(row.estimate)) - 4.5, y: at - 4.5, width: 9, height: 9 }, svg);
  bar.style.stroke = tint;
  mark.style.fill = tint;
}

function shownInterval(estimate, low, high) {
  const text = (v) => (v === Infinity ? "inf" : shown(v));
  return Number.isNaN(low) ? text(estimate) : `${text(estimate)} [${text(low)}, ${text(high)}]`;
}
