// One message: who, when, what, and what can be done with it.

import { cardNode } from "./card.js";
import { el, icon, ICONS } from "./dom.js";
import { clockNode, counted, t } from "./words.js";

/** A round picture for a person, or the window for Madoguchi. */
export function avatar(person) {
  if (!person) return el("img", { class: "avatar", src: "/static/icon.svg", alt: "", width: 36, height: 36 });
  const [initial] = person.name;
  return el("span", { class: `avatar initials hue-${person.hue}`, "aria-hidden": "true" }, initial);
}

/**
 * A message as an <li>. `acts` has person(handle), press(message, call, button), openThread(message),
 * remove(message) and mayRemove(message); `inThread` leaves the thread's own links out.
 */
export function messageNode(message, acts, grouped, inThread) {
  const person = message.author ? acts.person(message.author) : null;
  const name = message.author ? (person?.name ?? message.author) : "Madoguchi";
  const what = message.card
    ? cardNode(message.card, (call, button) => acts.press(message, call, button), inThread ? 3 : 2)
    : el("p", { class: "words" }, message.text ?? "");
  return el(
    "li",
    { class: `message${grouped ? " grouped" : ""}`, id: `${inThread ? "reply" : "message"}-${message.id}` },
    grouped ? el("span", { class: "avatar-space" }) : avatar(person),
    el(
      "div",
      { class: "message-body" },
      el(
        "p",
        { class: grouped ? "unseen" : "byline" },
        el("span", { class: "author" }, name),
        " ",
        clockNode(message.at),
      ),
      what,
      inThread ? null : threadLink(message, acts),
    ),
    acts.mayRemove(message) ? actions(message, acts, name) : null,
  );
}

function threadLink(message, acts) {
  const title = message.card?.title ?? message.text ?? "";
  const link = (kind, ...content) =>
    el(
      "button",
      {
        type: "button",
        class: `thread-link ${kind}`,
        "data-slot": "thread",
        onclick: () => acts.openThread(message.id),
        "aria-label": message.replies ? null : t("page.reply.to", { title }),
      },
      icon(ICONS.thread),
      ...content,
    );
  if (!message.replies) return link("first", el("span", {}, t("page.reply")));
  return link(
    "some",
    el("span", {}, counted("page.replies", message.replies)),
    message.last_reply ? clockNode(message.last_reply) : null,
  );
}

function actions(message, acts, name) {
  return el(
    "div",
    { class: "message-actions" },
    el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "data-slot": "delete",
        "aria-label": `${t("page.delete")}: ${message.card?.title ?? name}`,
        title: t("page.delete"),
        onclick: () => acts.remove(message),
      },
      icon(ICONS.trash),
    ),
  );
}

/** An answer that only this tab sees: a card or a sentence, with a way to put it away. */
export function privateNode(entry, press, dismiss, inThread) {
  const content = entry.card
    ? cardNode(entry.card, press, inThread ? 3 : 2)
    : el("p", { class: "card tone-alert card-line" }, entry.sentence);
  return el(
    "li",
    { class: "message private" },
    avatar(null),
    el(
      "div",
      { class: "message-body" },
      el(
        "p",
        { class: "byline" },
        el("span", { class: "only-you" }, icon(ICONS.lock), t("page.only_you")),
        el("button", { type: "button", class: "text-button", "data-slot": "dismiss", onclick: dismiss }, t("page.dismiss")),
      ),
      content,
    ),
  );
}
