// The panel: choose a scenario, see its bands, rates, distributions, ratios and responses.

// All cells of the directory; null on pages without cells.
const all = page.widgets.scenarios ? readCells(page.widgets.scenarios) : null;

function readCells(packed) {
  const found = {
    ...packed,
    axes: packed.axes.map((axis) => ({ ...axis, codes: unpack(axis.codes) })),
    samples: { levels: packed.samples.levels, whole: packed.samples.whole, series: new Series(packed.samples) },
  };
  for (const name of ["scenario", "schedule", "reference", "inert", "seeds", "measure"]) found[name] = unpack(packed[name]);
  for (const [name, values] of Object.entries(packed.numbers)) found[name] = unpack(values);
  if (packed.bands) {
    const { grids, tables } = packed.bands;
    found.bands = { grids, tables };
    for (const name of ["grid", "there", "table"]) found.bands[name] = unpack(packed.bands[name]);
    for (const name of ["values", "rates"]) found.bands[name] = new Series(packed.bands[name]);
  }
  found.members = new Map();
  found.scenario.forEach((scenario, cell) => {
    if (!found.members.has(scenario)) found.members.set(scenario, []);
    found.members.get(scenario).push(cell);
  });
  found.axis = Object.fromEntries(found.axes.map((axis) => [axis.name, axis]));
  return found;
}

const nameOf = (cell) => schedules[all.schedule[cell]].label;
const codesOf = (scenario) => all.axes.map((axis) => axis.codes[all.members.get(scenario)[0]]);
const valueOf = (cell, name) => all.axis[name].values[all.axis[name].codes[cell]];
const measureOf = (cell) => all.measures[all.measure[cell]];
// Values on a logarithmic axis, unless some of the scenario's are negative.
const lossScale = (cells) => (cells.some((cell) => all.p10[cell] < 0) ? "linear" : "log");
const labelOf = (cell, name) => all.axis[name].labels[all.axis[name].codes[cell]];

class Panel {
  constructor(host) {
    this.host = host;
    this.hidden = new Set();
    this.linear = !all.bands || all.bands.grids.some((grid) => grid.length > 2 && grid[grid.length - 1] === grid.length - 1);
    this.scenario = all.first;
    this.controls = make("div", { class: "controls", role: "group", "aria-label": "Scenario" }, host);
    this.selects = all.axes.map((axis, i) => (axis.values.length > 1 ? this.select(axis, i) : null));
    this.constants = make("p", { class: "constants" }, host);
    this.finding = make("p", { class: "finding", "aria-live": "polite" }, host);
    this.chips = make("div", { class: "chips", role: "group", "aria-label": "Schedules shown" }, host);
    this.parts = make("div", {}, host);
    this.command = commandBox(host, "this scenario");
    this.draw();
  }

  select(axis, i) {
    const label = make("label", {}, this.controls);
    label.append(axis.name.replace("_", " "));
    const select = make("select", { "data-axis": axis.name }, label);
    axis.labels.forEach((text, code) => make("option", { value: code, title: String(axis.values[code]) }, select, text));
    select.addEventListener("change", () => this.choose(i, Number(select.value)));
    return select;
  }

  // The scenario with this value that agrees most with the one shown.
  choose(i, code) {
    const wanted = codesOf(this.scenario);
    wanted[i] = code;
    let best = null, most = -1;
    for (const scenario of all.members.keys()) {
      const codes = codesOf(scenario);
      if (codes[i] !== code) continue;
      const agree = codes.filter((c, k) => c === wanted[k]).length;
      if (agree > most) [best, most] = [scenario, agree];
    }
    this.go(best);
  }

  go(scenario) {
    this.scenario = scenario;
    this.draw();
  }

  get cells() {
    return all.members.get(this.scenario);
  }

  get shown() {
    return this.cells.filter((cell) => !this.hidden.has(all.schedule[cell]));
  }

