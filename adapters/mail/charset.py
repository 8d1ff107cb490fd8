"""Bytes to text: the ladder that reads what mail programs really send, whatever their label says."""

import codecs
import re
from functools import lru_cache

from adapters.mail.japanese import from_euc, from_jis, has_jis_escapes

# Labels that senders use for something wider than the standard of that name.
_WIDER = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "x-ms-cp932": "cp932",
    "x-euc-jp": "euc_jp",
    "eucjp": "euc_jp",
    "eucjp-ms": "euc_jp",
    "cp51932": "euc_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "big5": "cp950",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf_7",
    "x-unicode-2-0-utf-7": "utf_7",
    "unicode-1-1-utf-8": "utf_8",
    "utf8mb4": "utf_8",
    "macintosh": "mac_roman",
    "x-mac-japanese": "cp932",
}
# Codecs of Python that are no mail charsets; some of them take quadratic time.
_REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "charmap"})
# Charsets in which bytes below 0x80 do not mean ASCII.
_NOT_ASCII = frozenset({"utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "hz"})
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,62}")
_SURE_UTF8 = re.compile(rb"[\xe1-\xef][\x80-\xbf]{2}.*?[\xe1-\xef][\x80-\xbf]{2}", re.DOTALL)
_HIGH = re.compile(rb"[\x80-\xff]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_WIDE = re.compile("[\u3001-\u303f\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uff01-\uff5e]")
_HIRAGANA = re.compile("[\u3041-\u3096]")
# Kanji of the first level in Shift JIS: in Western text their first byte is a quotation mark, a dash or the like.
_SHIFT_JIS_KANJI = re.compile(rb"(?:[\x88-\x9f][\x40-\x7e\x80-\xfc]){2}")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_SAMPLE_BYTES = 8 * 1024


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """The Python codec that reads a charset label, or "" when the label is empty, unknown or refused."""
    found = _LABEL.search(label)
    if not found:
        return ""
    name = found.group().lower()
    try:
        codec = codecs.lookup(_WIDER.get(name, name))
    except (LookupError, ValueError):
        return ""
    name = codec.name.replace("-", "_")
    if name in _REFUSED or not getattr(codec, "_is_text_encoding", True):
        return ""
    return _WIDER.get(codec.name, name)


def decode(data: bytes, label: str = "") -> str:
    """Text of `data`, trusting its charset label only as far as the bytes bear it out. Never raises.

    The ladder: plain ASCII, JIS escapes, certain UTF-8, the label, UTF-8, Japanese by likelihood,
    the label with replacement characters, Windows-1252.
    """
    codec = codec_of(label)
    if codec not in _NOT_ASCII:
        if has_jis_escapes(data):
            return from_jis(data, _unlabelled)
        if data.isascii():
            return data.decode("ascii")
    if codec in ("", "cp1252"):
        return _unlabelled(data, kana_needed=bool(codec))
    if codec != "utf_8" and _SURE_UTF8.search(data):
        # Real UTF-8 passes as other charsets, but hardly anything else passes as UTF-8.
        text = _strictly(data, "utf_8")
        if text is not None:
            return text
    text = _strictly(data, codec)
    if text is not None:
        return (codec == "cp932" and _euc_after_all(data, text)) or text
    return _damaged(data, codec)


def _strictly(data: bytes, codec: str) -> str | None:
    """Text of bytes that are wholly valid in the codec, else None."""
    if codec == "euc_jp":
        return from_euc(data)
    if codec.startswith("iso2022_jp"):
        return None
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _euc_after_all(data: bytes, text: str) -> str:
    """EUC-JP that passes as Shift JIS: it looks like half-width kana then, and has hiragana of its own; else ""."""
    if 5 * len(_HALF_KANA.findall(text)) < 2 * _foreign(text):
        return ""
    other = _strictly(data, "euc_jp") or ""
    return other if 10 * len(_HIRAGANA.findall(other)) > 3 * _foreign(other) else ""


def _damaged(data: bytes, codec: str) -> str:
    """Text of bytes that their label does not quite fit: a few broken places, or another charset."""
    if codec.startswith("iso2022_jp"):
        return _unlabelled(data, kana_needed=False)
    mended = _with_marks(data, codec)
    broken, foreign = mended.count("\ufffd"), _foreign(mended)
    if broken * 10 <= foreign or (broken == 1 and codec == "utf_8" and foreign > 1):
        return mended
    text = _strictly(data, "utf_8") or _japanese(data, kana_needed=False)
    if text:
        return text
    return _western(data) if codec == "utf_8" else mended


def _with_marks(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return _western(data)


def _unlabelled(data: bytes, *, kana_needed: bool = False) -> str:
    text = _strictly(data, "utf_8")
    if text is None:
        text = _japanese(data, kana_needed=kana_needed)
    if text is None and _SURE_UTF8.search(data):
        mended = data.decode("utf-8", "replace")
        if mended.count("\ufffd") * 10 <= _foreign(mended):
            text = mended
    return _western(data) if text is None else text


def _foreign(text: str) -> int:
    """How many characters are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _japanese(data: bytes, *, kana_needed: bool) -> str | None:
    """The likelier reading as CP932 or EUC-JP, or None when neither looks like Japanese.

    A letter with an accent and the ASCII letter behind it also make a valid CP932 kanji, so kana or
    long runs of high bytes must bear witness.
    """
    sample = _sample(data)
    high = len(_HIGH.findall(sample))
    best, best_score = "", 0.35
    for codec in ("cp932", "euc_jp"):
        text = _strictly(sample, codec) or _strictly(sample[:-1], codec)
        if text is None:
            continue
        wide, kana, half = len(_WIDE.findall(text)), len(_KANA.findall(text)), len(_HALF_KANA.findall(text))
        if kana_needed and (not kana or 2 * wide < high * 0.8):
            continue
        sure = codec == "cp932" and _SHIFT_JIS_KANJI.search(sample)
        if (not kana and high < 1.5 * wide and not sure) or (not wide and half < 3):
            continue
        score = (wide + kana + 0.4 * half) / max(1, _foreign(text))
        if score > best_score:
            best, best_score = codec, score
    if not best:
        return None
    whole = _strictly(data, best)
    return data.decode(best, "replace") if whole is None else whole


def _sample(data: bytes) -> bytes:
    """The first lines that are not ASCII, enough of them to judge by."""
    first = _HIGH.search(data)
    at = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    return data[at : at + _SAMPLE_BYTES]
