// Where a person writes: a text box that grows, sends on Enter, and completes slash commands.

import { fitting, situation, spelt } from "./completion.js";
import { announce, el, freshId, icon, ICONS } from "./dom.js";
import { counted, t } from "./words.js";

/** The commands of two words that what is being typed may become. */
const longerChoices = (now) =>
  now.longer.map((each) => ({
    value: spelt(each).slice(now.hint.name.length + 1),
    label: `/${spelt(each)}`,
    note: each.description,
  }));

/** A value as the line takes it: what only ever follows its name ends at a space, unless it stands in quotes. */
const quoted = (value, option) => (option.named && /\s/.test(value) ? `"${value}"` : value);

/** A composer inside `place`. `send(text)` resolves to true when the text has arrived; `ask(...)` brings values. */
export class Composer {
  constructor(place, { send, ask, label, hint }) {
    Object.assign(this, { send, ask, commands: [], choices: [], active: -1, asked: 0 });
    const [list, keys] = [freshId("suggestions"), freshId("keys")];
    this.list = el("ul", {
      class: "suggestions",
      id: list,
      role: "listbox",
      tabindex: "0",
      hidden: true,
      // A press of the mouse must not take the focus away from the text.
      onmousedown: (event) => event.preventDefault(),
      onfocus: () => this.box.focus(),
    });
    this.usage = el("p", { class: "usage", hidden: true });
    this.box = el("textarea", {
      rows: 1,
      "aria-label": label,
      placeholder: hint,
      "aria-autocomplete": "list",
      "aria-controls": list,
      "aria-describedby": keys,
      autocomplete: "off",
      oninput: () => this.changed(),
      onkeydown: (event) => this.key(event),
      onblur: (event) => event.relatedTarget !== this.list && this.hide(),
    });
    this.button = el("button", { type: "submit", class: "button primary send" }, icon(ICONS.send));
    this.complaint = el("p", { class: "complaint", role: "alert" });
    place.replaceChildren(
      el(
        "form",
        { class: "composer", onsubmit: (event) => (event.preventDefault(), this.submit()) },
        el("div", { class: "over" }, this.usage, this.list),
        this.complaint,
        el("div", { class: "compose-row" }, this.box, this.button),
        (this.keys = el("p", { class: "unseen", id: keys })),
      ),
    );
  }

  /** Write for another place: its name, commands, and the draft kept there. */
  turnTo({ label, hint, commands, draft }) {
    this.commands = commands;
    this.draft = draft;
    this.list.setAttribute("aria-label", t("page.suggestions"));
    this.button.setAttribute("aria-label", t("page.send"));
    this.keys.textContent = t("page.compose.keys");
    this.box.setAttribute("aria-label", label);
    this.box.placeholder = hint;
    this.box.value = sessionStorage.getItem(draft) ?? "";
    this.complaint.textContent = "";
    this.hide();
    this.grow();
  }

  focus() {
    this.box.focus();
  }

