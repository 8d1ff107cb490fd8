"""Japanese mails as they are really sent, and a few of other languages: bytes, and what is to be read in them."""

# ruff: noqa: E501 - tables, in which a full-width sign counts twice

import base64
import quopri
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

SUBJECT = "ご注文１０４２について"
SENDER = ("山田花子", "hana@example.jp")
BODY = "お世話になっております。\n商品がまだ届きません。\n\nよろしくお願いいたします。\n山田花子"
REPLY = "ご連絡ありがとうございます。\n商品Ａの色は青でお願いします。"
ANSWERED = "お問い合わせありがとうございます。\n色はいかがなさいますか。"
GAIJI = "①番の㈱髙﨑商店、Ⅲ号室、№5、℡、㍉"
KANA = "ｱﾒﾘｶﾝ ｺｰﾋｰ ﾀﾞﾌﾞﾙ｡"


@dataclass(frozen=True)
class Sample:
    """A mail and what is in it; `reply` is the text without quoted mail and signature."""

    name: str
    content: bytes
    subject: str
    sender: tuple[str, str]
    text: str
    reply: str
    files: tuple[str, ...] = ()


# --- what senders do to text --------------------------------------------------------------------------------


def _selected() -> dict[str, bytes]:
    """NEC's places for the characters that CP932 keeps twice: only these fit into JIS."""
    found = {}
    for lead in (0x87, 0xED, 0xEE):
        for trail in range(0x40, 0xFD):
            try:
                found[bytes((lead, trail)).decode("cp932")] = bytes((lead, trail))
            except UnicodeDecodeError:
                continue
    return found


SELECTED = _selected()


def pair(sign: str) -> bytes:
    """A full-width character as row and cell of JIS, with Microsoft's additions."""
    code = SELECTED.get(sign) or sign.encode("cp932")
    lead, trail = code
    row = (lead - (0x81 if lead < 0xE0 else 0xC1)) * 2 + 0x21
    if trail >= 0x9F:
        return bytes((row + 1, trail - 0x7E))
    return bytes((row, trail - 0x1F if trail < 0x7F else trail - 0x20))


def jis(text: str, *, end: bytes = b"\x1b(B") -> bytes:
    """ISO-2022-JP as Outlook writes it: row 13, IBM's kanji, half-width kana by ESC ( I."""
    out, mode = b"", b"\x1b(B"
    for sign in text:
        if sign == "\n":
            # A line begins and ends in ASCII.
            out, mode = out + (b"\x1b(B" if mode != b"\x1b(B" else b""), b"\x1b(B"
        code = sign.encode("cp932")
        kind = b"\x1b$B" if len(code) == 2 else b"\x1b(I" if code[0] >= 0x80 else b"\x1b(B"
        out, mode = out + (kind if kind != mode else b""), kind
        out += pair(sign) if len(code) == 2 else bytes((code[0] & 0x7F,))
    return out + (end if mode != b"\x1b(B" else b"")


def euc(text: str) -> bytes:
    """EUC-JP with Microsoft's additions."""
    out = b""
    for sign in text:
        code = sign.encode("cp932")
        if len(code) == 2:
            out += bytes(one | 0x80 for one in pair(sign))
        else:
            out += b"\x8e" + code if code[0] >= 0x80 else code
    return out


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "iso-2022-jp": jis,
    "shift_jis": lambda text: text.encode("cp932"),
    "euc-jp": euc,
    "utf-8": lambda text: text.encode(),
}


def b_word(data: bytes, charset: str) -> bytes:
    return b"=?%b?B?%b?=" % (charset.encode(), base64.b64encode(data))


def q_word(data: bytes, charset: str) -> bytes:
    return b"=?%b?Q?%b?=" % (charset.encode(), b"".join(b"=%02X" % one for one in data))


def b_words(text: str, charset: str, size: int = 24) -> bytes:
    """Encoded words of so many bytes each, cut wherever the size says."""
    data = ENCODERS[charset](text)
    return b"\r\n ".join(b_word(data[at : at + size], charset) for at in range(0, len(data), size))


def crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def sent(data: bytes, how: str) -> bytes:
    """The bytes in a transfer encoding."""
    if how == "base64":
        return base64.encodebytes(data)
    return quopri.encodestring(data) if how == "quoted-printable" else data


def mail(
    body: bytes,
    *,
    subject: bytes | None = None,
    sender: bytes | None = None,
    kind: str = "text/plain; charset=utf-8",
    how: str = "8bit",
    extra: str = "",
    ends: bytes = b"\r\n",
) -> bytes:
    """A whole mail with CRLF line ends (or others)."""
    head = [
        b"From: " + (sender if sender is not None else b_words(SENDER[0], "utf-8") + b" <" + SENDER[1].encode() + b">"),
        b"To: support@example.com",
        b"Subject: " + (subject if subject is not None else b_words(SUBJECT, "utf-8", 45)),
        b"Date: Mon, 6 Jan 2025 10:00:00 +0900",
        b"Message-ID: <20250106.1042@example.jp>",
        b"MIME-Version: 1.0",
        *([b"Content-Type: " + kind.encode()] if kind else []),
        *([b"Content-Transfer-Encoding: " + how.encode()] if how else []),
        *([extra.encode()] if extra else []),
    ]
    return b"\r\n".join(head).replace(b"\r\n", ends) + ends * 2 + crlf(sent(body, how)).replace(b"\r\n", ends)


