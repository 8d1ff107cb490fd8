// Talking to the server. After a restart its token is another one: it is fetched anew, and a request that was
// turned away for the old one (so nothing happened) is sent once more.

const meta = (name, root = document) => root.querySelector(`meta[name="madoguchi-${name}"]`)?.content ?? "";

let token = meta("token");
const build = meta("build");

/** What the server says is wrong, or what happened to the connection; `kind` is "refused", "offline" or "unclear". */
export class Trouble extends Error {
  constructor(kind, sentence = "") {
    super(sentence || kind);
    this.kind = kind;
    this.sentence = sentence;
  }
}

/** Fetch the page again for its token and cookie; a newer page is loaded whole (drafts are kept by their owners). */
export async function renew() {
  const response = await fetch("/", { cache: "no-store" });
  if (!response.ok) throw new Trouble("offline");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  token = meta("token", page);
  if (meta("build", page) !== build) location.reload();
}

/** Read JSON from the API. */
export const get = (path, query) => send(`/api/${path}?${new URLSearchParams(query)}`, { cache: "no-store" });

/** Change something. */
export const post = (path, body) =>
  send(`/api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function send(url, options, again = true) {
  let response;
  try {
    const headers = options.method ? { ...options.headers, "X-Madoguchi-Token": token } : {};
    response = await fetch(url, { ...options, headers });
  } catch {
    throw new Trouble(options.method && navigator.onLine ? "unclear" : "offline");
  }
  if (response.status === 401 && again) {
    try {
      await renew();
    } catch {
      throw new Trouble("offline");
    }
    return send(url, options, false);
  }
  const data = await response.json().catch(() => null);
  if (!response.ok) throw new Trouble("refused", data?.error ?? "");
  if (data === null) throw new Trouble("unclear");
  return data;
}
