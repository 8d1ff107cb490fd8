"""Text on its way in and out: moments become data, and what people type becomes safe to keep.

The page puts every string into the document by textContent, so nothing has to be escaped here.
"""

from bot.chat.text import Text


def parts(text: Text) -> list[object]:
    """A text as JSON: strings as they are, moments as `{"at", "spoken", "relative"}` in ISO 8601."""
    return [
        part if isinstance(part, str) else {"at": part.at.isoformat(), "spoken": part.spoken, "relative": part.relative}
        for part in text
    ]


def clean(typed: str) -> str:
    """What a person typed, without what no database keeps: NUL and lone surrogates; lines end in \\n."""
    whole = typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def one_line(typed: str) -> str:
    """What a person typed, cleaned and on one line, as names and mail headers need it."""
    return " ".join(clean(typed).split())