def part(kind: str, body: bytes, extra: str = "", how: str = "8bit") -> bytes:
    told = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {how}\r\n{extra}\r\n".encode()
    return told + crlf(sent(body, how))


def parts(subtype: str, *children: bytes, sign: str = "b") -> bytes:
    """A multipart as a part of its own."""
    inside = b"".join(b"--%b\r\n%b\r\n" % (sign.encode(), child) for child in children)
    return (
        f'Content-Type: multipart/{subtype}; boundary="{sign}"\r\n\r\n'.encode() + inside + f"--{sign}--\r\n".encode()
    )


def mixed(subtype: str, *children: bytes, kind: str = "", sign: str = "sep") -> bytes:
    inside = b"".join(b"--%b\r\n%b\r\n" % (sign.encode(), child) for child in children)
    kind = kind or f'multipart/{subtype}; boundary="{sign}"'
    return mail(inside + f"--{sign}--\r\n".encode(), kind=kind, how="")


def plain(text: str) -> bytes:
    return part("text/plain; charset=utf-8", text.encode())


def sample(
    name: str,
    content: bytes,
    text: str = BODY,
    reply: str | None = None,
    *,
    subject: str = SUBJECT,
    sender: tuple[str, str] = SENDER,
    files: tuple[str, ...] = (),
) -> Sample:
    return Sample(name, content, subject, sender, text, text if reply is None else reply, files)


# --- charsets -----------------------------------------------------------------------------------------------


def charsets() -> Iterator[Sample]:
    """Each charset in each transfer encoding, its header in B and Q."""
    for charset, encode in ENCODERS.items():
        word = {"base64": b_word, "quoted-printable": q_word}
        for how in ("7bit" if charset == "iso-2022-jp" else "8bit", "base64", "quoted-printable"):
            coded = word.get(how, b_word)
            content = mail(
                encode(BODY),
                kind=f"text/plain; charset={charset}",
                how=how,
                subject=coded(encode(SUBJECT), charset),
                sender=coded(encode(SENDER[0]), charset) + b" <hana@example.jp>",
            )
            yield sample(f"{charset} {how}", content)
    text = "ＡＢＣと漢字\nＸＹＺ"
    for label in ("Shift-JIS", "x-sjis", "windows-31j", "Windows-31J", "MS_Kanji", "CP932", '"shift_jis"'):
        yield sample(f"label {label}", mail(text.encode("cp932"), kind=f"text/plain; charset={label}"), text)
    for label in ("EUC_JP", "x-euc-jp", "eucJP-ms", "CP51932"):
        yield sample(f"label {label}", mail(euc(text), kind=f"text/plain; charset={label}"), text)
    for label in ("ISO-2022-JP-MS", "iso-2022-jp-ext", "CSISO2022JP", "iso-2022-jp;"):
        yield sample(f"label {label}", mail(jis(text), kind=f"text/plain; charset={label}", how="7bit"), text)
    yield sample("line ends of Unix", mail(jis(BODY), kind="text/plain; charset=iso-2022-jp", ends=b"\n"))
    yield sample("byte order mark", mail(b"\xef\xbb\xbf" + BODY.encode()))
    yield sample("utf-16", mail(BODY.encode("utf-16"), kind="text/plain; charset=utf-16", how="base64"), BODY)
    yield sample("utf-7", mail(BODY.encode("utf-7"), kind="text/plain; charset=utf-7", how="7bit"))


def signs() -> Iterator[Sample]:
    """Characters that the standard charsets lack, and half-width kana."""
    for charset, encode in ENCODERS.items():
        text = GAIJI + "\n" + KANA
        content = mail(
            encode(text),
            kind=f"text/plain; charset={charset}",
            how="base64",
            subject=b_word(encode(GAIJI), charset),
            sender=b_word(encode("髙﨑"), charset) + b" <t@example.jp>",
        )
        yield sample(f"gaiji {charset}", content, text, subject=GAIJI, sender=("髙﨑", "t@example.jp"))
        named = mail(BODY.encode(), subject=b_word(encode(KANA), charset))
        yield sample(f"half-width kana in the subject, {charset}", named, subject=KANA)
    eight = jis("本文の") + "ｶﾅ".encode("cp932") + jis("です。")
    yield sample("8-bit kana inside JIS", mail(eight, kind="text/plain; charset=iso-2022-jp"), "本文のｶﾅです。")
    for name, data, text in (
        ("JIS Roman", jis("本文の") + b"\x1b(JABC\x1b(B" + jis("です。"), "本文のABCです。"),
        ("old kanji escape", b"\x1b$@4A;z\x1b(J 1", "漢字 1"),
        ("no escape back", b"\x1b$B4A;z", "漢字"),
        ("no escape back before the line ends", b"\x1b$B4A;z\nabc", "漢字\nabc"),
        ("escape back in the next line", b"\x1b$B4A;z\n\x1b(Babc", "漢字\nabc"),
    ):
        yield sample(name, mail(data, kind="text/plain; charset=iso-2022-jp", how="7bit"), text)
    yield sample("emoji of today", mail("了解です👍🏻 🇯🇵 🙇‍♀️".encode()), "了解です👍🏻 🇯🇵 🙇‍♀️")
    yield sample("variation selector", mail("葛󠄀城市の辻󠄀さん".encode()), "葛󠄀城市の辻󠄀さん")
    yield sample("kanji beyond the plane", mail("𠮷野家の𩸽".encode()), "𠮷野家の𩸽")
    yield sample("combining marks", mail("か\u3099き\u3099".encode()), "か\u3099き\u3099")


