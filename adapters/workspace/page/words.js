// Words and times in the language and time zone of the person whom this tab acts as.

let texts = {};
let language = "en";
let zone = "UTC";

/** Take the texts, language and time zone of a person. */
export function speak(newTexts, person) {
  texts = newTexts;
  language = person.language;
  zone = person.time_zone;
  document.documentElement.lang = language;
}

/** A text by its name, with {values} filled in. */
export function t(name, values = {}) {
  const text = texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/** A counted text: name.one or name.other, as the language's plural rule says. */
export function counted(name, count) {
  const kind = new Intl.PluralRules(language).select(count);
  const chosen = `${name}.${kind}` in texts ? `${name}.${kind}` : `${name}.other`;
  return t(chosen, { count: amount(count) });
}

/** An amount of things, as one writes it: "4,992". */
export const amount = (count) => new Intl.NumberFormat(language).format(count);

/** Fill in every data-text and data-label of the page. */
export function fillIn(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
}

const format = (options) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options });

/** The day of a moment as YYYY-MM-DD in the person's time zone. */
export function dayOf(date) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" })
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** A day in words: today, yesterday, or its date. */
export function dayInWords(date) {
  const day = dayOf(date);
  if (day === dayOf(new Date())) return t("page.today");
  if (day === dayOf(new Date(Date.now() - 86400e3))) return t("page.yesterday");
  const sameYear = day.slice(0, 4) === dayOf(new Date()).slice(0, 4);
  return format({ weekday: "long", month: "long", day: "numeric", ...(sameYear ? {} : { year: "numeric" }) }).format(date);
}

// As in what the server says: a card and an answer about it must tell the same time.
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

export const timeOfDay = (date) => format(CLOCK).format(date);

const wholeTime = (date) => format({ weekday: "long", year: "numeric", month: "long", day: "numeric", ...CLOCK }).format(date);

function fixed(date) {
  if (dayOf(date) === dayOf(new Date())) return timeOfDay(date);
  return format({ month: "short", day: "numeric", ...CLOCK }).format(date);
}

function running(date) {
  const minutes = Math.max(1, Math.floor((Date.now() - date.getTime()) / 60000));
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  if (minutes < 60) return ago.format(-minutes, "minute");
  if (minutes < 1440) return ago.format(-Math.floor(minutes / 60), "hour");
  return ago.format(-Math.floor(minutes / 1440), "day");
}

/** A <time> for a moment: a running waiting time, or a time of day. */
export function timeNode(iso, relative = false) {
  const date = new Date(iso);
  const node = document.createElement("time");
  node.dateTime = date.toISOString();
  node.title = wholeTime(date);
  if (relative) node.dataset.running = "";
  node.textContent = relative ? running(date) : fixed(date);
  return node;
}

/** The time of day at which a message was posted. */
export function clockNode(iso) {
  const node = timeNode(iso);
  node.textContent = timeOfDay(new Date(iso));
  return node;
}

/** Text with moments as nodes. */
export const nodesOf = (parts) =>
  parts.map((part) => (typeof part === "string" ? part : momentNode(part)));

function momentNode(part) {
  if (Number.isNaN(Date.parse(part.at))) return part.spoken;
  return timeNode(part.at, part.relative);
}

/** Keep running times true; they change at most once a minute. */
export function startTicking() {
  setInterval(() => {
    for (const node of document.querySelectorAll("time[data-running]")) {
      const text = running(new Date(node.dateTime));
      if (node.textContent !== text) node.textContent = text;
    }
  }, 30000);
}
