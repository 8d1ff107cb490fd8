// A list of messages: the channel's, or those of a thread; with answers that only this tab sees in between.

import { el, swap } from "./dom.js";
import { dayInWords, dayOf } from "./words.js";

const GROUP = 5 * 60e3;

/** Keeps an <ol> in step with messages. `draw(message, isGrouped)` and `drawPrivate(entry)` make the <li>. */
export class MessageList {
  constructor(node, draw, drawPrivate) {
    this.node = node;
    this.draw = draw;
    this.drawPrivate = drawPrivate;
    this.reset([]);
  }

  /** Show these messages and nothing else. */
  reset(messages, privates = []) {
    this.entries = new Map(messages.map((message) => [message.id, { message, node: null }]));
    this.privates = privates.map((entry) => ({ entry, node: null }));
    this.days = new Map();
    this.node.replaceChildren();
    this.layOut();
  }

  get size() {
    return this.entries.size + this.privates.length;
  }

  get first() {
    return Math.min(...this.entries.keys());
  }

  get last() {
    return Math.max(0, ...this.entries.keys());
  }

  /** Put messages in, or their newer state; an older state than ours is left aside. */
  put(...messages) {
    for (const message of messages) {
      const known = this.entries.get(message.id);
      if (known && known.message.revision >= message.revision) continue;
      this.entries.set(message.id, { message, node: known?.node ?? null, stale: true });
    }
    this.layOut();
  }

  /** Take over the newest page of the server, after something may have been missed. */
  sync(messages) {
    const oldest = messages[0]?.id ?? 0;
    const ids = new Set(messages.map((message) => message.id));
    const isGap = this.last < oldest;
    for (const id of [...this.entries.keys()]) if ((isGap || id >= oldest) && !ids.has(id)) this.entries.delete(id);
    this.put(...messages);
  }

  remove(id) {
    if (this.entries.delete(id)) this.layOut();
  }

  /** Show an entry that only this tab sees after its anchor; `instead` is one that it replaces. */
  putPrivate(entry, instead = null) {
    const former = instead && this.privates.find((each) => each.entry === instead);
    if (former) Object.assign(former, { entry, stale: true });
    else this.privates.push({ entry, node: null });
    this.layOut();
  }

  removePrivate(entry) {
    this.privates = this.privates.filter((each) => each.entry !== entry);
    this.layOut();
  }

  nodeOf(entry) {
    return this.privates.find((each) => each.entry === entry)?.node ?? null;
  }

  layOut() {
    const wanted = this.inOrder();
    const keep = new Set(wanted);
    for (const child of [...this.node.children]) if (!keep.has(child)) child.remove();
    let cursor = this.node.firstElementChild;
    for (const node of wanted) {
      if (node === cursor) cursor = cursor.nextElementSibling;
      else this.node.insertBefore(node, cursor);
    }
  }

  inOrder() {
    const everything = [
      ...[...this.entries.values()].map((entry) => ({ at: entry.message.id, order: 0, entry })),
      ...this.privates.map((entry, place) => ({ at: entry.entry.after, order: place + 1, entry })),
    ].sort((one, other) => one.at - other.at || one.order - other.order);
    const nodes = [];
    let before = null;
    for (const { order, entry } of everything) {
      if (order) {
        this.refresh(entry, () => this.drawPrivate(entry.entry));
        before = null;
      } else {
        const day = dayOf(new Date(entry.message.at));
        if (before?.day !== day && this.lastDay(nodes) !== day) nodes.push(this.dayNode(day, entry.message.at));
        const grouped = before !== null && before.day === day && isGrouped(before.message, entry.message);
        this.refresh(entry, () => this.draw(entry.message, grouped));
        before = { day, message: entry.message };
      }
      nodes.push(entry.node);
    }
    return nodes;
  }

  refresh(entry, make) {
    if (entry.node && !entry.stale) return;
    const fresh = make();
    if (entry.node?.isConnected) swap(entry.node, fresh);
    entry.node = fresh;
    entry.stale = false;
  }

  lastDay(nodes) {
    return nodes.findLast((node) => node.dataset.day)?.dataset.day;
  }

  dayNode(day, at) {
    if (!this.days.has(day)) {
      this.days.set(day, el("li", { class: "day", "data-day": day }, el("span", {}, dayInWords(new Date(at)))));
    }
    return this.days.get(day);
  }
}

function isGrouped(before, message) {
  const isNear = new Date(message.at) - new Date(before.at) < GROUP;
  return isNear && !message.card && !before.card && before.author === message.author;
}