def carriers() -> Iterator[Sample]:
    """Telephones: their emoji lie where no font has any, their addresses where the standard has none."""
    for name, emoji in (("docomo", "\ue63e"), ("au", "\ue488"), ("SoftBank", "\ue04a"), ("Google", "\U000fe000")):
        yield sample(f"emoji of {name} in UTF-8", mail(f"晴れ{emoji}です".encode()), f"晴れ{emoji}です")
        subject = mail(BODY.encode(), subject=b_word(f"晴れ{emoji}です".encode(), "utf-8"))
        yield sample(f"emoji of {name} in a subject", subject, subject=f"晴れ{emoji}です")
    raw = "晴れ".encode("cp932") + b"\xf8\x9f" + "です。ありがとう".encode("cp932") + b"\xf9\xa0"
    yield sample(
        "emoji of docomo in Shift JIS",
        mail(raw, kind="text/plain; charset=shift_jis"),
        "晴れ\ue63eです。ありがとう\ue6fb",
    )
    raw = "晴れ".encode("cp932") + b"\xf6\x60" + "です。".encode("cp932")
    yield sample("emoji of au in Shift JIS", mail(raw, kind="text/plain; charset=shift_jis"), "晴れ\ue488です。")
    raw = b"\x1b$B@2$l\x75\x41$G$9\x1b(B"
    yield sample("emoji of au in JIS", mail(raw, kind="text/plain; charset=iso-2022-jp", how="7bit"), "晴れ\ue488です")
    raw = "晴れ".encode("cp932") + b"\x1b$Gj\x0f" + "です。".encode("cp932")
    yield sample("emoji of SoftBank in Shift JIS", mail(raw, kind="text/plain; charset=shift_jis"), "晴れ\ue04aです。")
    raw = "晴れ".encode() + b"\x1b$GjkF\x0f" + "です。".encode()
    yield sample("web codes of SoftBank in UTF-8", mail(raw), "晴れ\ue04a\ue04b\ue026です。")
    for address in (
        "hana..yamada@docomo.example.jp",
        "hana.@docomo.example.jp",
        ".hana@ezweb.example.jp",
        "h-._.-h@softbank.example.jp",
        "hana/yamada?@docomo.example.jp",
    ):
        yield sample(f"address {address}", mail(BODY.encode(), sender=address.encode()), sender=("", address))
        quoted = f'"{address.partition("@")[0]}"@{address.partition("@")[2]}'
        yield sample(f"address {quoted}", mail(BODY.encode(), sender=quoted.encode()), sender=("", address))


# --- header fields ------------------------------------------------------------------------------------------


def headers() -> Iterator[Sample]:
    long = "【重要】お客様のご注文内容の確認と、お届け先住所の変更についてのお願い（再送）①②③"
    for charset in ENCODERS:
        for size in (10, 11, 13):
            words = b_words(long, charset, size)
            yield sample(f"subject cut every {size} bytes, {charset}", mail(BODY.encode(), subject=words), subject=long)
    halves = long.encode()
    cut = q_word(halves[:31], "utf-8") + b"\r\n " + q_word(halves[31:], "UTF-8")
    yield sample("Q words cut in mid-character", mail(BODY.encode(), subject=cut), subject=long)
    cut = q_word(halves[:31], "utf-8") + b" " + b_word(halves[31:], "utf-8")
    yield sample("a Q word and a B word share a character", mail(BODY.encode(), subject=cut), subject=long)
    joined = b_word("注文".encode(), "utf-8") + b_word("について".encode(), "utf-8")
    yield sample("words without a blank between", mail(BODY.encode(), subject=joined), subject="注文について")
    quoted = b'"' + b_word(jis("山田、花子"), "iso-2022-jp") + b'" <hana@example.jp>'
    yield sample("quoted word", mail(BODY.encode(), sender=quoted), sender=("山田、花子", "hana@example.jp"))
    for charset, encode in ENCODERS.items():
        raw = mail(BODY.encode(), subject=encode(SUBJECT), sender=encode(SENDER[0]) + b" <hana@example.jp>")
        yield sample(f"raw {charset} in the header", raw)
    folded = b"Re: " + b_word(jis("ご注文"), "ISO-2022-JP") + b"\r\n\t" + b_word(jis("１０４２について"), "ISO-2022-JP")
    yield sample("Re: and folded by a tab", mail(BODY.encode(), subject=folded), subject="Re: " + SUBJECT)
    spaced = b"=?UTF-8?B?" + base64.b64encode("注文".encode()) + b" ?="
    yield sample("a blank inside a word", mail(BODY.encode(), subject=spaced), subject="注文")
    yield sample("an unlabelled word", mail(BODY.encode(), subject=b"=?unknown?B?" + base64.b64encode(jis("注文")) + b"?="),
                 subject="注文")  # fmt: skip
    lied = b_word("注文①".encode("cp932"), "iso-2022-jp")
    yield sample("Shift JIS in a JIS word", mail(BODY.encode(), subject=lied), subject="注文①")
    comment = b"hana@example.jp (" + b_word(jis("山田花子"), "iso-2022-jp") + b")"
    yield sample("name in a comment", mail(BODY.encode(), sender=comment))
    full = "山田花子＜営業＞".encode("cp932") + b" <hana@example.jp>"
    yield sample("raw name with full-width brackets", mail(BODY.encode(), sender=full),
                 sender=("山田花子＜営業＞", "hana@example.jp"))  # fmt: skip
    yield sample("no subject", mail(BODY.encode(), subject=b""), subject="")
    yield sample("subject of full-width blanks", mail(BODY.encode(), subject=b_word("　件名　".encode(), "utf-8")),
                 subject="件名")  # fmt: skip


