"""Quoted mail inside a text: where it begins, and which lines only introduce it."""

import re

_LOOK_BACK = 3
_HEADER_LINES = 8
_LINE_CHARACTERS = 300
# What looks like a face (>_<) marks no quotation.
_QUOTE = re.compile(r"[ \t\u3000]{0,3}[>＞](?![_.]?[<＜])")
_RARE_MARK = re.compile(r"[ \t\u3000]{0,3}([A-Za-z]{1,12}>|[|｜])(?=[^|｜]*$)")
_END_OF_ADDRESS = re.compile(r"[ \t]*>[ \t]*[:：][ \t]*$")
_RULER = re.compile(r"[ \t\u3000]*[-_=*━─―—‐－＝]{5,}[ \t\u3000]*$")
_MARKER = re.compile(
    r"[ \t>]*[-_=*+━─―—－<]{2,}[ \t\u3000]*(?:original message|forwarded message|original appointment"
    r"|reply message|begin forwarded message|元のメッセージ|元のメール|オリジナルメッセージ|オリジナル メッセージ"
    r"|転送メッセージ|転送されたメッセージ|引用元メッセージ|ursprüngliche (?:nachricht|mail)|weitergeleitete nachricht"
    r"|message (?:d'origine|original|transféré)|mensaje (?:original|reenviado)|mensagem original"
    r"|messaggio (?:originale|inoltrato)|oorspronkelijk bericht|original(?:t)? (?:meddelande|melding)"
    r"|oprindelig meddelelse|původní zpráva|原始邮件|原始郵件|轉寄郵件|转发邮件|원본 메시지|전달된 메시지)"
    r".{0,30}?[-_=*+━─―—－>]{0,40}[ \t\u3000]*$|(?:begin forwarded message|転送されたメッセージ)[:：]\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"[ \t>*]*(?:"
    r"(?P<sender>from|差出人|送信者|発信者|von|message du|de|da|van|od|från|fra|发件人|發件人|寄件者|보낸 ?사람)"
    r"|(?P<date>sent|date|送信日時|送信日|受信日時|日時|日付|gesendet|datum|envoyé|date|enviado(?: el)?|fecha"
    r"|enviada|data|inviato|verzonden|skickat|sendt|odesláno|wysłano|发送时间|發送時間|寄件日期|日期|보낸 ?날짜|날짜)"
    r"|(?P<to>to|cc|宛先|送信先|an|à|a|para|aan|till|til|komu|do|kopie|copie à|收件人|收件者|抄送|받는 ?사람)"
    r"|(?P<subject>subject|件名|題名|表題|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|předmět"
    r"|temat|主题|主題|主旨|제목)"
    r")[ \t\u00a0\u3000]*\*?[ \t\u00a0\u3000]?[:：]\*?(?=[ \t\u00a0\u3000\S]|$)",
    re.IGNORECASE,
)
_DATE = r"(?:\d{1,4}[年/.\-]\s?\d{1,2}|\d{1,2}:\d{2}|\b\d{1,2}\.? \w+\.? \d{4}|\w+ \d{1,2},? \d{4})"
_INTRODUCTION = re.compile(
    r"[ \t>]*(?:"
    r"on\b.{3,300}\bwrote ?[:：]"
    r"|.{0,300}<?[\w.+-]+@[\w.-]+>?[)\]]?\s*(?:wrote|writes|said|さんは?(?:次のように)?書きました)\s*[:：]"
    rf"|.{{0,200}}{_DATE}.{{0,200}}\b(?:wrote|writes)\s*[:：]"
    r"|am\b.{3,300}\bschrieb\b.{0,150}[:：]|.{3,200}\bschrieb am\b.{3,150}[:：]"
    r"|le\b.{3,300}\ba écrit\s*[:：]|el\b.{3,300}\bescribi[óo]\s*[:：]|(?:il|in data)\b.{3,300}\bha scritto\s*[:：]"
    r"|em\b.{3,300}\bescreveu\s*[:：]|op\b.{3,300}\b(?:schreef|geschreven)\b.{0,150}[:：]"
    rf"|.{{0,150}}{_DATE}.{{0,200}}\b(?:skrev|kirjoitti|napsal\(a\)|napisał(?:\(a\))?|pisze|написал(?:\(а\)|а)?|пишет).{{0,150}}[:：]"
    r"|.{3,250}(?:写道|寫道|님이 작성|작성했습니다).{0,20}[:：]"
    r"|.{1,150}(?:さん|様|氏)?[はが](?:次のように)?書きました\s*[:：。]?"
    r"|.{1,200}(?:のメール|のメッセージ|のご連絡)\s*[:：]"
    rf"|.{{0,100}}{_DATE}.{{0,200}}(?:<[^<>@\s]+@[^<>\s]+>|さん|様)\s*[:：]"
    r")\s*$",
    re.IGNORECASE,
)
_OPENS = re.compile(rf"(?:on|am|le|el|il|em|op|den|dne|w dniu)\s.{{0,60}}\d|.{{0,20}}{_DATE}.{{0,200}}$", re.IGNORECASE)
_INTRODUCES = re.compile(r"(?:[:：]|書きました。?)\s*$")


def is_quoted(line: str) -> bool:
    """True for a line with the mark of quoted mail."""
    return _QUOTE.match(line) is not None and not _END_OF_ADDRESS.match(line)


def original_start(lines: list[str]) -> int:
    """The line where the original mail begins without quote marks (separator or header block), or the end."""
    for number, line in enumerate(lines):
        if len(line) > _LINE_CHARACTERS or ("-" not in line and ":" not in line and not _MARKABLE(line)):
            continue
        if _MARKER.match(line) or _is_header_block(lines, number):
            return _before_ruler(lines, number)
    return len(lines)


def has_rare_mark(lines: list[str], number: int) -> bool:
    """True for a line quoted by a bar or by initials, when its neighbour is so too; tables have more bars."""
    found = _RARE_MARK.match(lines[number])
    if not found:
        return False
    return any(
        0 <= other < len(lines) and (near := _RARE_MARK.match(lines[other])) and near[1] == found[1]
        for other in (number - 1, number + 1)
    )


_MARKABLE = re.compile("[：_=*━─―—－]").search


def _is_header_block(lines: list[str], number: int) -> bool:
    """True where lines begin that copy the header of a mail: its sender and at least one more field."""
    if not _LABEL.match(lines[number]):
        return False
    kinds: set[str] = set()
    misses = 0
    for line in lines[number : number + _HEADER_LINES]:
        label = _LABEL.match(line[:_LINE_CHARACTERS])
        if label and label.lastgroup:
            kinds.add(label.lastgroup)
            misses = 0
        else:
            # A long field goes on in the next line; some programs put empty lines in between.
            misses += 1
            if misses > 1:
                break
    return "sender" in kinds and len(kinds) >= 2


def _before_ruler(lines: list[str], number: int) -> int:
    """The same place, or the ruler that introduces it."""
    at = number - 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    return at if at >= 0 and _RULER.match(lines[at]) else number


def introduction(lines: list[str], number: int) -> int | None:
    """The first line of an introduction ("On ... wrote:") that ends at `number`, or None."""
    line = lines[number]
    if len(line) > _LINE_CHARACTERS or not _INTRODUCES.search(line):
        return None
    joined = ""
    for start in range(number, max(-1, number - _LOOK_BACK - 1), -1):
        if not lines[start].strip() or len(lines[start]) > _LINE_CHARACTERS:
            break
        joined = f"{lines[start].strip()} {joined}".strip()
        if _INTRODUCTION.match(joined):
            return _widest(lines, start, number)
    return None


def _widest(lines: list[str], start: int, number: int) -> int:
    """The start moved up to the line that really opens the sentence, when it was folded in between."""
    for first in range(start - 1, max(-1, number - _LOOK_BACK - 1), -1):
        text = lines[first].strip()
        if not text or len(text) > _LINE_CHARACTERS:
            break
        if _OPENS.match(text):
            return first
    return start
