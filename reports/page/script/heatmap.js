// Schedules by columns: ratios to the best as a table whose cells are coloured by class.
//
// spec: rows (numbers of schedules), columns, titles, scenarios, values, lost; alt.

function heatmap(host, spec) {
  host.replaceChildren();
  host.classList.add("heatmap");
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": spec.alt ?? "" }, host);
  const table = make("table", { class: "heat" }, scroll);
  make("caption", { class: "hidden" }, table, spec.alt ?? "");
  const head = make("tr", {}, make("thead", {}, table));
  make("th", { scope: "col" }, head, "schedule");
  spec.columns.forEach((name, j) => {
    const title = `${spec.titles[j]}: ${plural(spec.scenarios[j], "scenario")}`;
    make("span", {}, make("th", { scope: "col", title }, head), name);
  });
  const body = make("tbody", {}, table);
  spec.rows.forEach((schedule, i) => {
    const row = make("tr", {}, body);
    const name = make("th", { scope: "row", title: schedules[schedule].written }, row);
    swatch(schedule, name);
    name.append(schedules[schedule].label);
    spec.values[i].forEach((value, j) => heatCell(row, number(value), spec.lost[i][j], spec.scenarios[j]));
  });
  key(host);
  return () => {};
}

function heatCell(row, value, lost, scenarios) {
  const cell = make("td", {}, row);
  if (Number.isNaN(value)) {
    cell.textContent = lost ? "" : "–";
  } else if (value !== Infinity) {
    cell.className = `h${heatClass(value)}`;
    cell.textContent = value < 1.0005 ? "1" : shown(value);
  }
  if (!lost) return;
  cell.classList.add("lost");
  make("span", { title: `diverged in ${lost} of ${scenarios}` }, cell, `✕${lost}`);
}

function heatClass(value) {
  const found = page.classes.findIndex((limit) => value <= limit);
  return found < 0 ? page.classes.length : found;
}

function key(host) {
  const list = make("ol", { class: "key", "aria-label": "Colours: ratio to the best" }, host);
  page.classes.forEach((limit, i) => make("li", { class: `h${i}` }, list, i ? `≤ ${limit}` : "best"));
  make("li", { class: `h${page.classes.length}` }, list, `> ${page.classes.at(-1)}`);
}
