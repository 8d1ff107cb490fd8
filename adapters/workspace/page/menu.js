// A menu button: arrow keys move, Enter chooses, Escape closes and gives the focus back.

import { el, freshId } from "./dom.js";

/** A button that opens a menu of choices: [{content, isChosen, choose}]. */
export function menuButton({ label, title, content, choices, hint }) {
  const [id, hintId] = [freshId("menu"), freshId("hint")];
  const button = el(
    "button",
    { type: "button", class: "menu-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id, "aria-label": label },
    content,
  );
  const items = choices.map((choice) =>
    el(
      "li",
      { role: "menuitemradio", "aria-checked": String(choice.isChosen), tabindex: "-1", class: "menu-item", onclick: () => pick(choice) },
      choice.content,
    ),
  );
  const menu = el("ul", { role: "menu", id, "aria-label": title, "aria-describedby": hintId, onkeydown: move }, items);
  const box = el("div", { class: "menu", hidden: true }, menu, el("p", { class: "menu-hint", id: hintId }, hint));

  function open(isOpen, back = true) {
    box.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) (items[choices.findIndex((choice) => choice.isChosen)] ?? items[0]).focus();
    else if (back) button.focus();
  }

  function pick(choice) {
    open(false);
    choice.choose();
  }

  function move(event) {
    const at = items.indexOf(document.activeElement);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (target !== undefined) items[target % items.length].focus();
    else if (event.key === "Enter" || event.key === " ") pick(choices[at]);
    else if (event.key === "Escape") open(false);
    else if (event.key === "Tab") return open(false, false);
    else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  }

  button.addEventListener("click", () => open(box.hidden));
  const whole = el("div", { class: "menu-place" }, box, button);
  whole.addEventListener("focusout", (event) => {
    if (!box.hidden && event.relatedTarget && !whole.contains(event.relatedTarget)) open(false, false);
  });
  whole.ownerDocument.addEventListener("pointerdown", (event) => {
    if (!box.hidden && !whole.contains(event.target)) open(false, false);
  });
  return whole;
}
