// What could come next in a slash command: the commands themselves, or values of the option at the caret.

const SLASH = /^[/／]/;

/** What is being typed at the caret: {kind: "none" | "command" | "option", ...}. */
export function situation(text, caret, commands) {
  if (!SLASH.test(text)) return { kind: "none" };
  const typed = text.slice(1, caret);
  const blank = typed.search(/\s/);
  if (blank < 0) {
    const end = 1 + text.slice(1).search(/\s|$/);
    return { kind: "command", typed: typed.toLowerCase(), start: 0, end };
  }
  const hint = commands.find((each) => each.name === typed.slice(0, blank).toLowerCase());
  if (!hint) return { kind: "none" };
  const rest = typed.slice(blank + 1);
  const [current] = rest.match(/\S*$/);
  const before = rest.slice(0, rest.length - current.length);
  const end = caret + text.slice(caret).search(/\s|$/);
  const place = { kind: "option", hint, before: before.trim(), end };
  const named = current.match(/^(\w+)[:：](.*)$/u);
  const byName = named && hint.options.find((option) => option.name === named[1]);
  if (byName) return { ...place, option: byName, typed: named[2], start: caret - named[2].length };
  const taken = before.split(/\s+/).filter((word) => word && !isNamed(word, hint)).length;
  return { ...place, option: hint.options[taken] ?? null, typed: current, start: caret - current.length };
}

function isNamed(word, hint) {
  return hint.options.some((option) => word.startsWith(`${option.name}:`) || word.startsWith(`${option.name}：`));
}

/** Commands that begin with what was typed; when there is none, those that contain it. */
export function fitting(commands, typed) {
  const begins = commands.filter((each) => each.name.startsWith(typed));
  return begins.length ? begins : commands.filter((each) => each.name.includes(typed));
}
