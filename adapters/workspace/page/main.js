// The workspace page: puts its parts together and keeps them in step with the server.

import { address, app, hrefOf, know, personOf, remember } from "./app.js";
import { get, post } from "./api.js";
import { call, complaintOf, press } from "./calls.js";
import { Composer } from "./composer.js";
import { openCustomer } from "./customer.js";
import { confirmDelete } from "./dialog.js";
import { announce, byId } from "./dom.js";
import { drawer } from "./drawer.js";
import { Live } from "./live.js";
import { Place } from "./place.js";
import { drawPerson, drawPlaces, placeName } from "./sidebar.js";
import { Thread } from "./thread.js";
import { fillIn, speak, startTicking, t } from "./words.js";

const whereIs = {
  channel: (more) => ({ view: place.view, channel: app.channel, message: null, anchor: null, ...more }),
  thread: (more) => ({ view: thread.view, channel: app.channel, message: thread.root, anchor: null, ...more }),
};

const actsIn = (kind) => ({
  person: personOf,
  press: (message, text, button) => press(button, text, whereIs[kind]({ message: message.id, anchor: message.id })),
  pressPrivate: (entry, text, button) => press(button, text, whereIs[kind]({ message: entry.message, from: entry })),
  dismiss: (entry) => {
    (kind === "thread" ? thread : place).view.keep((list) => list.removePrivate(entry));
    (kind === "thread" ? threadComposer : composer).focus();
    place.sayEmpty();
  },
  openThread: (id) => thread.open(id),
  mayRemove: (message) => message.author === app.me.handle || app.me.role === "supervisor",
  remove: async (message) => {
    if (!(await confirmDelete())) return;
    await post("delete", { me: app.me.handle, message: message.id }).catch((error) => announce(complaintOf(error)));
  },
});

const closeDrawer = drawer();
const place = new Place(actsIn("channel"), writeAsCustomer);
const thread = new Thread(actsIn("thread"), threadChanged);
const ask = (kind) => async (verb, text, option, typed) => {
  const { channel, message } = whereIs[kind]({});
  const { choices } = await post("complete", { me: app.me.handle, channel, message, verb, text, option, typed });
  return choices;
};
const say = (kind) => (text) => call("say", { text }, whereIs[kind]({}));
const composer = new Composer(byId("composer"), { send: say("channel"), ask: ask("channel"), label: "", hint: "" });
const threadComposer = new Composer(byId("thread-composer"), { send: say("thread"), ask: ask("thread"), label: "", hint: "" });

const live = new Live(
  {
    hello: () => {},
    refetch: () => refresh().catch(() => {}),
    message: (message) => (message.parent ? thread.take(message) : taken(message)),
    gone: ({ id, parent, channel }) => {
      thread.drop(id);
      if (!parent && channel === app.channel) place.drop(id);
    },
    read: ({ channel, unread }) => count(channel, () => unread),
  },
  (isUp) => connected(isUp),
);

async function become(handle, channel = "", rootId = null) {
  const state = await get("state", { me: handle });
  know(state);
  speak(state.texts, app.me);
  fillIn(document);
  drawPerson(app.me, app.people, switchTo);
  byId("write").hidden = !app.queues.length;
  byId("app").hidden = false;
  await open(channel, { rootId, isNewStep: false });
  live.follow(app.me.handle, state.cursor);
}

async function switchTo(other) {
  try {
    await become(other, app.channel.startsWith("@") ? `@${other}` : app.channel);
  } catch {
    connected(false);
  }
  document.querySelector("#person button").focus();
}

async function open(channel, { rootId = null, isNewStep = true } = {}) {
  const isKnown = app.channels.some(({ id }) => id === channel);
  app.channel = isKnown ? channel : app.channels[0].id;
  thread.close();
  remember(rootId, isNewStep);
  draw();
  const name = placeName(app.channel);
  composer.turnTo({
    label: t("page.compose", { place: name }),
    hint: t("page.compose.hint", { place: name }),
    commands: app.commands,
    draft: `draft:${app.me.handle}:${app.channel}`,
  });
  await place.open(app.channel);
  if (rootId) await thread.open(rootId);
}

async function refresh() {
  const state = await get("state", { me: app.me.handle });
  know(state);
  speak(state.texts, app.me);
  draw();
  await Promise.all([place.refresh(), thread.refresh()]);
}

function taken(message) {
  const author = message.author ? (personOf(message.author)?.name ?? message.author) : "Madoguchi";
  const isNews = message.revision === 1 && message.author !== app.me.handle;
  if (isNews) count(message.channel, (unread) => unread + 1);
  if (message.channel === app.channel) place.take(message, author);
}

function count(channel, change) {
  const found = app.channels.find(({ id }) => id === channel);
  if (!found) return;
  found.unread = change(found.unread);
  draw();
}

function draw() {
  // What the person is looking at right now counts as read, before the server has noted it.
  const isLooking = document.visibilityState === "visible" && place.channel === app.channel && place.view.isAtEnd;
  const channels = app.channels.map((each) => (isLooking && each.id === app.channel ? { ...each, unread: 0 } : each));
  drawPlaces(channels, app.channel, hrefOf, (channel) => {
    closeDrawer();
    open(channel).then(() => composer.focus(), () => connected(false));
  });
  const unread = channels.reduce((sum, each) => sum + each.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${placeName(app.channel)} – ${t("page.title")}`;
}

function threadChanged(root) {
  remember(root, false);
  if (!root) return;
  threadComposer.turnTo({
    label: t("page.compose.thread"),
    hint: t("page.compose.thread"),
    commands: app.commands,
    draft: `draft:${app.me.handle}:thread:${root}`,
  });
}

function connected(isUp) {
  const bar = byId("offline");
  if (isUp && !bar.hidden) announce(t("page.online"));
  bar.textContent = isUp ? "" : t("page.offline");
  bar.hidden = isUp;
}

function writeAsCustomer() {
  closeDrawer();
  const done = () => announce(t("page.customer.sent"));
  openCustomer({ me: app.me.handle, queues: app.queues, complaintOf, done });
}

async function start() {
  const { me, channel, thread: rootId } = address();
  try {
    await become(me, channel, rootId);
  } catch (error) {
    // Somebody who no longer exists, in an old address; or the server is away, then we go on asking.
    if (error.kind === "refused" && me) {
      sessionStorage.removeItem("me");
      location.replace("/");
      return;
    }
    setTimeout(start, 1500);
    return;
  }
  byId("app").dataset.ready = "";
  startTicking();
}

byId("write").addEventListener("click", writeAsCustomer);
addEventListener("popstate", () => {
  const { me, channel, thread: rootId } = address();
  const moved = me === app.me.handle ? open(channel, { rootId, isNewStep: false }) : become(me, channel, rootId);
  moved.catch(() => connected(false));
});
start();