def labels() -> Iterator[Sample]:
    """Each charset without a label, and under another's."""
    for charset, encode in ENCODERS.items():
        yield sample(f"{charset} unlabelled", mail(encode(BODY), kind="", how=""))
        for label in ("us-ascii", "iso-8859-1", "utf-8", "iso-2022-jp", "shift_jis", "unknown-8bit"):
            if label != charset:
                yield sample(f"{charset} as {label}", mail(encode(BODY), kind=f"text/plain; charset={label}"))
        html = "<p>" + BODY.replace("\n", "<br>") + "</p>"
        named = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head>{html}'
        yield sample(f"HTML names {charset}", mail(encode(named), kind="text/html"))


# --- answers ------------------------------------------------------------------------------------------------


def marked(text: str, mark: str) -> str:
    return "\n".join(mark + line for line in text.split("\n"))


BLOCK = "差出人: サポート窓口 <support@example.com>\n送信日時: 2025年1月6日 10:00\n宛先: 山田花子\n件名: Re: ご注文"
ANSWERS = {
    "Gmail": f"2025年1月6日(月) 10:00 サポート窓口 <support@example.com>:\n\n{marked(ANSWERED, '> ')}",
    "Gmail without a name": f"2025年1月6日(月) 10:00 <support@example.com>:\n{marked(ANSWERED, '> ')}",
    "Gmail in English": f"On Mon, Jan 6, 2025 at 10:00 AM サポート窓口 <support@example.com> wrote:\n{marked(ANSWERED, '> ')}",
    "Gmail, folded": f"On Mon, Jan 6, 2025 at 10:00 AM サポート窓口 <\nsupport@example.com> wrote:\n{marked(ANSWERED, '> ')}",
    "iPhone": f"iPhoneから送信\n\n2025/01/06 10:00、サポート窓口 <support@example.com>のメール:\n\n{marked(ANSWERED, '> ')}",
    "iPhone, full-width colon": f"2025/01/06 10:00、サポート窓口<support@example.com>のメール：\n\n{marked(ANSWERED, '> ')}",
    "iPad": f"iPadから送信\n\n> 2025/01/06 10:00、サポート窓口 <support@example.com>のメール:\n> \n{marked(ANSWERED, '> ')}",
    "Outlook": f"-----Original Message-----\nFrom: サポート窓口 <support@example.com>\nSent: Monday, January 6, 2025\n"
    f"To: hana@example.jp\nSubject: Re: ご注文\n\n{ANSWERED}",
    "Outlook 365": f"________________________________\n{BLOCK}\n\n{ANSWERED}",
    "Outlook without a ruler": f"{BLOCK}\n\n{ANSWERED}",
    "Outlook mobile": f"Outlook for iOS を入手\n________________________________\n{BLOCK}\n\n{ANSWERED}",
    "Outlook Express": f"----- Original Message ----- \nFrom: <support@example.com>\nTo: <hana@example.jp>\n"
    f"Sent: Monday, January 06, 2025 10:00 AM\nSubject: Re: ご注文\n\n\n{marked(ANSWERED, '> ')}",
    "Windows Mail": f"差出人: サポート窓口\n送信日時: 2025年1月6日月曜日 10:00\n宛先: 山田花子\n\n{ANSWERED}",
    "Yahoo! Mail": f'----- Original Message -----\n> From: "サポート窓口" <support@example.com>\n> To: hana@example.jp\n'
    f"> Date: 2025/01/06 月 10:00\n> Subject: Re: ご注文\n>\n{marked(ANSWERED, '> ')}",
    "Yahoo! Mail, old": f"--- サポート窓口 <support@example.com> wrote:\n\n{marked(ANSWERED, '> ')}",
    "Thunderbird": f"On 2025/01/06 10:00, サポート窓口 wrote:\n{marked(ANSWERED, '> ')}",
    "Thunderbird in Japanese": f"(2025/01/06 10:00), サポート窓口 wrote:\n{marked(ANSWERED, '> ')}",
    "Thunderbird, 書きました": f"サポート窓口 さんは書きました:\n{marked(ANSWERED, '> ')}",
    "Becky!": f"On Mon, 6 Jan 2025 10:00:00 +0900\nサポート窓口 <support@example.com> wrote:\n\n{marked(ANSWERED, '> ')}",
    "AL-Mail": f"At 10:00 AM 25/01/06, サポート窓口 wrote:\n{marked(ANSWERED, '>')}",
    "Shuriken": f"2025/01/06 10:00 に サポート窓口 さんは書きました:\n{marked(ANSWERED, '> ')}",
    "Apple Mail": f"2025/01/06 10:00、サポート窓口 <support@example.com>のメール:\n\n{marked(ANSWERED, '> ')}",
    "Apple Mail, older": f"On 2025/01/06, at 10:00, サポート窓口 wrote:\n\n{marked(ANSWERED, '> ')}",
    "docomo": f"----- 元のメッセージ -----\n差出人：サポート窓口\n日時：2025/01/06 10:00\n件名：Re: ご注文\n\n{ANSWERED}",
    "au": f"---------- 元のメール ----------\n差出人：support@example.com\n日時：2025/01/06\n\n{ANSWERED}",
    "SoftBank": f"-----元のメッセージ-----\n送信者：support@example.com\n件名：Re: ご注文\n\n{ANSWERED}",
    "Android": f"Androidから送信\n\n----- 元のメッセージ -----\n{ANSWERED}",
    "Xperia": f"Xperiaから送信\n\n-------- 元のメッセージ --------\n{BLOCK}\n{ANSWERED}",
    "Galaxy": f"Galaxyから送信しました。\n\n\n-------- 元のメッセージ --------\n{BLOCK}\n\n{ANSWERED}",
    "groupware": f"-----元のメッセージ-----\n{BLOCK}\n\n{ANSWERED}",
    "full-width marks": marked(ANSWERED, "＞"),
    "full-width marks and a blank": marked(ANSWERED, "＞　"),
    "bare marks": marked(ANSWERED, ">"),
    "bars": marked(ANSWERED, "| "),
    "full-width bars": marked(ANSWERED, "｜"),
    "double marks": marked(ANSWERED, ">> "),
    "marks of three writers": f"{marked(ANSWERED, '> ')}\n>> はい。\n>>> 在庫はありますか。",
    "marks with initials": marked(ANSWERED, "support> "),
    "signature and quote": f"-- \n山田花子\n\n2025年1月6日(月) 10:00 サポート窓口 <support@example.com>:\n{marked(ANSWERED, '> ')}",
}


