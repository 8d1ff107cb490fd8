// Charts: bars in the colours of their parts, each with its numbers as text, in a table that can be read aloud.

import { el, freshId, toneClass } from "./dom.js";
import { amount } from "./words.js";

const sum = (amounts) => amounts.reduce((total, one) => total + one, 0);

/** A chart as a <figure>: its title, what the colours mean, and a row for each bar. */
export function chartNode(chart) {
  const title = freshId("chart");
  const most = Math.max(1, ...chart.bars.map((bar) => sum(bar.parts)));
  return el(
    "figure",
    { class: "chart", "aria-labelledby": title },
    el("figcaption", { id: title }, chart.title),
    el("ul", { class: "chart-legend" }, chart.parts.map((part) => el("li", { class: toneClass(part.tone) }, part.label))),
    el("table", {}, el("tbody", {}, chart.bars.map((bar) => rowNode(bar, chart.parts, most)))),
  );
}

function rowNode(bar, parts, most) {
  const total = sum(bar.parts);
  const drawn = el("div", { class: "chart-bar" });
  drawn.style.width = `${(100 * total) / most}%`;
  bar.parts.forEach((one, place) => {
    if (one) drawn.append(partNode(one, parts[place]), " ");
  });
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("span", { class: "chart-label" }, bar.label)),
    el("td", { class: "chart-space" }, drawn),
    el("td", { class: "chart-total" }, amount(total)),
    el("td", { class: "chart-note" }, bar.note),
  );
}

/** A part is as wide as it is large, and never narrower than its number. */
function partNode(one, part) {
  const node = el("span", { class: `chart-part ${toneClass(part.tone)}`, title: part.label });
  node.style.flexGrow = one;
  node.append(el("span", { class: "unseen" }, `${part.label} `), amount(one));
  return node;
}
