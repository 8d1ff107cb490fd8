"""Japanese double-byte text as it is really sent: ISO-2022-JP and EUC-JP with Microsoft's additions.

No codec of Python reads NEC row 13 (①㈱) in these charsets, though every mail program of Japan sends it.
"""

import re
from collections.abc import Callable

_ESCAPE = re.compile(rb"(\x1b(?:\$\([A-Z@]|\$[@AB]|\([A-Z]))")
# Half-width kana with their eighth bit, as some programs put them between the escapes.
_HALF_KANA = re.compile(rb"[\x00-\x7f\xa1-\xdf]*")
# Emoji of au: rows of JIS that CP932 keeps elsewhere, for private use.
_FIRST_PRIVATE_ROW = 0x75
_TO_PRIVATE_LEAD = 0x0B
_HIGH_BIT = bytes(i | 0x80 for i in range(256))
# Each of them restarts the decoding; text with more is no EUC-JP.
_MOST_ADDITIONS = 100


def has_jis_escapes(data: bytes) -> bool:
    """True when the bytes switch character sets as ISO-2022-JP does."""
    return b"\x1b" in data and _ESCAPE.search(data) is not None


def from_jis(data: bytes, otherwise: Callable[[bytes], str]) -> str:
    """ISO-2022-JP with NEC row 13, half-width kana, missing or cut-off escapes; `otherwise` reads 8-bit pieces."""
    try:
        return data.decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        pass
    out: list[str] = []
    mode = b"\x1b(B"
    for piece in _ESCAPE.split(data):
        if piece.startswith(b"\x1b") and _ESCAPE.fullmatch(piece):
            mode = piece
        elif mode in (b"\x1b$B", b"\x1b$@"):
            # A line ends the double-byte mode even where the sender forgot to say so.
            kanji, newline, rest = piece.partition(b"\n")
            out.append(_kanji_row(kanji))
            if newline:
                out.append("\n" + _eight_bit(rest, otherwise))
                mode = b"\x1b(B"
        elif mode == b"\x1b(I":
            out.append(piece.translate(_HIGH_BIT).decode("cp932", "replace"))
        elif mode.startswith(b"\x1b$"):
            out.append(_other_set(mode, piece))
        else:
            out.append(_eight_bit(piece, otherwise))
    return "".join(out)


def _eight_bit(piece: bytes, otherwise: Callable[[bytes], str]) -> str:
    return piece.decode("cp932") if _HALF_KANA.fullmatch(piece) else otherwise(piece)


def _kanji_row(piece: bytes) -> str:
    piece = piece.rstrip(b"\r")
    piece = piece[: len(piece) // 2 * 2]
    euc = piece.translate(_HIGH_BIT)
    try:
        return euc.decode("euc_jp")
    except UnicodeDecodeError:
        return "".join(_jis_sign(euc[i], euc[i + 1]) for i in range(0, len(euc), 2))


def _other_set(mode: bytes, piece: bytes) -> str:
    for codec in ("iso2022_jp_2", "iso2022_jp_2004", "iso2022_kr"):
        try:
            return (mode + piece).decode(codec)
        except UnicodeDecodeError:
            continue
    return "\ufffd" * (len(piece) // 2)


def _jis_sign(high: int, low: int) -> str:
    sign = _pair(high, low)
    return _pair(high, low, private=True) if sign == "\ufffd" else sign


def _pair(high: int, low: int, private: bool = False) -> str:
    """One double-byte character of EUC-JP, by way of CP932 where only Microsoft's table has it (①㈱髙)."""
    pair = bytes((high, low))
    try:
        return pair.decode("euc_jp")
    except UnicodeDecodeError:
        row, cell = high & 0x7F, low & 0x7F
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return "\ufffd"
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    if private and row >= _FIRST_PRIVATE_ROW:
        lead += _TO_PRIVATE_LEAD
    trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    try:
        return bytes((lead, trail)).decode("cp932")
    except UnicodeDecodeError:
        return "\ufffd"


def from_euc(data: bytes) -> str | None:
    """EUC-JP with Microsoft's additions, or None when the bytes are no EUC-JP."""
    try:
        return data.decode("euc_jp")
    except UnicodeDecodeError:
        pass
    out: list[str] = []
    start = 0
    while start < len(data):
        try:
            out.append(data[start:].decode("euc_jp"))
            break
        except UnicodeDecodeError as fault:
            at = start + fault.start
            out.append(data[start:at].decode("euc_jp"))
            if len(out) > _MOST_ADDITIONS or at + 1 >= len(data) or data[at] < 0xA1 or data[at + 1] < 0xA1:
                return None
            sign = _pair(data[at], data[at + 1])
            if sign == "\ufffd":
                return None
            out.append(sign)
            start = at + 2
    return "".join(out)