def answers() -> Iterator[Sample]:
    for name, below in ANSWERS.items():
        text = f"{REPLY}\n\n{below}"
        yield sample(f"answer by {name}", mail(text.encode()), text, REPLY)
    quoted = marked(ANSWERED, "> ")
    below = f"2025年1月6日(月) 10:00 サポート窓口 <support@example.com>:\n{quoted}\n\n{REPLY}"
    yield sample("answer below", mail(below.encode()), below, REPLY)
    between = "> 色はいかがなさいますか。\n\n青でお願いします。\n\n> 数はいかがですか。\n\n2個でお願いします。"
    yield sample("answers in between", mail(between.encode()), between, "青でお願いします。\n\n\n2個でお願いします。")
    all_quoted = marked(ANSWERED, "> ")
    yield sample("nothing but a quote", mail(all_quoted.encode()), all_quoted, all_quoted)


SIGNATURES = {
    "two hyphens": "-- \n山田花子\nTEL 03-0000-0000",
    "two hyphens without a blank": "--\n山田花子\nhana@example.jp",
    "hyphens": "-----------------------------\n山田花子\n〒100-0001 東京都千代田区\nTEL: 03-0000-0000\n"
    "-----------------------------",
    "equals": "==============================\n株式会社サンプル　営業部\n山田花子\nE-mail: hana@example.jp\n"
    "==============================",
    "stars": "******************************\n山田花子\nhana@example.jp\n******************************",
    "thick line": "━━━━━━━━━━━━━━━━\n㈱サンプル　山田花子\n電話 03-0000-0000\n━━━━━━━━━━━━━━━━",
    "thin line": "────────────────\n山田花子\n携帯 090-0000-0000\n────────────────",
    "mixed signs": "=-=-=-=-=-=-=-=-=-=-=\n山田花子\nmail: hana@example.jp\n=-=-=-=-=-=-=-=-=-=-=",
    "stars and circles": "☆★☆★☆★☆★☆★☆★\n山田花子\nhttps://example.jp/\n☆★☆★☆★☆★☆★☆★",
    "diamonds": "◇◆◇◆◇◆◇◆◇◆◇◆\n山田花子\nhana@example.jp\n◇◆◇◆◇◆◇◆◇◆◇◆",
    "dots": "・・・・・・・・・・・・・・・\n山田花子\nTEL 03-0000-0000\n・・・・・・・・・・・・・・・",
    "slashes": "//////////////////////\n山田花子\nTEL 03-0000-0000\n//////////////////////",
    "a telephone": "iPhoneから送信",
    "a telephone in English": "Sent from my iPhone",
    "a telephone with a tool": "Outlook for Androidを入手",
    "Yahoo!": "Yahoo!メール - iPhoneで送信",
}
LETTERS = {
    "敬具": "拝啓　時下ますますご清栄のこととお慶び申し上げます。\n商品の件、よろしくお願いいたします。\n敬具\n\n山田花子",
    "以上": "商品の件でご連絡です。\n\n以上、よろしくお願いいたします。\n山田",
    "bullets": "下記の通り注文します。\n\n・商品Ａ　2個\n・商品Ｂ　1個\n※色は青\n\n記\n\n以上",
    "table": "商品名：りんご\n数量：2\n合計：1,000円\n----------------\n送料込み",
    "arrows": "A -> B -> C\n＞＜ 困っています。",
    "times": "2025年1月6日 10:00 に注文しました：\n商品Ａ\n\n届きません。",
    "names": "山田様のメールの件です。\n返品は可能ですか：\nはい・いいえ",
    "numbers": "1) 注文番号: 1042\n2) 金額: ￥3,300 (税込)\n3) 電話: 03-0000-0000\n\nご確認ください。",
    "headings": "【注文番号】1042\n【内容】色の変更\n\n青に変更してください。",
    "vertical": "｜＼\n｜　＼　この図のように折れています。\n｜　　＼",
}