  draw() {
    const codes = codesOf(this.scenario);
    this.selects.forEach((select, i) => {
      if (select) select.value = codes[i];
    });
    this.constants.textContent = this.describe();
    this.finding.textContent = answer(this.cells);
    this.drawChips();
    this.parts.replaceChildren();
    for (const part of [bandsPart, ratesPart, samplesPart, forestPart, strengthPart, lrPart]) {
      part(this, this.parts);
    }
    this.command.show(all.command || command(this.cells));
  }

  describe() {
    const usual = { perturb: "none", metric: "last", metric_every: 1 };
    const fixed = all.axes.filter((axis) => axis.values.length === 1 && usual[axis.name] !== axis.values[0]);
    const said = fixed.map((axis) => `${axis.name.replace("_", " ")} ${axis.labels[0]}`);
    return [...said, `n = ${plural(all.seeds[this.cells[0]], "paired seed")}`].join(", ");
  }

  drawChips() {
    this.chips.replaceChildren();
    for (const cell of this.cells) {
      const schedule = all.schedule[cell];
      const pressed = !this.hidden.has(schedule);
      const chip = make("button", { type: "button", class: "chip", "aria-pressed": pressed, title: schedules[schedule].written }, this.chips);
      swatch(schedule, chip);
      chip.append(nameOf(cell) + (all.inert[cell] ? " *" : ""));
      chip.addEventListener("click", () => {
        if (!this.hidden.delete(schedule)) this.hidden.add(schedule);
        this.draw();
        [...this.chips.children].find((one) => one.title === schedules[schedule].written)?.focus();
      });
    }
    if (this.cells.some((cell) => all.inert[cell])) {
      make("span", { class: "note" }, this.chips, "* the noise acts on nothing here: same lanes as without it");
    }
  }

  // A heading, a figure, and its caption, which is its alternative text too.
  figure(parent, title, caption, width = "") {
    const figure = make("figure", { class: width }, parent);
    make("h3", {}, figure, title);
    const host = make("div", {}, figure);
    make("figcaption", {}, figure, caption);
    return host;
  }
}

// Who has the lowest median of a scenario, and by how much.
function answer(cells) {
  const sorted = [...cells].sort((a, b) => all.p50[a] - all.p50[b]);
  const [first, second] = sorted;
  if (all.p50[first] === Infinity) return "More than half of the lanes diverged under every schedule.";
  let text = `${nameOf(first)} has the lowest median final ${measureOf(first)}, ${shown(all.p50[first])}`;
  if (second === undefined) return `${text}.`;
  text += all.p50[second] === all.p50[first] ? `; so has ${nameOf(second)}` : `; next is ${nameOf(second)}, `
    + (all.p50[first] > 0 ? `${shownRatio(all.p50[second] / all.p50[first])} times that` : shown(all.p50[second]));
  const against = all.reference[first] - 1;
  const compared = against === first ? second : first;
  if (all.low[compared] <= 1 && all.high[compared] >= 1) {
    text += `, which these seeds do not tell apart from ${nameOf(all.reference[compared] - 1)}`;
  }
  return `${text}.`;
}

function bandSeries(cell) {
  const { bands } = all;
  const grid = bands.grids[bands.grid[cell]];
  const of = (k) => bands.values.row(cell, grid.length, k, 3);
  return { schedule: all.schedule[cell], name: nameOf(cell), x: grid, low: of(0), y: of(1), high: of(2) };
}

function bandsPart(panel, parent) {
  const cells = panel.shown.filter((cell) => all.bands && all.bands.there[cell]);
  if (!cells.length) return;
  const every = cells.map(bandSeries);
  const x = { label: "step", scale: panel.linear ? "linear" : "steps" };
  const measure = measureOf(cells[0]);
  const y = { label: measure, scale: lossScale(panel.cells) };
  const caption = `Medians (p50) of all schedules, step by step. ${answer(cells)}`;
  const host = panel.figure(parent, `${measure[0].toUpperCase()}${measure.slice(1)} at each step: all medians`, caption);
  stepsToggle(panel, host.parentNode);
  const medians = every.map(({ low, high, ...one }) => one);
  curves(host, { x, y, series: medians, labels: true, snap: every[0].x, alt: caption });
  multiples(panel, parent, cells, every, x, y);
}

