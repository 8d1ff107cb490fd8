"""Display-safe text: what may be shown to a person, whoever wrote it."""

import re

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")
_BLANKS = re.compile(r"\n[\n \t\u3000]*\n")
_WEB_CODE = re.compile("\x1b\\$([EFGOPQ])([!-z]{1,100})\x0f?")
_WEB_PAGES = {"G": 0xE000, "E": 0xE100, "F": 0xE200, "O": 0xE300, "P": 0xE400, "Q": 0xE500}
_LINE_CHARACTERS = 1000
_NAME_CHARACTERS = 200


def safe_text(text: str) -> str:
    """Text of several lines: newlines as \\n, no NUL, lone surrogate or control character but tab."""
    if not text.isprintable():
        text = _without_web_codes(text)
        text = _UNSAFE.sub("", _NEWLINES.sub("\n", text))
    return text


def safe_line(text: str, limit: int = _LINE_CHARACTERS) -> str:
    """Text of one line (a subject, a name): also without characters that turn the writing direction."""
    if not text.isprintable() or "  " in text:
        text = _without_web_codes(text)
        text = _UNSAFE.sub("", _TURNING.sub("", _SPACES.sub(" ", text)))
    return text.strip()[:limit]


def safe_name(name: str) -> str:
    """A file name that cannot leave its folder or pretend to be another kind; "" when nothing is left."""
    name = safe_line(name.replace("\\", "/").rpartition("/")[2])
    name = name.strip(" .")
    if len(name) > _NAME_CHARACTERS:
        stem, dot, ending = name.rpartition(".")
        keep = _NAME_CHARACTERS - len(ending) - 1
        name = f"{stem[:keep]}.{ending}" if dot and len(ending) <= 10 else name[:_NAME_CHARACTERS]
    return name


def fewer_blank_lines(text: str) -> str:
    """The text with at most two empty lines in a row and none at its ends."""
    return _BLANKS.sub(_at_most_two, text).strip("\n\t \u3000")


def _without_web_codes(text: str) -> str:
    """SoftBank's emoji, once sent as escape sequences, as the private characters that it gave them in Unicode."""
    if "\x1b$" not in text:
        return text
    return _WEB_CODE.sub(lambda code: "".join(chr(_WEB_PAGES[code[1]] + ord(one) - 0x20) for one in code[2]), text)


def _at_most_two(blanks: re.Match[str]) -> str:
    return "\n\n\n" if blanks[0].count("\n") > 3 else blanks[0]
