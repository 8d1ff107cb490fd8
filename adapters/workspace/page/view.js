// A scrolling view of messages: stays at the newest one unless the person reads further up.

import { MessageList } from "./list.js";
import { messageNode, privateNode } from "./message.js";

const NEAR = 90;

export class View {
  /** `acts` is what messages can do, see messageNode; `onmove()` is called after scrolling and changes. */
  constructor({ scroller, list, acts, inThread, onmove }) {
    this.scroller = scroller;
    this.onmove = onmove;
    this.list = new MessageList(
      list,
      (message, grouped) => messageNode(message, acts, grouped, inThread),
      (entry) =>
        privateNode(entry, (call, button) => acts.pressPrivate(entry, call, button), () => acts.dismiss(entry), inThread),
    );
    scroller.addEventListener("scroll", onmove, { passive: true });
  }

  get isAtEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.onmove();
  }

  /** Change the list and stay at the end if that is where the person was. */
  keep(change) {
    const wasAtEnd = this.isAtEnd;
    change(this.list);
    if (wasAtEnd) this.toEnd();
    else this.onmove();
  }

  /** Put older messages on top without moving what the person reads. */
  prepend(messages) {
    const { scrollHeight, scrollTop } = this.scroller;
    this.list.put(...messages);
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  /** Show an answer that only this tab sees, and bring it into sight. */
  answer(entry, instead) {
    this.list.putPrivate(entry, instead);
    this.list.nodeOf(entry).scrollIntoView({ block: "nearest" });
    this.onmove();
  }
}