function stepsToggle(panel, figure) {
  const text = panel.linear ? "Steps on a logarithmic axis" : "Steps on a linear axis";
  const button = make("button", { type: "button", class: "small toggle-steps" }, null, text);
  figure.querySelector("h3").append(" ", button);
  button.addEventListener("click", () => {
    panel.linear = !panel.linear;
    panel.draw();
    panel.parts.querySelector(".toggle-steps")?.focus();
  });
}

// A small figure a schedule, all on the same axes, with the reference's median for comparison.
function multiples(panel, parent, cells, every, x, y) {
  const [low, high] = range({ y, series: every });
  const reference = all.reference[cells[0]] - 1;
  const other = all.bands.there[reference] ? bandSeries(reference) : null;
  const ratios = y.scale === "log";
  const widest = cells.reduce((a, b) => (spread(b, ratios) > spread(a, ratios) ? b : a));
  const caption = `Bands from p10 to p90 around the median of each schedule${other ? `; dotted: median of ${other.name}` : ""}.`
    + (spread(widest, ratios) < 0 ? "" : ` In the end the band of ${nameOf(widest)} is the widest: p90 ${ratios ? "/" : "-"} p10 = ${shownRatio(spread(widest, ratios))}.`);
  const host = panel.figure(parent, "Bands over the seeds", caption);
  const grid = make("div", { class: "multiples" }, host);
  every.forEach((one, i) => {
    const place = make("div", {}, grid);
    const title = make("h4", {}, place);
    swatch(one.schedule, title);
    make("span", {}, title, one.name + (all.inert[cells[i]] ? " *" : ""));
    const lost = all.diverged[cells[i]];
    if (lost > 0) make("small", {}, title, ` ${percent(lost)} diverged`);
    const series = [one];
    if (other && other.schedule !== one.schedule) {
      series.unshift({ schedule: other.schedule, name: other.name, x: other.x, y: other.y, thin: true });
    }
    const alt = `${one.name}: final p10 ${shown(all.p10[cells[i]])}, p50 ${shown(all.p50[cells[i]])}, p90 ${shown(all.p90[cells[i]])}`;
    curves(make("div", {}, place), {
      x: { ...x, label: "", short: "step" }, y: { ...y, label: "", low, high }, series, height: 170,
      quiet: true, solid: true, snap: one.x, alt,
    });
  });
}

function spread(cell, ratios) {
  const found = ratios ? all.p90[cell] / all.p10[cell] : all.p90[cell] - all.p10[cell];
  return Number.isNaN(found) ? -Infinity : found;
}

function ratesPart(panel, parent) {
  if (!all.bands) return;
  const series = panel.shown.map(rateSeries).filter((one) => one.y.some((v) => Number.isFinite(v)));
  if (!series.length) return;
  const ends = series.map((one) => [one.name, one.y.findLast((v) => !Number.isNaN(v))]);
  const top = ends.reduce((a, b) => (b[1] > a[1] ? b : a)), low = ends.reduce((a, b) => (b[1] < a[1] ? b : a));
  const caption = `Learning rates, mean over the seeds. In the end ${top[0]} has the highest, ${shown(top[1])}`
    + (series.length > 1 ? `, and ${low[0]} the lowest, ${shown(low[1])}.` : ".");
  const host = panel.figure(parent, "Rates over time", caption);
  curves(host, {
    x: { label: "step", scale: panel.linear ? "linear" : "steps" }, y: { label: "mean lr", scale: "log" },
    series, height: 240, labels: true, alt: caption,
    snap: series.reduce((a, b) => (b.x.length > a.x.length ? b : a)).x,
  });
}

