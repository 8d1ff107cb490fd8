// The right side: the thread under one message.

import { app } from "./app.js";
import { get } from "./api.js";
import { byId } from "./dom.js";
import { View } from "./view.js";

const BESIDE = matchMedia("(min-width: 1100px)");

/** The thread panel; over the channel where there is no room beside it. `onchange(root)` hears what is open. */
export class Thread {
  constructor(acts, onchange) {
    this.onchange = onchange;
    this.root = null;
    this.panel = byId("thread");
    this.view = new View({
      scroller: byId("thread-messages"),
      list: byId("thread-list"),
      acts,
      inThread: true,
      onmove: () => {},
    });
    byId("close-thread").addEventListener("click", () => this.close());
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    BESIDE.addEventListener("change", () => this.cover());
  }

  /** Open a message's thread; false when it does not exist any more. */
  async open(root) {
    const back = document.activeElement;
    const found = await get("thread", { me: app.me.handle, message: root }).catch(() => null);
    if (!found || found.root.channel !== app.channel) return false;
    this.back = back;
    this.root = root;
    this.panel.hidden = false;
    this.view.list.reset([found.root, ...found.replies]);
    this.sayEmpty();
    this.cover();
    this.onchange(root);
    this.view.toEnd();
    (BESIDE.matches ? this.panel.querySelector("textarea") : byId("close-thread")).focus({ preventScroll: true });
    return true;
  }

  async refresh() {
    if (!this.root) return;
    const found = await get("thread", { me: app.me.handle, message: this.root }).catch(() => null);
    if (found) this.view.keep((list) => list.sync([found.root, ...found.replies]));
    this.sayEmpty();
  }

  /** A message is new or has changed; only the open thread's are taken. */
  take(message) {
    if (!this.root || (message.id !== this.root && message.parent !== this.root)) return;
    this.view.keep((list) => list.put(message));
    this.sayEmpty();
  }

  drop(id) {
    if (id === this.root) this.close();
    else this.view.keep((list) => list.remove(id));
    this.sayEmpty();
  }

  close() {
    if (!this.root) return;
    const [root, back] = [this.root, this.back];
    this.root = null;
    this.panel.hidden = true;
    this.cover();
    this.onchange(null);
    const link = back?.isConnected ? back : document.querySelector(`#message-${root} [data-slot="thread"]`);
    link?.focus({ preventScroll: true });
  }

  cover() {
    const isOver = Boolean(this.root) && !BESIDE.matches;
    byId("main").inert = isOver;
    document.body.classList.toggle("thread-over", isOver);
  }

  sayEmpty() {
    byId("thread-empty").hidden = this.view.list.entries.size !== 1;
  }
}
