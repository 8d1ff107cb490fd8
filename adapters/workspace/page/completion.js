// What could come next in a slash command: the commands themselves, or values of the option at the caret.

const SLASH = /^[/／]/;
const NAMED = /^(\w+)[:：=＝](.*)$/u;

/** A command as it is typed after the slash: "template edit". */
export const spelt = (hint) => hint.name.replaceAll("_", " ");

/** What is being typed at the caret: {kind: "none" | "command" | "option", ...}. */
export function situation(text, caret, commands) {
  if (!SLASH.test(text)) return { kind: "none" };
  const typed = text.slice(1, caret);
  const [first] = typed.match(/^\S*/);
  if (first === typed) {
    const end = 1 + text.slice(1).search(/\s|$/);
    return { kind: "command", typed: plain(typed), start: 0, end };
  }
  const second = typed.slice(first.length).match(/^\s+(\S+)(?=\s)/);
  const called = (name) => commands.find((each) => each.name === plain(name));
  const longer = second && called(`${first}_${second[1]}`);
  const hint = longer ?? called(first);
  if (!hint) return { kind: "none" };
  const head = 1 + first.length + (longer ? second[0].length : 0);
  const rest = text.slice(head, caret);
  const [current] = rest.match(/\S*$/);
  const at = caret - current.length;
  const before = text.slice(head, at);
  const isFirst = !longer && !before.trim();
  const place = {
    kind: "option",
    hint,
    end: caret + text.slice(caret).search(/\s|$/),
    longer: isFirst ? commands.filter((each) => each.name.startsWith(`${hint.name}_${plain(current)}`)) : [],
  };
  const named = current.match(NAMED);
  const byName = named && hint.options.find((option) => option.name === named[1]);
  if (byName) return { ...place, before: before.trim(), option: byName, typed: named[2], start: caret - named[2].length };
  return { ...place, ...byPlace(hint, before, current, head, at) };
}

/** The option whose turn it is at the caret; the last one may take several words. */
function byPlace(hint, before, current, head, at) {
  const words = [...before.matchAll(/\S+/g)];
  const given = new Set(words.map((word) => nameIn(word[0], hint)));
  const places = words.filter((word) => !nameIn(word[0], hint)).map((word) => head + word.index);
  const waiting = hint.options.filter((option) => !option.named && !given.has(option.name));
  const last = waiting.at(-1);
  if (last?.swallows && places.length >= waiting.length) {
    const start = places[waiting.length - 1];
    return { option: last, typed: before.slice(start - head) + current, start, before: before.slice(0, start - head).trim() };
  }
  return { option: waiting[places.length] ?? null, typed: current, start: at, before: before.trim() };
}

function nameIn(word, hint) {
  const named = word.match(NAMED);
  return named && hint.options.some((option) => option.name === named[1]) ? named[1] : "";
}

const plain = (word) => word.normalize("NFKC").toLowerCase();

/**
 * Commands that begin with what was typed; when there is none, those that contain it. Those of two words come in
 * once a single command of one word is left.
 */
export function fitting(commands, typed) {
  const begins = commands.filter((each) => each.name.startsWith(typed));
  const short = begins.filter((each) => !each.name.includes("_"));
  if (begins.length) return short.length > 1 ? short : begins;
  return commands.filter((each) => each.name.includes(typed));
}