function rateSeries(cell) {
  const { bands } = all;
  const identity = { schedule: all.schedule[cell], name: nameOf(cell) };
  const table = bands.table[cell] ? bands.tables[bands.table[cell] - 1] : null;
  if (table) return { ...identity, x: table.steps, y: table.rates };
  const grid = bands.grids[bands.grid[cell]];
  const rates = bands.rates.row(cell, grid.length);
  const last = rates.length && Number.isNaN(rates.at(-1)) ? -1 : rates.length;
  return { ...identity, x: grid.slice(0, last), y: rates.slice(0, last) };
}

function samplesPart(panel, parent) {
  const cells = panel.shown, { levels, series, whole } = all.samples, scale = lossScale(panel.cells);
  const measure = measureOf(panel.cells[0]);
  const found = cells.map((cell) => ({ cell, row: series.row(cell) })).filter(({ row }) => !Number.isNaN(row[0]));
  if (!found.length) return;
  const drawn = found.map(({ cell, row }) => sampleSeries(cell, row, levels));
  const inner = found.flatMap(({ row }) => row.filter((v, i) => Number.isFinite(v) && levels[i] >= 0.02 && levels[i] <= 0.98));
  const every = inner.length ? inner : found.flatMap(({ row }) => row.filter(Number.isFinite));
  const half = answer(found.map(({ cell }) => cell));
  const caption = `Share of the seeds whose final ${measure} is at most x (ECDF), drawn through`
    + ` ${levels.length} quantiles${whole ? "" : ", as the rows of the lanes were not kept"}; further left is better. ${half}`;
  const host = panel.figure(parent, `Distribution of the final ${measure}`, caption, "half");
  curves(host, {
    x: { label: `final ${measure}`, scale, ...ends(every, scale) },
    y: { label: "share of seeds", scale: "share", rule: 0.5 }, series: drawn, height: 300, alt: caption,
  });
}

// The ends of an axis of values; zeros do not count on a logarithmic one.
function ends(values, scale) {
  const shownValues = scale === "log" ? values.filter((v) => v > 0) : values;
  return shownValues.length ? { low: Math.min(...shownValues), high: Math.max(...shownValues) } : { low: 0.1, high: 1 };
}

// Points of an ECDF; zeros stand at the left end, what diverged is missing at the top.
function sampleSeries(cell, row, levels) {
  const one = { schedule: all.schedule[cell], name: nameOf(cell), x: [], y: [] };
  row.forEach((value, i) => {
    if (value === Infinity || Number.isNaN(value)) return;
    one.x.push(value);
    one.y.push(levels[i]);
  });
  return one;
}

function forestPart(panel, parent) {
  const compared = panel.shown.filter((cell) => all.reference[cell] && all.reference[cell] - 1 !== cell);
  if (!compared.some((cell) => all.ratio[cell] >= 0)) return;
  const against = nameOf(all.reference[compared[0]] - 1);
  const rows = compared.map((cell) => ({
    schedule: all.schedule[cell], name: nameOf(cell),
    estimate: all.ratio[cell], low: all.low[cell], high: all.high[cell],
    note: Number.isNaN(all.ratio[cell]) ? "undefined: both medians are 0 or diverged, or f* is unknown" : `lower on ${percent(all.better[cell])} of the seeds`,
  }));
  const better = rows.filter((row) => row.high < 1), worse = rows.filter((row) => row.low > 1);
  const names = (list) => list.map((row) => row.name).join(", ") || "none";
  const rest = better.length + worse.length < rows.length ? " The others are not told apart." : "";
  const caption = `Median / median of ${against} on the same ${plural(all.seeds[compared[0]], "seed")}, with the 95 % interval; below 1 is better than ${against}.`
    + ` Better: ${names(better)}. Worse: ${names(worse)}.${rest}`;
  const host = panel.figure(parent, `Paired ratios against ${against}`, caption, "half");
  forest(host, { rows, label: `p50 / p50 of ${against}`, alt: caption });
}

