// The list of channels as a drawer, where there is no room for it beside the messages.

import { byId } from "./dom.js";

const BESIDE = matchMedia("(min-width: 760px)");

/** Wire the drawer; returns a function that closes it. */
export function drawer() {
  const [opener, sidebar, scrim] = [byId("open-nav"), byId("sidebar"), byId("scrim")];

  function set(isOpen) {
    document.body.classList.toggle("nav-open", isOpen);
    opener.setAttribute("aria-expanded", String(isOpen));
    scrim.hidden = !isOpen;
    byId("main").inert = isOpen || document.body.classList.contains("thread-over");
    document.querySelector(".brand-bar").inert = isOpen;
    byId("thread").inert = isOpen;
  }

  function close() {
    if (!document.body.classList.contains("nav-open")) return;
    const hadFocus = sidebar.contains(document.activeElement);
    set(false);
    if (hadFocus) opener.focus();
  }

  opener.addEventListener("click", () => {
    set(true);
    byId("close-nav").focus();
  });
  byId("close-nav").addEventListener("click", close);
  scrim.addEventListener("click", close);
  sidebar.addEventListener("keydown", (event) => event.key === "Escape" && close());
  BESIDE.addEventListener("change", close);
  return close;
}
