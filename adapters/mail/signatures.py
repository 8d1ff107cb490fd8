"""Signatures at the end of a text, in the manner of Japanese and of Western mail."""

import re

_LONGEST = 15
_DELIMITER = re.compile(r"[ \t]*--[ \t]*$")
_DEVICE = re.compile(
    r"[ \t]*(?:(?:sent|gesendet) (?:from|with|via|von) (?:my|mail|yahoo|outlook|proton|iphone|ipad|android|meinem)\b"
    r".{0,60}|get outlook for\b.{0,60}|von meinem .{1,40} gesendet|envoyé (?:de|depuis) mon\b.{0,40}"
    r"|enviado desde mi\b.{0,40}|inviato da(?:l mio)?\b.{0,40}|enviado do meu\b.{0,40}|verstuurd vanaf mijn\b.{0,40}"
    r"|(?:my |the )?(?:iphone|ipad|android|スマートフォン|スマホ|携帯|xperia|galaxy|windows).{0,20}から送信.{0,20}"
    r"|発信元.{0,30}|yahoo!?メール.{0,20}で送信.{0,20}|outlook for .{1,20}を入手.{0,10}"
    r"|.{0,20}(?:版|for) outlook .{0,20}を?入手.{0,20})$",
    re.IGNORECASE,
)
_RULER = re.compile(
    r"[ \t\u3000]*([-_=*+~#.・…━─―—–－‐＝＊＿☆★◇◆□■○●◎♪∞:;/｡°×▽△☆/<>+｢｣]{1,3})(?:\1|[ \t\u3000]){4,}.{0,4}$"
)
_CONTACT = re.compile(
    r"(?:\b(?:tel|fax|phone|mobile|e-?mail|mail|url|https?)\b|電話|携帯|〒|株式会社|有限会社|合同会社|\(株\)|㈱"
    r"|住所|ＴＥＬ|ＦＡＸ|部署|℡|[\w.+-]+@[\w-]+\.[\w.]+|\d{2,4}-\d{2,4}-\d{3,4})",
    re.IGNORECASE,
)
_FOOTER_RULER = re.compile(r"[ \t]*[_-]{20,}[ \t]*$")
_FOOTER = re.compile(r"https?://|@|unsubscribe|mailing list|confidential|disclaimer|riservat", re.IGNORECASE)
_HYPHEN_NAME = re.compile(r"[-–—]\s?[A-Z][\w.]*(?: [A-Z][\w.]*){0,3}$")


def without_signature(lines: list[str]) -> list[str]:
    """The lines without what a mail program, a device or a habit put below them; never less than one line."""
    for start in (_device, _delimiter, _footer, _ruler, _hyphen_name, _device):
        at = start(lines)
        if at is not None and any(line.strip() for line in lines[:at]):
            lines = lines[:at]
    return lines


def _filled(lines: list[str], last: int) -> list[int]:
    """Numbers of the last lines that are not blank, from the end upwards."""
    found: list[int] = []
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].strip():
            found.append(number)
            if len(found) == last:
                break
    return found


def _delimiter(lines: list[str]) -> int | None:
    """The line "-- "; without its blank only where no more than a signature follows."""
    for number, line in enumerate(lines):
        if _DELIMITER.match(line):
            rest = sum(1 for one in lines[number + 1 :] if one.strip())
            if line == "-- " or rest <= _LONGEST:
                return number
    return None


def _footer(lines: list[str]) -> int | None:
    """A long line of underscores with the address of a list or a notice under it."""
    for number in _filled(lines, _LONGEST):
        if _FOOTER_RULER.match(lines[number]):
            below = "\n".join(lines[number + 1 :])
            return number if not below.strip() or _FOOTER.search(below) else None
    return None


def _ruler(lines: list[str]) -> int | None:
    """A line of signs with a name and ways to reach it below: the Japanese business signature."""
    found = None
    for number in _filled(lines, _LONGEST):
        if len(lines[number]) <= 120 and _RULER.match(lines[number]):
            below = "\n".join(lines[number + 1 :])
            if _CONTACT.search(below) or (found is None and not below.strip()):
                found = number
    if found is not None and not _CONTACT.search("\n".join(lines[found:])):
        return None
    return found


def _device(lines: list[str]) -> int | None:
    """The line of a telephone: near the end, or by itself, where the quoted mail follows without marks."""
    near_end = _filled(lines, 3)
    for number, line in enumerate(lines):
        if 8 <= len(line) <= 120 and _DEVICE.match(line):
            alone = not "".join(lines[max(0, number - 1) : number] + lines[number + 1 : number + 2]).strip()
            if alone or number in near_end:
                return number
    return None


def _hyphen_name(lines: list[str]) -> int | None:
    last = _filled(lines, 1)
    if last and len(lines[last[0]]) <= 60 and _HYPHEN_NAME.match(lines[last[0]].strip()):
        at = last[0]
        return at if at == 0 or not lines[at - 1].strip() else None
    return None
