// The middle: one channel's messages, older ones on demand, and the box to write in.

import { app } from "./app.js";
import { get, post } from "./api.js";
import { byId, el, icon, announce } from "./dom.js";
import { placeName } from "./sidebar.js";
import { View } from "./view.js";
import { t } from "./words.js";

/** The channel's view; `openCustomer()` is what its empty state offers. */
export class Place {
  constructor(acts, openCustomer) {
    this.openCustomer = openCustomer;
    this.more = false;
    this.kept = new Map();
    this.view = new View({
      scroller: byId("messages"),
      list: byId("list"),
      acts,
      inThread: false,
      onmove: () => this.moved(),
    });
    byId("older").addEventListener("click", () => this.older());
    byId("newer").addEventListener("click", () => this.view.toEnd());
    document.addEventListener("visibilitychange", () => this.moved());
  }

  /** Show a channel; answers that only this tab sees are still there when it comes back. */
  async open(channel) {
    if (this.channel) this.kept.set(`${this.who}:${this.channel}`, this.view.list.privates.map(({ entry }) => entry));
    const [who, opening] = [app.me.handle, (this.opening = {})];
    const { messages, more } = await get("messages", { me: who, channel });
    if (opening !== this.opening) return;
    Object.assign(this, { who, channel, more });
    this.title();
    this.view.list.reset(messages, this.kept.get(`${who}:${channel}`));
    this.sayEmpty();
    this.view.toEnd();
  }

  /** Fetch the newest page again, after something may have been missed. */
  async refresh() {
    const { messages, more } = await get("messages", { me: this.who, channel: this.channel });
    this.view.keep((list) => {
      const hadFirst = list.size && messages.length && list.first < messages[0].id;
      list.sync(messages);
      if (!hadFirst || list.first === messages[0]?.id) this.more = more;
    });
    this.sayEmpty();
  }

  /** A message is new or has changed. */
  take(message, author) {
    const isNew = message.id > this.view.list.last;
    if (!isNew && message.id < this.view.list.first && this.more) return;
    this.view.keep((list) => list.put(message));
    this.sayEmpty();
    if (!isNew || message.author === app.me.handle) return;
    const summary = message.card ? message.card.summary : message.text;
    announce(t("page.announce", { author, summary }));
    if (!this.view.isAtEnd) byId("newer").hidden = false;
  }

  drop(id) {
    this.view.keep((list) => list.remove(id));
    this.sayEmpty();
  }

  async older() {
    if (this.loading || !this.more) return;
    this.loading = true;
    const channel = this.channel;
    try {
      const page = await get("messages", { me: this.who, channel, before: this.view.list.first });
      if (channel !== this.channel) return;
      this.more = page.more;
      this.view.prepend(page.messages);
    } catch {
      // The bar at the top tells that there is no connection; the button stays for another try.
    } finally {
      this.loading = false;
      byId("older").hidden = !this.more;
    }
  }

  moved() {
    const { view } = this;
    byId("older").hidden = !this.more;
    if (view.isAtEnd) byId("newer").hidden = true;
    if (view.scroller.clientHeight && view.scroller.scrollTop < 120 && view.list.size) this.older();
    const last = view.list.last;
    const place = app.channels.find(({ id }) => id === this.channel);
    if (!view.isAtEnd || document.visibilityState !== "visible" || !place?.unread || !last) return;
    clearTimeout(this.reading);
    const [me, channel] = [this.who, this.channel];
    this.reading = setTimeout(() => post("read", { me, channel, upto: last }).catch(() => {}), 300);
  }

  title() {
    const isDirect = this.channel.startsWith("@");
    const isPrivate = app.channels.some(({ id, private: isFew }) => id === this.channel && isFew);
    const about = isPrivate ? "page.supervisors.about" : "page.channel.about";
    byId("place").textContent = placeName(this.channel);
    byId("place-about").textContent = t(isDirect ? "page.direct.about" : about);
  }

  sayEmpty() {
    const empty = byId("empty");
    empty.hidden = this.view.list.size > 0;
    if (empty.hidden) return;
    const isDirect = this.channel.startsWith("@");
    const canWrite = !isDirect && app.queues.length > 0;
    const next = isDirect ? "page.empty.direct.next" : canWrite ? "page.empty.channel.next" : "page.empty.plain.next";
    empty.replaceChildren(
      el("img", { src: "/static/icon.svg", alt: "", width: 72, height: 72 }),
      el("h2", {}, t(isDirect ? "page.empty.direct" : "page.empty.channel")),
      el("p", {}, t(next)),
      canWrite
        ? el(
            "button",
            { type: "button", class: "button primary", onclick: this.openCustomer },
            icon("M3.5 6.5h17v11h-17zM3.5 7l8.5 6.5L20.5 7"),
            t("page.customer"),
          )
        : "",
    );
  }
}
