// The left side: channels, direct messages, and who this tab acts as.

import { byId, el, icon, ICONS } from "./dom.js";
import { menuButton } from "./menu.js";
import { avatar } from "./message.js";
import { counted, t } from "./words.js";

/** A channel's name as people say it. */
export const placeName = (channel) => (channel.startsWith("@") ? "Madoguchi" : `#${channel}`);

/** Draw the channels; `go(channel)` opens one. */
export function drawPlaces(channels, current, hrefOf, go) {
  const focused = document.activeElement?.dataset.channel;
  const row = ({ id, unread, private: isPrivate }) => {
    const isDirect = id.startsWith("@");
    const link = el(
      "a",
      {
        href: hrefOf(id),
        class: unread ? "place unread" : "place",
        "aria-current": id === current ? "page" : null,
        "data-channel": id,
        onclick: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          go(id);
        },
      },
      isDirect
        ? el("img", { src: "/static/icon.svg", alt: "", width: 20, height: 20 })
        : el("span", { class: "hash", "aria-hidden": "true" }, isPrivate ? icon(ICONS.lock) : "#"),
      el("span", { class: "place-name" }, isDirect ? "Madoguchi" : id),
      unread ? el("span", { class: "count", "aria-hidden": "true" }, unread > 99 ? "99+" : String(unread)) : null,
      unread ? el("span", { class: "unseen" }, counted("page.unread", unread)) : null,
    );
    return el("li", {}, link);
  };
  byId("channels").replaceChildren(...channels.filter(({ id }) => !id.startsWith("@")).map(row));
  byId("directs").replaceChildren(...channels.filter(({ id }) => id.startsWith("@")).map(row));
  if (focused) document.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  const elsewhere = channels.some(({ id, unread }) => unread && id !== current);
  byId("nav-dot").hidden = !elsewhere;
}

/** Draw the switch between people; `become(handle)` changes who this tab acts as. */
export function drawPerson(me, people, become) {
  const about = (person) => `${t(`page.role.${person.role}`)} · ${t(`page.language.${person.language}`)}`;
  const face = (person, mark) => [
    avatar(person),
    el(
      "span",
      { class: "person-words" },
      el("span", { class: "person-name", lang: person.language }, person.name),
      el("span", { class: "person-about" }, about(person)),
    ),
    mark,
  ];
  byId("person").replaceChildren(
    menuButton({
      label: t("page.person.switch", { name: me.name }),
      title: t("page.person.menu"),
      hint: t("page.person.hint"),
      content: face(me, icon(ICONS.chevron)),
      choices: people.map((person) => ({
        content: face(person, person.handle === me.handle ? icon(ICONS.check) : null),
        isChosen: person.handle === me.handle,
        choose: () => become(person.handle),
      })),
    }),
  );
}
