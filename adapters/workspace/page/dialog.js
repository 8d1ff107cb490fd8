// Dialogs: forms of commands, and questions before something is deleted.

import { el, freshId, icon, ICONS } from "./dom.js";
import { t } from "./words.js";

/** An empty <dialog> with a heading and a way out; it removes itself when it closes. */
export function openDialog({ title, intro, content, sheet = false }) {
  const heading = freshId("dialog");
  const about = intro ? freshId("about") : null;
  const back = document.activeElement;
  const dialog = el(
    "dialog",
    { class: sheet ? "dialog sheet" : "dialog", "aria-labelledby": heading, "aria-describedby": about },
    el(
      "div",
      { class: "dialog-head" },
      el("h2", { id: heading }, title),
      el("button", { type: "button", class: "icon-button", "aria-label": t("page.close"), onclick: () => dialog.close() }, icon(ICONS.close)),
    ),
    intro ? el("p", { class: "dialog-intro", id: about }, intro) : null,
    content,
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    const target = back?.isConnected && back !== document.body ? back : document.querySelector("#composer textarea");
    target?.focus({ preventScroll: true });
    // Chromium gives the focus back without the caret at times, and what is typed then is lost.
    if (target?.matches("textarea")) target.setSelectionRange(target.selectionStart, target.selectionEnd);
  });
  document.getElementById("dialogs").append(dialog);
  dialog.showModal();
  (dialog.querySelector("[data-first]") ?? dialog.querySelector("input, textarea, select"))?.focus();
  return dialog;
}

/** A labelled control with a place for its hint and for what is wrong with it. */
export function labelled(label, control, { hint = "", required = false } = {}) {
  const [id, hintId, wrongId] = [freshId("input"), freshId("hint"), freshId("wrong")];
  control.id = id;
  control.setAttribute("aria-describedby", hint ? `${hintId} ${wrongId}` : wrongId);
  if (required) control.setAttribute("aria-required", "true");
  const wrong = el("p", { class: "wrong", id: wrongId, role: "alert" });
  const node = el(
    "div",
    { class: "input" },
    el("label", { for: id }, label, required ? null : el("span", { class: "optional" }, t("page.optional"))),
    hint ? el("p", { class: "hint", id: hintId }, hint) : null,
    control,
    wrong,
  );
  const complain = (sentence) => {
    wrong.textContent = sentence;
    if (sentence) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  control.addEventListener("input", () => complain(""));
  return { node, control, required, label, complain };
}

/** True when every required control is filled in; else says so beside each and goes to the first. */
export function isComplete(inputs) {
  const missing = inputs.filter((input) => input.required && !input.control.value.trim());
  for (const input of missing) input.complain(t("page.fill_in", { label: input.label }));
  missing[0]?.control.focus();
  return !missing.length;
}

/** The row of buttons under a form, and the place for what went wrong. */
export function formFoot(submitLabel, cancelLabel, cancel, danger = false) {
  const problem = el("div", { class: "problem", role: "alert" });
  const submit = el("button", { type: "submit", class: `button ${danger ? "danger" : "primary"}` }, submitLabel);
  const node = el(
    "div",
    { class: "dialog-foot" },
    el("button", { type: "button", class: "button", onclick: cancel }, cancelLabel),
    submit,
  );
  return { problem, submit, node };
}

/** Ask before deleting; resolves to true when the person says yes. */
export function confirmDelete() {
  return new Promise((resolve) => {
    const foot = formFoot(t("page.delete"), t("page.cancel"), () => dialog.close(), true);
    const form = el("form", { onsubmit: (event) => (event.preventDefault(), resolve(true), dialog.close()) }, foot.node);
    foot.node.firstChild.dataset.first = "";
    const dialog = openDialog({ title: t("page.delete.title"), intro: t("page.delete.intro"), content: form });
    dialog.addEventListener("close", () => resolve(false));
  });
}
