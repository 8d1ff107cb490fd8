// Commands: what is pressed, typed and filled in goes to the server, and its answer is shown where it was asked.

import { app } from "./app.js";
import { post } from "./api.js";
import { announce } from "./dom.js";
import { openForm } from "./form.js";
import { t } from "./words.js";

/** What went wrong, in words; `isCall` when something may have happened after all. */
export function complaintOf(error, isCall = false) {
  if (error.kind === "refused") return error.sentence || t("page.failed");
  if (error.kind === "unclear" && isCall) return t("page.unclear");
  if (error.kind) return t("page.not_sent");
  throw error;
}

/**
 * Make a call and show its answer. `where` is {view, channel, message, anchor, from}: the message it is about,
 * the one under which the answer stands, and the answer whose button was pressed.
 */
export async function call(path, body, where) {
  try {
    const result = await send(path, body, where);
    if (result.answer) show(result, where);
    return "";
  } catch (error) {
    return complaintOf(error, true);
  }
}

/** Press a button; it is busy until the answer is there, and what goes wrong is said beside it. */
export async function press(button, callText, where) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const complaint = await call("press", { call: callText }, where);
  button.removeAttribute("aria-busy");
  if (complaint) put({ sentence: complaint, verb: "" }, complaint, where);
}

const send = (path, body, where) =>
  post(path, { me: app.me.handle, channel: where.channel, message: where.message, ...body });

function show({ verb, answer }, where) {
  if (answer.card) {
    put({ card: answer.card, verb }, answer.card.summary, where);
    return;
  }
  openForm(
    answer.form,
    (callText, inputs) =>
      send("submit", { call: callText, inputs }, where).catch((error) => ({ complaint: complaintOf(error, true) })),
    (next) => show({ verb, answer: next }, where),
  );
}

function put(content, words, { view, channel, message, anchor, from }) {
  if (channel !== app.channel) return;
  const { list } = view;
  // A page of a list takes the place of the former one, and so does a second answer under the same card.
  const same = (entry) => (from ? entry === from && entry.verb === content.verb : anchor && entry.anchor === anchor);
  const instead = list.privates.find(({ entry }) => same(entry))?.entry ?? null;
  const after = instead?.after ?? anchor ?? from?.after ?? list.last;
  view.answer({ ...content, message, anchor: instead?.anchor ?? anchor, after }, instead);
  announce(words);
}