def letters() -> Iterator[Sample]:
    for name, signature in SIGNATURES.items():
        text = f"{REPLY}\n\n{signature}"
        yield sample(
            f"signature of {name}", mail(jis(text), kind="text/plain; charset=iso-2022-jp", how="7bit"), text, REPLY
        )
    for name, text in LETTERS.items():
        yield sample(f"letter with {name}", mail(text.encode()), text)


def forwards() -> Iterator[Sample]:
    for name, mark in (
        (
            "Gmail",
            "---------- Forwarded message ---------\nFrom: サポート窓口 <support@example.com>\nDate: 2025年1月6日(月)",
        ),
        (
            "Gmail in Japanese",
            "---------- 転送メッセージ ----------\n差出人: サポート窓口 <support@example.com>\n日付: 1月6日",
        ),
        ("Outlook", "-----Original Message-----\nFrom: support@example.com\nSubject: ご注文"),
        (
            "iPhone",
            "転送されたメッセージ:\n\n差出人: サポート窓口 <support@example.com>\n件名: ご注文\n日付: 2025年1月6日",
        ),
        (
            "Thunderbird",
            "-------- 転送メッセージ --------\n件名: ご注文\n日付: Mon, 6 Jan 2025\n差出人: support@example.com",
        ),
    ):
        forwarded = f"{mark}\n\n{ANSWERED}"
        text = f"下記転送いたします。ご確認ください。\n\n{forwarded}"
        yield sample(f"forwarded by {name}", mail(text.encode()), text, "下記転送いたします。ご確認ください。")
        yield sample(f"forwarded by {name} without a word", mail(forwarded.encode()), forwarded)
    inner = mail(jis("中のメールです。"), kind="text/plain; charset=iso-2022-jp", how="7bit",
                 subject=b_word(jis("中の件名"), "iso-2022-jp"))  # fmt: skip
    once = part("message/rfc822", inner)
    yield sample("enclosed", mixed("mixed", plain(BODY), once), files=("中の件名.eml",))
    outer = part("message/rfc822", mixed("mixed", plain("外の本文"), once, sign="outer"))
    yield sample("enclosed twice", mixed("mixed", plain(BODY), outer), files=(f"{SUBJECT}.eml",))


# --- bodies -------------------------------------------------------------------------------------------------


def html(text: str, charset: str = "utf-8") -> bytes:
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return part(f"text/html; charset={charset}", ENCODERS[charset](f"<html><body>{body}</body></html>"))


MARKETING = """<!DOCTYPE html><html><head><title>T</title><style>td{color:red}</style></head>
<body><div style="display:none;max-height:0">プレヘッダー</div>
<table width="600"><tr><td><img src="https://example.jp/a.gif" alt=""></td></tr>
<tr><td>山田花子&nbsp;様</td></tr><tr><td><b>初売り</b>&amp;福袋 50%OFF</td></tr>
<tr><td><a href="https://example.jp/?a=1&b=2">詳しくはこちら</a></td></tr></table></body></html>"""


def bodies() -> Iterator[Sample]:
    one = "お世話になっております。"
    for charset, encode in ENCODERS.items():
        kind = f"text/plain; charset={charset}"
        both = mixed("alternative", part(kind, encode(BODY), how="base64"), html("別の形", charset))
        yield sample(f"text and HTML, {charset}", both)
        yield sample(f"HTML alone, {charset}", mixed("alternative", html(one, charset)), one)
    want = "山田花子 様\n初売り&福袋 50%OFF\n詳しくはこちら"
    yield sample("marketing tool", mail(MARKETING.encode(), kind="text/html; charset=utf-8", how="base64"), want)
    picture = part(
        "image/png; name=logo.png", b"png", "Content-ID: <a>\r\nContent-Disposition: inline; filename=logo.png\r\n"
    )
    yield sample("related", mixed("related", html(one), picture), one, files=("logo.png",))
    nested = mixed("related", parts("alternative", plain(BODY), html("x")), picture)
    yield sample("alternative inside related", nested, files=("logo.png",))
    signed = part(
        "application/pkcs7-signature; name=smime.p7s",
        b"sign",
        "Content-Disposition: attachment; filename=smime.p7s\r\n",
    )
    kind = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="sep"'
    yield sample("S/MIME signed", mixed("signed", plain(BODY), signed, kind=kind), files=("smime.p7s",))
    flowed = "長い文章はここで \n続きます。\n次の段落です。".encode()
    yield sample(
        "flowed",
        mail(flowed, kind="text/plain; charset=utf-8; format=flowed"),
        "長い文章はここで 続きます。\n次の段落です。",
    )
    deleted = mail(flowed, kind="text/plain; charset=utf-8; format=flowed; delsp=yes")
    yield sample("flowed, Japanese", deleted, "長い文章はここで続きます。\n次の段落です。")
    yield sample("empty text, filled HTML", mixed("alternative", plain("\n　\n"), html(one)), one)
    yield sample("text after an attachment", mixed("mixed", plain("前文です。"), picture, plain("後文です。")),
                 "前文です。\n\n後文です。", files=("logo.png",))  # fmt: skip
    ruby = "<p>漢<wbr>字&#x3000;&hellip;&yen;100&#8364;<br/>次の行</p>"
    yield sample("entities", mail(ruby.encode(), kind="text/html; charset=utf-8"), "漢字 …¥100€\n次の行")
    text = "一行目\x00です\x08。\u2028二行目"
    yield sample("control characters", mail(text.encode()), "一行目です。\n二行目")
    broken = base64.b64encode(BODY.encode())[:-3] + b"\r\n"
    cut = mail(broken, how="").replace(b"MIME-Version", b"Content-Transfer-Encoding: base64\r\nMIME-Version")
    yield sample("base64 cut off", cut, BODY[:-1] + "\ufffd")
    yield sample("no MIME at all", b"From: hana@example.jp\nSubject: " + jis(SUBJECT) + b"\n\n" + jis(BODY),
                 sender=("", "hana@example.jp"))  # fmt: skip


