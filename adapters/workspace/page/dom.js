// Small helpers for the document. Text always goes in as text, never as markup.

export const byId = (id) => document.getElementById(id);

/** A new element: properties, "on…" listeners, "class", other attributes; children are nodes or text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A line icon drawn by one path on a 24 x 24 field. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  send: "M5 12h13M12.5 6.5L18 12l-5.5 5.5",
  thread: "M4.5 5.5h15v10h-8l-4 3.5v-3.5h-3z",
  trash: "M5 7h14M9.5 7V5h5v2M7 7l.8 12h8.4L17 7",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v8.5H6z",
  chevron: "M8 10l4-4 4 4M8 14l4 4 4-4",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

let counter = 0;

/** An id that no other element has. */
export const freshId = (prefix) => `${prefix}-${++counter}`;

const TONES = new Set(["new", "open", "waiting", "done", "alert", "quiet"]);

/** The class that gives a node the colours of a tone; one that is not known is quiet. */
export const toneClass = (tone) => `tone-${TONES.has(tone) ? tone : "quiet"}`;

/** Say something to screen readers, politely; the same words twice are said twice. */
export function announce(words) {
  const live = byId("live");
  live.textContent = live.textContent === words ? `${words}\u00a0` : words;
}

/**
 * Swap a node for its new version. The keyboard focus stays on the button that had it; if that is gone it goes to
 * the whole node, never to another button, which a second press of Enter would set off.
 */
export function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const slot = focused?.dataset.slot;
  old.replaceWith(fresh);
  if (!focused) return;
  const same = slot && fresh.querySelector(`[data-slot="${CSS.escape(slot)}"]`);
  if (!same) fresh.tabIndex = -1;
  (same || fresh).focus({ preventScroll: true });
}
