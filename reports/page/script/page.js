// The page: figures of sections with their facets, widgets, the theme, and copy buttons.

const DRAWINGS = { curves, forest, heatmap, image };

function image(host, spec) {
  host.replaceChildren();
  // Drawn for a page of paper: on a phone it scrolls sideways rather than shrink beyond reading.
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Figure" }, host);
  make("img", { src: spec.src, alt: spec.alt ?? "" }, scroll);
  return () => {};
}

// The figures of one facet at a time; the finding of each is its caption.
function sectionFigures(place) {
  const figures = page.figures[place.dataset.figures];
  const facets = [...new Set(figures.map((one) => one.facet))];
  if (facets.length > 1) {
    const label = make("label", { class: "facet" }, place, place.dataset.facets);
    const select = make("select", {}, label);
    facets.forEach((name) => make("option", { value: name }, select, name));
    select.addEventListener("change", () => draw(select.value));
  }
  const shownNow = make("div", { class: "abreast" }, place);
  const draw = (facet) => {
    shownNow.replaceChildren();
    for (const { kind, data, finding, title } of figures.filter((one) => one.facet === facet)) {
      const figure = make("figure", { class: kind === "heatmap" ? "" : "whole" }, shownNow);
      if (title) make("h3", {}, figure, title);
      const host = make("div", {}, figure);
      make("figcaption", {}, figure, finding);
      DRAWINGS[kind](host, { ...data, alt: finding });
    }
  };
  draw(facets[0]);
}

// A command with its copy button, to be filled in.
function commandBox(parent, what) {
  const box = make("div", { class: "command" }, parent);
  const code = make("code", {}, make("pre", { tabindex: "0" }, box));
  make("button", { type: "button", class: "copy", "aria-label": `Copy the command of ${what}` }, box, "Copy");
  return { show: (text) => { code.textContent = text; } };
}

async function copy(button) {
  const code = button.parentNode.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Pages from a file may have no clipboard: select the text and use the old command.
    getSelection().selectAllChildren(code);
    document.execCommand("copy");
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

function theme() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
}

document.querySelectorAll("[data-figures]").forEach(sectionFigures);
const panels = [...document.querySelectorAll('[data-widget="scenarios"]')].map((host) => new Panel(host));
document.querySelectorAll('[data-widget="cells"]').forEach((host) => new CellTable(host, panels[0]));
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.copy");
  if (button) copy(button);
});
theme();