# --- files --------------------------------------------------------------------------------------------------


def tnef(name: str, data: bytes, text: str = "", rtf: bytes = b"") -> bytes:
    """A winmail.dat of a Japanese Outlook; `rtf` is compressed already."""

    def attribute(level: int, key: int, value: bytes) -> bytes:
        return struct.pack("<BII", level, key, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    def wide(key: int, value: str) -> bytes:
        raw = value.encode("utf-16-le") + b"\0\0"
        return struct.pack("<HHII", 0x1F, key, 1, len(raw)) + raw + b"\0" * (-len(raw) % 4)

    properties = struct.pack("<I", 2) + struct.pack("<HHI", 3, 0x3705, 1) + wide(0x3707, name)
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069007, struct.pack("<II", 932, 0))
    if rtf:
        value = struct.pack("<HHII", 0x102, 0x1009, 1, len(rtf)) + rtf + b"\0" * (-len(rtf) % 4)
        out += attribute(1, 0x00069003, struct.pack("<I", 1) + value)
    if text:
        out += attribute(1, 0x00069003, struct.pack("<I", 1) + wide(0x1000, text))
    out += attribute(2, 0x00069002, b"\0" * 14) + attribute(2, 0x00018010, name.encode("cp932", "replace") + b"\0")
    return out + attribute(2, 0x0006800F, data) + attribute(2, 0x00069005, properties)


INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Tokyo\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:打ち合わせ\\, 第1回\r\nDTSTART;TZID=Tokyo:20250108T140000\r\n"
    'DTEND;TZID=Tokyo:20250108T150000\r\nLOCATION:会議室\r\n Ａ\r\nORGANIZER;CN="山田花子":mailto:hana@example.jp\r\n'
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
INVITED = (
    "Invitation: 打ち合わせ, 第1回\nWhen: 2025-01-08 14:00 Tokyo - 15:00 Tokyo\nWhere: 会議室Ａ\n"
    "Organiser: 山田花子 <hana@example.jp>"
)


def files() -> Iterator[Sample]:
    name = "請求書①（髙﨑様）.pdf"
    for title, told in {
        "RFC 2231": f"attachment; filename*=utf-8''{quote(name)}".encode(),
        "RFC 2231 in JIS": b"attachment; filename*=iso-2022-jp''" + quote(jis(name)).encode(),
        "RFC 2231 in Shift JIS": b"attachment; filename*=shift_jis'ja'" + quote(name.encode("cp932")).encode(),
        "RFC 2231 in pieces": f"attachment;\r\n filename*0*=utf-8''{quote(name)[:31]};\r\n filename*1*={quote(name)[31:]}".encode(),
        "RFC 2231 and an old name": b'attachment; filename="seikyu.pdf"; filename*=utf-8\'\'' + quote(name).encode(),
        "a B word": b'attachment; filename="' + b_word(name.encode(), "utf-8") + b'"',
        "a JIS word": b'attachment; filename="' + b_word(jis(name), "iso-2022-jp") + b'"',
        "a word without quotes": b"attachment; filename=" + b_word(name.encode(), "utf-8"),
        "B words, folded": b'attachment; filename="' + b_words(name, "utf-8", 20) + b'"',
        "JIS words, folded": b'attachment; filename="' + b_words(name, "iso-2022-jp", 20) + b'"',
        "raw UTF-8": b'attachment; filename="' + name.encode() + b'"',
        "raw Shift JIS": b'attachment; filename="' + name.encode("cp932") + b'"',
        "raw JIS": b'attachment; filename="' + jis(name) + b'"',
        "raw EUC": b'attachment; filename="' + euc(name) + b'"',
        "percent signs": b"attachment; filename=\"" + quote(name).encode() + b'"',
    }.items():  # fmt: skip
        head = b"Content-Type: application/pdf\r\nContent-Disposition: " + told + b"\r\n\r\npdf"
        yield sample(f"file named by {title}", mixed("mixed", plain(BODY), head), files=(name,))
    only = b'Content-Type: application/pdf; name="' + b_word(jis(name), "iso-2022-jp") + b'"\r\n\r\npdf'
    yield sample("file named by its type", mixed("mixed", plain(BODY), only), files=(name,))
    for trick in ("表紙.pdf", "ソフト能力.zip", "十予算.xlsx"):
        raw = b'attachment; filename="' + trick.encode("cp932") + b'"'
        head = b"Content-Type: application/octet-stream\r\nContent-Disposition: " + raw + b"\r\n\r\nx"
        yield sample(f"backslash inside {trick}", mixed("mixed", plain(BODY), head), files=(trick,))
    envelope = part("application/ms-tnef; name=winmail.dat", tnef(name, b"pdf"), how="base64")
    yield sample("winmail.dat", mixed("mixed", plain(BODY), envelope), files=(name,))
    whole = part("application/ms-tnef; name=winmail.dat", tnef(name, b"pdf", BODY), how="base64")
    yield sample("winmail.dat with the text", mixed("mixed", whole), files=(name,))
    invitation = part("text/calendar; charset=utf-8; method=REQUEST", INVITATION.encode())
    text = f"{BODY}\n\n{INVITED}"
    yield sample("invitation", mixed("alternative", plain(BODY), invitation), text, files=("attachment-1.ics",))
    uu = b"begin 644 memo.txt\n$;65M;P  \n \nend\n"
    file = part("application/octet-stream; name=memo.txt", uu, how="x-uuencode")
    yield sample("uuencoded", mixed("mixed", plain(BODY), file), files=("memo.txt",))
    text_file = part('text/plain; charset=shift_jis; name="memo.txt"', "メモ".encode("cp932"),
                     "Content-Disposition: attachment; filename=memo.txt\r\n")  # fmt: skip
    yield sample("a text as a file", mixed("mixed", plain(BODY), text_file), files=("memo.txt",))


