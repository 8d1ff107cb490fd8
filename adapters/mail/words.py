"""Parts for machines told in words: invitations (RFC 5545) and delivery reports (RFC 3464)."""

import re
from datetime import date, datetime

from adapters.mail.display import fewer_blank_lines, safe_line, safe_text
from adapters.mail.leaf import Leaf

_READ_BYTES = 256 * 1024
_MOST = 5
_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r'([A-Za-z-]{1,40})((?:;[^:";]*(?:"[^"]*")?)*):(.*)')
_ESCAPED = re.compile(r"\\([\\,;nN])")
_ZONE = re.compile(r'TZID="?([^";]+)')
_NAME = re.compile(r'CN="?([^";]+)')
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_TYPED = re.compile(r"^[\w-]{1,20};\s*")
_METHODS = {"CANCEL": "Invitation cancelled", "REPLY": "Answer to an invitation", "COUNTER": "Another time proposed"}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}


def in_words(leaf: Leaf) -> str:
    """What such a part says, in a few lines; "" for any other part and for one that says nothing."""
    if leaf.content_type == "text/calendar":
        return _invitation(leaf.text)
    if leaf.content_type == "message/delivery-status":
        return _report(leaf)
    return ""


def _invitation(text: str) -> str:
    lines = _FOLD.sub("", text[:_READ_BYTES]).split("\n")
    method = ""
    told: list[str] = []
    event: dict[str, tuple[str, str]] | None = None
    for line in lines:
        found = _LINE.match(line.strip())
        if not found:
            continue
        name, values, value = found[1].upper(), found[2], found[3]
        if name == "METHOD":
            method = value.strip().upper()
        elif name == "BEGIN" and value.strip().upper() in ("VEVENT", "VTODO"):
            event = {}
        elif name == "END" and event is not None and value.strip().upper() in ("VEVENT", "VTODO"):
            told.append(_event(event, method))
            event = None
        elif event is not None:
            event.setdefault(name, (values, value))
    return "\n\n".join(one for one in told[:_MOST] if one)


def _event(event: dict[str, tuple[str, str]], method: str) -> str:
    def plain(name: str) -> str:
        value = event.get(name, ("", ""))[1]
        return safe_line(_ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value))

    lines = [f"{_METHODS.get(method, 'Invitation')}: {plain('SUMMARY')}".rstrip(": ")]
    begins, ends = (_moment(*event.get(name, ("", ""))) for name in ("DTSTART", "DTEND"))
    if begins:
        same_day = ends.startswith(begins[:10]) and len(ends) > 10
        until = ends[11:] if same_day else ends
        lines.append(f"When: {begins}" + (f" - {until}" if until and ends != begins else ""))
    if plain("LOCATION"):
        lines.append(f"Where: {plain('LOCATION')}")
    for name, label in (("ORGANIZER", "Organiser"), ("ATTENDEE", "Answer")):
        values, value = event.get(name, ("", ""))
        person = _person(values, value)
        if label == "Answer":
            answer = next((word for mark, word in _ANSWERS.items() if f"PARTSTAT={mark}" in values.upper()), "")
            person = f"{person}: {answer}" if method == "REPLY" and answer else ""
        if person:
            lines.append(f"{label}: {person}")
    return "\n".join(lines) if len(lines) > 1 or plain("SUMMARY") else ""


def _person(values: str, value: str) -> str:
    named = _NAME.search(values)
    address = safe_line(_MAILTO.sub("", value), 320)
    return f"{safe_line(named[1], 200)} <{address}>" if named and named[1] != address else address


def _moment(values: str, value: str) -> str:
    """A moment as the calendar wrote it, with its zone; "" when it tells none."""
    value = value.strip()
    try:
        if "T" not in value:
            return date.fromisoformat(value).isoformat()
        moment = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone is told as text
    except ValueError:
        return ""
    zone = "UTC" if value.endswith("Z") else safe_line(found[1], 60) if (found := _ZONE.search(values)) else ""
    return f"{moment:%Y-%m-%d %H:%M} {zone}".rstrip()


def _report(leaf: Leaf) -> str:
    """One line for each recipient that the report is about: what happened, and what the server said."""
    told: list[str] = []
    for block in _blocks(leaf):
        fields = {
            name.strip().lower(): _TYPED.sub("", safe_line(value))
            for name, colon, value in (line.partition(":") for line in block)
            if colon
        }
        recipient = fields.get("original-recipient") or fields.get("final-recipient", "")
        if recipient and len(told) < _MOST:
            reason = fields.get("diagnostic-code") or fields.get("status", "")
            outcome = fields.get("action", "").lower() or "reported"
            told.append(f"Delivery {outcome}: {recipient}" + (f" ({reason})" if reason else ""))
    return "\n".join(told)


def _blocks(leaf: Leaf) -> list[list[str]]:
    """The groups of fields, as lines without their folds."""
    text = fewer_blank_lines(safe_text(leaf.data[:_READ_BYTES].decode("utf-8", "replace")))
    return [_FOLD.sub(" ", block).split("\n") for block in re.split(r"\n\s*\n", text)]
