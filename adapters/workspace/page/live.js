// The live stream: events from the server, with reconnection.

import { renew } from "./api.js";

const PATIENCE = 1200;

/** Follow the events of a person. `handlers` has one function an event, and `onstate(isConnected)`. */
export class Live {
  constructor(handlers, onstate) {
    this.handlers = handlers;
    this.onstate = onstate;
    this.source = null;
  }

  /** Begin (again) with what happened after `cursor`. */
  follow(person, cursor) {
    this.stop();
    this.person = person;
    this.cursor = cursor;
    this.connect();
  }

  stop() {
    clearTimeout(this.retry);
    clearTimeout(this.alarm);
    this.alarm = null;
    this.source?.close();
  }

  connect() {
    this.source?.close();
    const query = new URLSearchParams({ me: this.person, after: this.cursor });
    const source = new EventSource(`/api/events?${query}`);
    this.source = source;
    for (const [name, handle] of Object.entries(this.handlers)) {
      source.addEventListener(name, (event) => {
        if (source !== this.source) return;
        if (event.lastEventId) this.cursor = event.lastEventId;
        handle(JSON.parse(event.data));
      });
    }
    source.addEventListener("open", () => this.isUp(source));
    source.addEventListener("error", () => this.isDown(source));
  }

  isUp(source) {
    if (source !== this.source) return;
    clearTimeout(this.alarm);
    this.alarm = null;
    this.onstate(true);
  }

  isDown(source) {
    if (source !== this.source) return;
    // A short break is not worth a word; a closed source was turned away and does not come back by itself.
    this.alarm ??= setTimeout(() => this.onstate(false), PATIENCE);
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(async () => {
      try {
        await renew();
        this.connect();
      } catch {
        this.isDown(source);
      }
    }, 1000);
  }
}