# --- other languages ----------------------------------------------------------------------------------------

LANGUAGES = {
    "German": ("Rot, bitte.", "Am 06.01.2025 um 10:00 schrieb Support <support@example.com>:\n> Welche Farbe?"),
    "German by Outlook": ("Rot, bitte.", "Von: Support <support@example.com>\nGesendet: Montag, 6. Januar 2025\n"
                          "An: Emma\nBetreff: AW: 1042\n\nWelche Farbe?"),
    "German by a telephone": ("Rot, bitte.", "Von meinem iPhone gesendet\n\n> Am 06.01.2025 um 10:00 schrieb Support "
                              "<support@example.com>:\n> \n> Welche Farbe?"),
    "French": ("Rouge, s’il vous plaît.", "Le lun. 6 janv. 2025 à 10:00, Support <support@example.com> a écrit :\n"
               "> Quelle couleur ?"),
    "French by Outlook": ("Rouge, merci.", "De : Support <support@example.com>\nEnvoyé : lundi 6 janvier 2025 10:00\n"
                          "À : Emma\nObjet : Re: 1042\n\nQuelle couleur ?"),
    "French by a telephone": ("Rouge.", "Envoyé de mon iPhone\n\n> Le 6 janv. 2025 à 10:00, Support "
                              "<support@example.com> a écrit :\n> \n> Quelle couleur ?"),
    "Spanish": ("Rojo, por favor.", "El lun, 6 ene 2025 a las 10:00, Support (<support@example.com>) escribió:\n"
                "> ¿Qué color?"),
    "Spanish by Outlook": ("Rojo.", "De: Support <support@example.com>\nEnviado: lunes, 6 de enero de 2025\nPara: Emma\n"
                           "Asunto: RE: 1042\n\n¿Qué color?"),
    "Chinese": ("红色，谢谢。", "Support <support@example.com> 于2025年1月6日周一 10:00写道：\n> 什么颜色？"),
    "Chinese by Foxmail": ("红色，谢谢。", "发件人： Support\n发送时间： 2025-01-06 10:00\n收件人： emma\n主题： Re: 1042\n什么颜色？"),
    "Chinese by QQ": ("红色，谢谢。", "------------------ 原始邮件 ------------------\n发件人: \"Support\"<support@example.com>;\n"
                      "发送时间: 2025年1月6日(星期一) 上午10:00\n主题: Re: 1042\n\n什么颜色？"),
    "Chinese of Taiwan": ("紅色，謝謝。", "Support <support@example.com> 於 2025年1月6日 週一 上午10:00寫道：\n\n> 什麼顏色？"),
    "Korean": ("빨간색이요.", "2025년 1월 6일 (월) 오전 10:00, Support <support@example.com>님이 작성:\n\n> 무슨 색?"),
    "Korean by Naver": ("빨간색이요.", "-----Original Message-----\nFrom: \"Support\"<support@example.com>\nTo: <emma@example.com>\n"
                        "Sent: 2025-01-06 (월) 10:00:00\nSubject: Re: 1042\n\n무슨 색?"),
    "Italian": ("Rosso, grazie.", "Il giorno lun 6 gen 2025 alle ore 10:00 Support <support@example.com> ha scritto:\n"
                "> Quale colore?"),
}  # fmt: skip
CODECS = {
    "German": "iso-8859-1",
    "French": "windows-1252",
    "Chinese": "gb2312",
    "Chinese of Taiwan": "big5",
    "Korean": "euc-kr",
}


def languages() -> Iterator[Sample]:
    for name, (said, below) in LANGUAGES.items():
        text = f"{said}\n\n{below}"
        charset = CODECS.get(name, "utf-8")
        content = mail(text.encode({"gb2312": "gb18030"}.get(charset, charset)), kind=f"text/plain; charset={charset}")
        yield sample(f"answer in {name}", content, text, said)


SAMPLES = [
    one
    for builder in (
        charsets, signs, carriers, headers, labels, answers, letters, forwards, bodies, files, languages,
    )
    for one in builder()
]  # fmt: skip