// Medians along a numeric axis, everything else as chosen.
function response(panel, parent, name, x, title, said) {
  const axis = all.axis[name];
  if (axis.values.length < 2) return;
  const others = all.axes.filter((one) => one !== axis);
  const first = panel.cells[0];
  const alike = [];
  for (let cell = 0; cell < all.count; cell++) {
    if (others.every((one) => one.codes[cell] === one.codes[first])) alike.push(cell);
  }
  const at = [...new Set(alike.map((cell) => axis.values[axis.codes[cell]]))].sort((a, b) => a - b);
  if (at.length < 2) return;
  const wanted = new Set(panel.shown.map((cell) => all.schedule[cell]));
  const series = [...wanted].map((schedule) => {
    const mine = alike.filter((cell) => all.schedule[cell] === schedule)
      .sort((a, b) => axis.values[axis.codes[a]] - axis.values[axis.codes[b]]);
    return {
      schedule, name: schedules[schedule].label, x: mine.map((cell) => axis.values[axis.codes[cell]]),
      y: mine.map((cell) => all.p50[cell]),
    };
  });
  const caption = said(series);
  const measure = measureOf(first);
  const host = panel.figure(parent, title, caption);
  curves(host, {
    x: { ...x, at }, y: { label: `final ${measure} (p50)`, scale: lossScale(alike) }, series, points: true,
    snap: at, height: 280, labels: true, alt: caption,
  });
}

function strengthPart(panel, parent) {
  response(panel, parent, "strength", { label: "strength of the noise", scale: "strength" },
    "Robustness: final value against noise strength", (series) => {
      const change = series.map((one) => [one.name, one.y.at(-1) / one.y[0]]).filter((pair) => !Number.isNaN(pair[1]));
      const text = "Medians (p50) of the final value at every strength, everything else as chosen.";
      if (!change.length || series.some((one) => one.y.some((v) => v < 0))) return text;
      const most = change.reduce((a, b) => (b[1] > a[1] ? b : a)), least = change.reduce((a, b) => (b[1] < a[1] ? b : a));
      return `${text} From the lowest to the highest strength the median of ${most[0]} changes most, ${shownRatio(most[1])} times;`
        + ` that of ${least[0]} least, ${shownRatio(least[1])} times.`;
    });
}

function lrPart(panel, parent) {
  response(panel, parent, "lr", { label: "initial learning rate", scale: "log" },
    "Sensitivity: final value against the learning rate", (series) => {
      const best = series.map((one) => {
        const i = one.y.indexOf(Math.min(...one.y));
        return [one.name, one.x[i], one.y[i]];
      }).filter((entry) => entry[1] !== undefined).sort((a, b) => a[2] - b[2]);
      const text = "Medians (p50) of the final value at every initial rate, everything else as chosen.";
      return best.length ? `${text} The lowest is that of ${best[0][0]} at lr ${shown(best[0][1])}, ${shown(best[0][2])}.` : text;
    });
}

// The command that runs exactly the cells of a scenario.
function command(cells) {
  const first = cells[0];
  const flags = all.axes.filter((axis) => !(axis.name === "perturb" && valueOf(first, "perturb") === "none"))
    .flatMap((axis) => {
      const value = axis.spelled[axis.codes[first]];
      const flag = `--${axis.name.replace("_", "-")}`;
      return axis.name === "perturb" ? value.split(" and ").map((event) => `--perturb ${quoted(event)}`) : [`${flag} ${quoted(value)}`];
    });
  const named = cells.map((cell) => `--schedule ${quoted(schedules[all.schedule[cell]].spelled)}`);
  return ["lab run", ...flags, `--seeds ${all.seeds[first]}`, `--seed ${all.seed}`, ...named, ...all.options].join(" ");
}

function quoted(value) {
  const text = String(value);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\"'\"'")}'`;
}
