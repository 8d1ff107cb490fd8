// A command's form as a dialog. It stays open, with everything typed, until the command has gone through.

import { el } from "./dom.js";
import { formFoot, isComplete, labelled, openDialog } from "./dialog.js";
import { nodesOf, t } from "./words.js";

const drafts = new Map();

/** Open a form. `submit(call, inputs)` resolves to {answer}, or {complaint} when it did not arrive. */
export function openForm(form, submit, done) {
  // Without the version: what was typed is still there when the inquiry has changed meanwhile.
  const slot = form.call.split(":").filter((part, place) => place !== 2).join(":");
  const draft = drafts.get(slot) ?? {};
  const inputs = form.inputs.map((input) => ({ name: input.name, ...inputNode(input, draft[input.name]) }));
  const foot = formFoot(form.submit, form.cancel, () => dialog.close());
  const values = () => Object.fromEntries(inputs.map((input) => [input.name, input.control.value]));
  const node = el(
    "form",
    {
      class: "form",
      novalidate: true,
      oninput: () => drafts.set(slot, values()),
      onkeydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) node.requestSubmit();
      },
      onsubmit: async (event) => {
        event.preventDefault();
        foot.problem.replaceChildren();
        if (!isComplete(inputs) || foot.submit.disabled) return;
        foot.submit.disabled = true;
        const { answer, complaint } = await submit(form.call, values());
        foot.submit.disabled = false;
        if (complaint) foot.problem.append(el("p", {}, complaint));
        else if (answer.card?.tone === "alert") foot.problem.append(...refusal(answer.card));
        else {
          drafts.delete(slot);
          dialog.close();
          done(answer);
        }
      },
    },
    inputs.map((input) => input.node),
    foot.problem,
    foot.node,
  );
  const dialog = openDialog({ title: form.title, intro: form.intro, content: node });
  return dialog;
}

function refusal(card) {
  return [el("p", { class: "problem-title" }, card.title), ...card.lines.map((line) => el("p", {}, nodesOf(line)))];
}

function inputNode(input, draft) {
  return labelled(input.label, control(input, draft ?? input.value), { hint: input.hint, required: input.required });
}

function control(input, value) {
  if (input.kind === "choice" || input.kind === "member") {
    const options = input.choices.map((choice) => el("option", { value: choice.value }, choice.label));
    const select = el("select", { name: input.name }, el("option", { value: "" }, t("page.choose")), options);
    select.value = value;
    return select;
  }
  const tag = input.kind === "paragraph" ? "textarea" : "input";
  const node = el(tag, { name: input.name, autocomplete: "off", ...(tag === "textarea" ? { rows: 5 } : { type: "text" }) });
  node.value = value;
  return node;
}
