// Cards: everything that Madoguchi shows in a message, from the server's JSON.

import { chartNode } from "./chart.js";
import { announce, el, freshId, toneClass } from "./dom.js";
import { nodesOf, t } from "./words.js";


/** A card as an <article> under a heading of `level`. `press(call, button)` is what its buttons do. */
export function cardNode(card, press, level) {
  const title = freshId("card");
  return el(
    "article",
    { class: `card ${toneClass(card.tone)}`, "aria-labelledby": title },
    el(
      "header",
      { class: "card-head" },
      el(`h${level}`, { class: "card-title", id: title }, card.title),
      card.badge ? el("span", { class: "badge" }, card.badge) : null,
    ),
    card.lines.map((line) => el("p", { class: "card-line" }, nodesOf(line))),
    card.fields.length ? fieldsNode(card.fields) : null,
    card.quote ? quoteNode(card.quote, card.ours) : null,
    card.copy ? copyNode(card.copy) : null,
    card.chart ? chartNode(card.chart) : null,
    card.items.length ? itemsNode(card.items, press, level + 1) : null,
    card.buttons.length
      ? el("div", { class: "card-buttons" }, card.buttons.map((button) => buttonNode(button, press)))
      : null,
    card.footer.length ? el("p", { class: "card-footer" }, nodesOf(card.footer)) : null,
  );
}

function fieldsNode(fields) {
  const pairs = fields.map((field) =>
    el("div", { class: "field" }, el("dt", {}, field.label), el("dd", {}, nodesOf(field.value))),
  );
  return el("dl", { class: "fields" }, pairs);
}

function quoteNode(quote, isOurs) {
  return el(
    "figure",
    { class: "quote" },
    el("figcaption", {}, t(isOurs ? "page.quote.ours" : "page.quote")),
    el("blockquote", {}, quote),
  );
}

/** A text to be copied as it stands, with the button that does it. */
function copyNode(text) {
  const caption = freshId("copy");
  const words = el("pre", {}, text);
  const hint = el("p", { class: "copy-hint" });
  const button = el(
    "button",
    {
      type: "button",
      class: "button small",
      "data-slot": "copy",
      "aria-describedby": caption,
      onclick: async () => {
        const done = await copied(text, words);
        const told = t(done ? "page.copy.done" : "page.copy.failed");
        hint.textContent = done ? "" : told;
        announce(told);
        if (!done) return;
        button.textContent = told;
        setTimeout(() => (button.textContent = t("page.copy.do")), 3000);
      },
    },
    t("page.copy.do"),
  );
  const head = el("div", { class: "copy-head" }, el("figcaption", { id: caption }, t("page.copy")), button);
  return el("figure", { class: "copy" }, head, words, hint);
}

/** Put a text into the clipboard; where the browser does not let us, it is left marked. */
async function copied(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return document.execCommand("copy");
  }
}

function itemsNode(items, press, level) {
  const rows = items.map((item) => {
    if (item.heading) return el("li", { class: "item-heading" }, el(`h${level}`, {}, nodesOf(item.text)));
    const text = freshId("item");
    return el(
      "li",
      { class: item.detail.length || item.button || item.buttons.length || item.link ? "item" : "item item-plain" },
      el(
        "div",
        { class: "item-words" },
        el("p", { class: "item-text", id: text }, nodesOf(item.text)),
        item.detail.length ? el("p", { class: "item-detail" }, nodesOf(item.detail)) : null,
      ),
      item.button ? buttonNode(item.button, press, text) : null,
      item.buttons.length
        ? el("div", { class: "item-buttons" }, item.buttons.map((button) => buttonNode(button, press, text)))
        : null,
      item.link ? el("a", { class: "button small", href: item.link.path, download: "", "aria-describedby": text }, item.link.label) : null,
    );
  });
  return el("ul", { class: "items" }, rows);
}

function buttonNode(button, press, describedBy = null) {
  const kind = { primary: "primary", danger: "danger", quiet: "looks" }[button.style] ?? "";
  // Its slot is how a redrawn card finds the button again, whatever version or page it then stands for. In a row it
  // stands for what the row is about, whatever else its call says of it.
  const [verb, inquiry = "", , ...about] = button.call.split(":");
  const slot = [verb, inquiry, ...(describedBy ? about : []), button.label].join(":");
  return el(
    "button",
    {
      type: "button",
      class: `button small ${kind}`,
      "data-slot": slot,
      "aria-describedby": describedBy,
      onclick: (event) => press(button.call, event.currentTarget),
    },
    button.label,
  );
}