  changed() {
    sessionStorage.setItem(this.draft, this.box.value);
    this.complaint.textContent = "";
    this.grow();
    this.suggest();
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight + 2, 180)}px`;
  }

  key(event) {
    // Enter while a Japanese word is being composed chooses that word.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Tab" && event.shiftKey) this.hide();
    // What is shown while newer values are on their way belongs to what was typed before: nobody may take it.
    const open = !this.list.hidden && !this.pending;
    if (this.pending && event.key === "Tab" && !event.shiftKey) event.preventDefault();
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = this.choices.length;
      this.activate(this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count);
    } else if ((open || this.pending) && event.key === "Escape") this.hide();
    else if (open && event.key === "Tab" && !event.shiftKey) this.accept(Math.max(this.active, 0));
    else if (event.key === "Enter" && !event.shiftKey) {
      if (open && this.active >= 0 && this.wouldChange(this.active)) this.accept(this.active);
      else this.submit();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async suggest() {
    const now = situation(this.box.value, this.box.selectionStart, this.commands);
    const turn = ++this.asked;
    this.now = now;
    this.showUsage(now);
    if (now.kind === "command") {
      const found = fitting(this.commands, now.typed);
      this.show(found.map((each) => ({ value: `/${spelt(each)}`, label: `/${spelt(each)}`, note: each.description })), 0);
    } else if (now.kind === "option" && !now.option?.completes) this.show(longerChoices(now), -1);
    else if (now.kind === "option") {
      const slot = `${now.hint.name} ${now.option.name}`;
      if (slot !== this.slot) this.hideList();
      this.slot = slot;
      this.pending = true;
      await new Promise((done) => setTimeout(done, 120));
      if (turn !== this.asked) return;
      const choices = await this.ask(now.hint.name, now.before, now.option.name, now.typed).catch(() => []);
      if (turn !== this.asked) return;
      const values = choices.map(({ value, label }) => ({ value: quoted(value, now.option), label, note: "" }));
      this.show(now.typed ? [...longerChoices(now), ...values] : [...values, ...longerChoices(now)], -1);
    } else this.hideList();
  }

  showUsage(now) {
    this.usage.hidden = now.kind !== "option";
    if (this.usage.hidden) return;
    const need = now.option && (now.option.required ? t("page.required") : t("page.optional"));
    this.usage.replaceChildren(
      el("code", {}, now.hint.usage || `/${spelt(now.hint)}`),
      now.option ? el("span", {}, ` ${now.option.description || now.option.name} (${need})`) : "",
    );
  }

  show(choices, active) {
    this.choices = choices;
    this.pending = false;
    if (!choices.length || document.activeElement !== this.box) return this.hideList();
    this.list.replaceChildren(
      ...choices.map((choice, place) =>
        el(
          "li",
          {
            role: "option",
            id: `${this.list.id}-${place}`,
            "aria-selected": "false",
            onclick: () => this.accept(place),
          },
          el("span", { class: "choice" }, choice.label),
          choice.note ? el("span", { class: "note" }, choice.note) : null,
        ),
      ),
    );
    if (this.list.hidden) announce(counted("page.suggestions.count", choices.length));
    this.list.hidden = false;
    this.activate(active);
  }

  activate(place) {
    this.active = place;
    [...this.list.children].forEach((row, each) => row.setAttribute("aria-selected", String(each === place)));
    if (place < 0) return this.box.removeAttribute("aria-activedescendant");
    this.box.setAttribute("aria-activedescendant", this.list.children[place].id);
    this.list.children[place].scrollIntoView({ block: "nearest" });
  }

  wouldChange(place) {
    const { start, end } = this.now;
    return this.box.value.slice(start, end) !== this.choices[place].value;
  }

  accept(place) {
    const { start, end } = this.now;
    const after = this.box.value.slice(end);
    const value = this.choices[place].value + (/^\s/.test(after) ? "" : " ");
    this.box.setRangeText(value, start, end, "end");
    this.changed();
  }

  hideList() {
    this.list.hidden = true;
    this.pending = false;
    this.slot = "";
    this.active = -1;
    this.box.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.asked += 1;
    this.usage.hidden = true;
    this.hideList();
  }

  async submit() {
    const text = this.box.value;
    if (!text.trim() || this.busy) return;
    const draft = this.draft;
    this.hide();
    this.busy = true;
    try {
      const complaint = await this.send(text);
      if (complaint) this.complaint.textContent = complaint;
      else this.clear(draft, text);
    } finally {
      this.busy = false;
    }
  }

  clear(draft, text) {
    if (sessionStorage.getItem(draft) === text || draft !== this.draft) sessionStorage.removeItem(draft);
    if (draft !== this.draft || this.box.value !== text) return;
    this.box.value = "";
    sessionStorage.removeItem(draft);
    this.grow();
  }
}
