// What this tab knows: who it acts as and where it is. Everything else is asked of the server.

export const app = {
  me: { handle: "", name: "", role: "", language: "en", time_zone: "UTC" },
  people: [],
  channels: [],
  queues: [],
  commands: [],
  channel: "",
};

/** Take over the server's state. */
export function know(state) {
  const people = state.people.map((person, place) => ({ ...person, hue: (place % 6) + 1 }));
  Object.assign(app, { people, channels: state.channels, queues: state.queues, commands: state.commands });
  app.me = people.find((person) => person.handle === state.me.handle);
}

export const personOf = (handle) => app.people.find((person) => person.handle === handle) ?? null;

/** Where the page's address says that this tab is. */
export function address() {
  const query = new URLSearchParams(location.search);
  return {
    me: query.get("me") ?? sessionStorage.getItem("me") ?? "",
    channel: query.get("channel") ?? "",
    thread: Number(query.get("thread")) || null,
  };
}

/** The address of a place, for this person. */
export function hrefOf(channel, thread = null) {
  const query = new URLSearchParams({ me: app.me.handle, channel, ...(thread ? { thread } : {}) });
  return `/?${query}`;
}

/** Keep person, channel and thread in the address, so that a reload and a bookmark find them again. */
export function remember(thread, isNewStep) {
  sessionStorage.setItem("me", app.me.handle);
  const href = hrefOf(app.channel, thread);
  if (href === location.pathname + location.search) return;
  history[isNewStep ? "pushState" : "replaceState"](null, "", href);
}
