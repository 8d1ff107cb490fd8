"""Reading mail: hand-made Japanese and English mails, broken mails, hostile mails."""

import base64
import dataclasses
import unicodedata
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.inspect import inspect_mail
from adapters.mail.mime import UnreadableMail, read_mail
from bot.domain.message import Message

JIS_WITH_ROW_13 = b"\x1b$B-!$H-j\x1b(B"  # ①と㈱
FORBIDDEN = {"\x00", *map(chr, range(1, 9)), "\x0b", "\x0c", "\r", *map(chr, range(0x0E, 0x20)), "\x7f"}


def mail(
    body: bytes | str = b"Hello",
    *,
    subject: bytes | str = b"Order 1042",
    sender: bytes | str = b"Hana <hana@example.com>",
    kind: str = "text/plain; charset=utf-8",
    extra: str = "",
) -> bytes:
    """A mail as it comes over the wire, exactly from these bytes."""
    head = b"From: " + _bytes(sender) + b"\r\nTo: support@example.com\r\nSubject: " + _bytes(subject)
    return head + f"\r\nContent-Type: {kind}\r\n{extra}\r\n".encode() + _bytes(body)


def multipart(subtype: str, *parts: bytes) -> bytes:
    body = b"".join(b"--sep\r\n" + part + b"\r\n" for part in parts) + b"--sep--\r\n"
    return mail(body, kind=f'multipart/{subtype}; boundary="sep"')


def part(kind: str, body: bytes, extra: str = "") -> bytes:
    return f"Content-Type: {kind}\r\n{extra}\r\n".encode() + body


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def word(text: str, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def every_text(message: Message) -> list[str]:
    """All texts of a message, to be shown to people."""
    names = [attachment.name for attachment in message.attachments]
    kinds = [attachment.content_type for attachment in message.attachments]
    one_line = [message.subject, message.from_address, message.from_name, message.message_id]
    return [message.text, message.reply_text, *one_line, *names, *kinds, *message.to, *message.references]


# --- charsets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "label", "expected"),
    [
        ("お世話になっております。".encode("iso2022_jp"), "iso-2022-jp", "お世話になっております。"),
        (JIS_WITH_ROW_13 + b"\r\n" + "漢字".encode("iso2022_jp"), "iso-2022-jp", "①と㈱\n漢字"),
        (JIS_WITH_ROW_13, "us-ascii", "①と㈱"),
        (b"\x1b(I\x36\x45\x1b(B and \x1b$B4A;z\x1b(B", "iso-2022-jp", "ｶﾅ and 漢字"),
        (b"\x1b$B4A;z\r\nnext line", "iso-2022-jp", "漢字\nnext line"),
        ("髙橋①株式会社".encode("cp932"), "shift_jis", "髙橋①株式会社"),
        ("商品が届きません。".encode("cp932"), "utf-8", "商品が届きません。"),
        ("商品が届きません。".encode("cp932"), "iso-8859-1", "商品が届きません。"),
        ("商品が届きません。".encode("cp932"), "iso-2022-jp", "商品が届きません。"),
        ("商品が届きません。".encode("euc_jp"), "euc-jp", "商品が届きません。"),
        ("商品が届きません。".encode("euc_jp"), "", "商品が届きません。"),
        ("請求".encode("euc_jp"), "", "請求"),
        (b"\xad\xa1\xa4\xc8\xad\xea", "euc-jp", "①と㈱"),
        ("商品が届きません。".encode(), "", "商品が届きません。"),
        ("商品が届きません。".encode(), "shift_jis", "商品が届きません。"),
        ("商品が届きません。".encode(), "x-unknown", "商品が届きません。"),
        ("déjà vu, señor".encode(), "us-ascii", "déjà vu, señor"),
        ("déjà vu, señor".encode("latin-1"), "iso-8859-1", "déjà vu, señor"),
        ("déjà vu, señor".encode("latin-1"), "", "déjà vu, señor"),
        ("“quoted” – ok".encode("cp1252"), "iso-8859-1", "“quoted” – ok"),
        ("ﾃｽﾄ".encode("cp932"), "shift_jis", "ﾃｽﾄ"),
        ("商品が届きません".encode() + b"\xe3\x81", "utf-8", "商品が届きません\ufffd"),
        ("订单".encode("gb18030"), "gb2312", "订单"),
        ("주문".encode("cp949"), "ks_c_5601-1987", "주문"),
        (b"+/-", "idna", "+/-"),
        ("plain é".encode(), "punycode", "plain é"),
    ],
)
def test_bodies_are_read_whatever_their_label_says(body: bytes, label: str, expected: str) -> None:
    kind = f"text/plain; charset={label}" if label else "text/plain"
    assert read_mail(mail(body, kind=kind)).text == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (word("注文について", "iso-2022-jp"), "注文について"),
        (f"=?iso-2022-jp?B?{base64.b64encode(JIS_WITH_ROW_13).decode()}?=", "①と㈱"),
        (f"Re: {word('注文', 'utf-8')} (2)", "Re: 注文 (2)"),
        (f"{word('注文', 'utf-8')}\r\n {word('について', 'utf-8')}", "注文について"),
        (f"{word('注文', 'utf-8')}\r\n {word('について', 'cp932')}", "注文について"),
        ("=?utf-8?B?5rOo?=\r\n =?utf-8?B?5paH?=", "注文"),
        ("=?utf-8?B?5rM=?= =?utf-8?B?qOaWhw==?=", "注\u6587"),
        ("=?utf-8?Q?=E6=B3?= =?utf-8?Q?=A8=E6=96=87?=", "注文"),
        ("=?UTF-8*ja?q?caf=C3=A9_au_lait?=", "café au lait"),
        ("=?utf-8?B?5rOo5paH", "注文"),
        ("=?utf-8?B?5rOo5paH=======?=", "注文"),
        ("=?x-nothing?Q?abc?=", "abc"),
        ("注文について".encode("iso2022_jp"), "注文について"),
        ("注文について".encode("cp932"), "注文について"),
        ("注文について".encode(), "注文について"),
        ("folded\r\n  subject\r\n\tline", "folded subject line"),
        ("=?utf-8?B?" + base64.b64encode("a\r\nBcc: x@y\x00\u202e".encode()).decode() + "?=", "a Bcc: x@y"),
        ("", ""),
    ],
)
def test_subjects(subject: bytes | str, expected: str) -> None:
    assert read_mail(mail(subject=subject)).subject == expected


# --- senders ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("Hana <hana@example.com>", "Hana", "hana@example.com"),
        ("hana@example.com", "", "hana@example.com"),
        ("hana@example.com (Hana (Shop))", "Hana (Shop)", "hana@example.com"),
        ('"Tanaka, Hana" <hana@example.com>', "Tanaka, Hana", "hana@example.com"),
        ("Tanaka, Hana <hana@example.com>", "Tanaka, Hana", "hana@example.com"),
        (f"{word('花', 'iso-2022-jp')} <hana@example.com>", "花", "hana@example.com"),
        (f'"{word("花", "utf-8")}" <hana@example.com>', "花", "hana@example.com"),
        ("花 <hana@example.com>".encode("cp932"), "花", "hana@example.com"),
        ('"花<子>" <hana@example.com>'.encode("iso2022_jp"), "花<子>", "hana@example.com"),
        ("hana..k@docomo.example.com", "", "hana..k@docomo.example.com"),
        ("<.hana.@docomo.example.com>", "", ".hana.@docomo.example.com"),
        ('"hana..k"@docomo.example.com', "", "hana..k@docomo.example.com"),
        ('Hana <"hana..k."@docomo.example.com>', "Hana", "hana..k.@docomo.example.com"),
        ("Team: Hana <hana@example.com>, ken@example.com;", "Hana", "hana@example.com"),
        ("hana@example.com, ken@example.com", "", "hana@example.com"),
        ("Hana <hana@example.com", "Hana", "hana@example.com"),
        ("Hana hana@example.com", "Hana", "hana@example.com"),
        ("<@relay.example.com:hana@example.com>", "", "hana@example.com"),
        ("Hana <hana @example.com>", "Hana", "hana@example.com"),
        ("Hana", "Hana", ""),
        ("undisclosed-recipients:;", "", ""),
        (word("花 <hana@example.com>", "utf-8"), "花", "hana@example.com"),
    ],
)
def test_senders(sender: bytes | str, name: str, address: str) -> None:
    message = read_mail(mail(sender=sender))
    assert message.from_address == address
    assert message.from_name == name


@pytest.mark.parametrize("sign", ["(", '"', "<", ",", ":", "=?a?q?", "a@"])
def test_an_endless_sender_is_cut_before_it_is_parsed(sign: str) -> None:
    message = read_mail(mail(sender=sign * (60_000 // len(sign))))
    assert message.subject == "Order 1042"
    assert len(message.from_address) <= 320
    assert len(message.from_name) <= 200


def test_the_sender_field_stands_in_for_a_from_without_address() -> None:
    message = read_mail(mail(sender="Hana", extra="Sender: desk@example.com\r\n"))
    assert (message.from_name, message.from_address) == ("Hana", "desk@example.com")


def test_broken_header_lines_cost_only_themselves() -> None:
    content = b"\r\n From : Hana <hana@example.com>\r\nnonsense here\r\nSubject : Hi\r\nTo: a@example.com\r\n\r\nbody"
    message = read_mail(content)
    assert (message.from_address, message.subject, message.text) == ("hana@example.com", "Hi", "body")


def test_a_missing_empty_line_leaves_the_text_whole() -> None:
    message = read_mail(b"From: hana@example.com\nSubject: Hi\nHello there\nnote: this is text\n\nmore\n")
    assert message.subject == "Hi"
    assert message.text == "Hello there\nnote: this is text\n\nmore"


# --- other fields -------------------------------------------------------------------------------------


def test_threads_and_dates() -> None:
    message = read_mail(
        mail(
            extra="Message-ID: <four@example.com>\r\nIn-Reply-To: <three@example.com> (yesterday)\r\n"
            "References: <one@example.com>\r\n <two@example.com> <three@example.com>\r\n"
            "Date: Mon, 6 Jan 2025 10:00:00 +0900 (JST)\r\n"
        )
    )
    assert message.message_id == "four@example.com"
    assert message.references == ("three@example.com", "two@example.com", "one@example.com")
    assert message.sent_at == datetime(2025, 1, 6, 1, tzinfo=UTC)
    assert message.to == ("support@example.com",)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2025", "31 Dec 9999 23:00:00 -1200", "9" * 500])
def test_a_date_that_tells_nothing_is_none(date: str) -> None:
    assert read_mail(mail(extra=f"Date: {date}\r\n")).sent_at is None


# --- bodies -------------------------------------------------------------------------------------------


def test_plain_text_wins_over_html_and_files_are_listed() -> None:
    inner = (
        b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n'
        b"--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain\r\n"
        b"--in\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>rich</b>\r\n--in--\r\n"
    )
    picture = part("image/png; name=a.png", b"iVBORw0KGgo=", "Content-Transfer-Encoding: base64\r\n")
    message = read_mail(multipart("mixed", inner, picture))
    assert message.text == "plain"
    assert [dataclasses.astuple(one) for one in message.attachments] == [("a.png", "image/png", 8)]


def test_html_is_told_as_a_reader_sees_it() -> None:
    html = """<html><head><title>T</title><style>p{}</style></head><body><p>お世話に&nbsp;なります。</p>
    <div style="display: none">preheader</div><table><tr><td>Item</td><td>A-1</td></tr><tr><td>Count</td>
    <td>2</td></tr></table><script>alert(1)</script><ul><li>one<li>two</ul></body></html>"""
    text = read_mail(mail(html.encode("cp932"), kind="text/html; charset=shift_jis")).text
    assert text.split("\n")[0] == "お世話に なります。"
    assert "Item A-1\n" in text
    assert "one\n" in text
    assert not {"preheader", "alert", "T\n"} & set(text.split())


def test_html_names_its_own_charset_when_the_header_does_not() -> None:
    html = '<meta charset="euc-jp"><p>請求</p>'.encode("euc_jp")
    assert read_mail(mail(html, kind="text/html")).text == "請求"


def test_an_empty_plain_part_gives_way_to_html() -> None:
    content = multipart("alternative", part("text/plain", b" \r\n"), part("text/html", b"<p>Hello</p>"))
    assert read_mail(content).text == "Hello"


def test_texts_of_several_parts_follow_one_another() -> None:
    content = multipart("mixed", part("text/plain", b"first"), part("text/plain", b"second"))
    assert read_mail(content).text == "first\n\nsecond"


def test_flowed_paragraphs_are_joined() -> None:
    body = b"A long \r\nparagraph.\r\n> quoted \r\n> too\r\n-- \r\nHana"
    text = read_mail(mail(body, kind="text/plain; charset=utf-8; format=flowed")).text
    assert text == "A long paragraph.\n> quoted too\n-- \nHana"


def test_broken_transfer_encodings_still_give_text() -> None:
    base = "Content-Transfer-Encoding: base64\r\n"
    assert read_mail(mail(b"SGVsbG8gV29ybGQhA", extra=base)).text == "Hello World!"
    quoted = "Content-Transfer-Encoding: quoted-printable\r\n"
    assert read_mail(mail(b"caf=C3=A9 100=", extra=quoted)).text == "café 100"
    assert read_mail(mail(b"as it is", extra="Content-Transfer-Encoding: x-odd\r\n")).text == "as it is"


# --- attachments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ('attachment; filename="invoice.pdf"', "invoice.pdf"),
        (f"attachment; filename*=utf-8'ja'{quote('請求書.pdf')}", "請求書.pdf"),
        (f"attachment; filename*=iso-2022-jp''{quote('請求'.encode('iso2022_jp'))}.pdf", "請求.pdf"),
        ("attachment; filename*0*=utf-8''%E8%AB%8B%E6; filename*1*=%B1%82; filename*2=.pdf", "請求.pdf"),
        (f'attachment; filename="{word("請求書.pdf", "utf-8")}"', "請求書.pdf"),
        (f'attachment; filename="{word("請求", "iso-2022-jp")}\r\n {word("書.pdf", "iso-2022-jp")}"', "請求書.pdf"),
        ("attachment; filename=two words.pdf; size=3", "two words.pdf"),
        (r'attachment; filename="C:\temp\..\a.txt"', "a.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename=".."', "attachment-1.bin"),
        ("attachment; filename*=utf-8''a%E2%80%AEgpj.exe", "agpj.exe"),
        ("attachment; filename*=utf-8''a%00%0Ab.txt", "a b.txt"),
        ('attachment; filename="' + "あ" * 400 + '.xlsx"', "あ" * 195 + ".xlsx"),
        ("attachment", "attachment-1.bin"),
        ('attachment; filename="unclosed.pdf', "unclosed.pdf"),
    ],
)
def test_file_names(disposition: str, expected: str) -> None:
    file = part("application/octet-stream", b"data", f"Content-Disposition: {disposition}\r\n")
    message = read_mail(multipart("mixed", part("text/plain", b"see file"), file))
    assert [one.name for one in message.attachments] == [expected]


def test_a_raw_eight_bit_file_name() -> None:
    file = b'Content-Type: application/pdf; name="' + "請求書.pdf".encode("cp932") + b'"\r\n\r\nx'
    assert read_mail(multipart("mixed", file)).attachments[0].name == "請求書.pdf"


def test_winmail_and_enclosed_mails_are_attachments() -> None:
    tnef = part("application/ms-tnef; name=winmail.dat", b"eJ8+IgAA", "Content-Transfer-Encoding: base64\r\n")
    enclosed = part("message/rfc822", mail("inner text", subject="Inner"))
    message = read_mail(multipart("mixed", part("text/plain", b"outer"), tnef, enclosed))
    assert message.text == "outer"
    assert [one.name for one in message.attachments] == ["winmail.dat", "Inner.eml"]
    assert message.attachments[1].size > 100


# --- quoted mail and signatures -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "\n\n2025年1月6日(月) 10:00 Support <support@example.com>:\n\n> ご連絡ありがとうございます。\n> 窓口\n",
        "\n\n2025年1月6日(月) 10:00 Support <support@example.com>:\n\nご連絡ありがとうございます。\n窓口\n",
        "\n\nOn Mon, Jan 6, 2025 at 10:00 AM Support <support@example.com>\nwrote:\n> Thank you.\n",
        "\n\n2025/01/06 10:00、Support <support@example.com>のメール:\n\n> ありがとうございます。\n",
        "\n\n(2025/01/06 10:00), Support wrote:\n> ありがとうございます。\n",
        "\n\nSupport さんは書きました:\n> ありがとうございます。\n",
        "\n\n-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Hana\nSubject: Re: 1042\n\nThank you.\n",
        "\n\n----- 元のメッセージ -----\n差出人: Support\n件名: 1042\n\nありがとうございます。\n",
        "\n\n________________________________\n差出人: Support <support@example.com>\n"
        "送信日時: 2025年1月6日 10:00\n宛先: Hana\n件名: Re: 1042\n\nありがとうございます。\n",
        "\n\nVon: Support <support@example.com>\nGesendet: Montag\nAn: Hana\nBetreff: 1042\n\nDanke.\n",
        "\n\nAm 06.01.2025 um 10:00 schrieb Support:\n> Danke\n",
        "\n\nLe lun. 6 janv. 2025 à 10:00, Support <support@example.com> a écrit :\n> Merci\n",
        "\n\n-- \nHana\nTEL 03-0000-0000\n",
        "\n\niPhoneから送信\n",
        "\n\nSent from my iPhone\n",
        "\n\n━━━━━━━━━━━━━━━\n株式会社サンプル\n花子\nTEL: 03-0000-0000\nhana@example.com\n━━━━━━━━━━━━━━━\n",
        "\n\n*****************************\n花子\nE-mail: hana@example.com\n*****************************\n",
        "\n\niPhoneから送信\n\n2025/01/06 10:00、Support <support@example.com>のメール:\n\n> はい\n",
    ],
)
def test_quotes_and_signatures_are_left_out_for_display(rest: str) -> None:
    written = "商品①がまだ届きません。\n\n- 注文番号: 1042\n- 送付先: 東京\n\nよろしくお願いします。"
    message = read_mail(mail(written + rest))
    assert message.reply_text == written
    assert message.text == (written + rest).strip()


@pytest.mark.parametrize(
    "text",
    [
        "差出人: Hana\n件名: 1042\n\n転送します。",
        "> all of it\n> is quoted",
        "ご注文内容:\n- りんご 2\n- みかん 3\n----------\n合計: 5",
        "注文しました：\n2025年1月6日 りんご\n合計 1,000円です。",
        "From the start: I like it.\nTo: be honest, it is fine.",
        "On Monday I wrote to you.\nNo answer: why?",
        "3 > 2 and 1 < 2",
        "Sent from my desk, this text is not a signature. It goes on for a whole sentence, as you can see here.",
    ],
)
def test_text_that_only_looks_like_quotes_stays(text: str) -> None:
    assert read_mail(mail(text)).reply_text == text


def test_an_answer_below_the_quote_stays() -> None:
    text = "On Mon, 6 Jan 2025, Support wrote:\n> Which colour?\n\nRed, please.\n"
    assert read_mail(mail(text)).reply_text == "Red, please."


# --- robots -------------------------------------------------------------------------------------------

REPORT = part("text/plain", b"It failed.") + b"\r\n--sep\r\n" + part("message/delivery-status", b"Action: failed\r\n")


@pytest.mark.parametrize(
    "content",
    [
        mail(
            b"--sep\r\n" + REPORT + b"\r\n--sep--", kind="multipart/report; report-type=delivery-status; boundary=sep"
        ),
        mail(sender="Mail Delivery System <MAILER-DAEMON@example.com>", subject="Undelivered Mail Returned to Sender"),
        mail(sender="postmaster@example.com", subject="Delivery Status Notification (Failure)"),
        mail("550 5.1.1 User unknown", subject="failure notice", extra="Return-Path: <>\r\n"),
        mail("宛先が見つかりません", sender="postmaster@example.com", subject="配信不能"),
        mail(extra="X-Failed-Recipients: ken@example.com\r\n"),
    ],
)
def test_delivery_reports_are_bounces(content: bytes) -> None:
    assert read_mail(content).is_bounce


@pytest.mark.parametrize(
    "content",
    [
        mail(extra="Auto-Submitted: auto-replied (vacation)\r\n"),
        mail(extra="Auto-Submitted: auto-generated\r\n"),
        mail(extra="Precedence: bulk\r\n"),
        mail(extra="List-Id: <news.example.com>\r\n"),
        mail(extra="X-Autoreply: yes\r\n"),
        mail(extra="Return-Path: <>\r\n"),
        mail(subject="Automatic reply: Order 1042"),
        mail(subject=word("【自動返信】お問い合わせありがとうございます", "iso-2022-jp")),
        mail(
            b"--sep\r\n\r\nread\r\n--sep--", kind="multipart/report; report-type=disposition-notification; boundary=sep"
        ),
    ],
)
def test_mail_of_machines_is_auto_and_no_bounce(content: bytes) -> None:
    message = read_mail(content)
    assert message.is_auto
    assert not message.is_bounce


@pytest.mark.parametrize(
    "content",
    [
        mail(),
        mail(extra="Auto-Submitted: no\r\n"),
        mail(extra="Auto-Submitted: No; owner-name=hana\r\n"),
        mail(subject="Re: Automatic reply: Order 1042"),
        mail(subject="自動返信メールが届きません"),
        mail("The parcel was returned to sender.", subject="Delivery failed"),
        mail("User unknown, says your login page.", subject="Login"),
        mail(subject="不在通知が入っていました"),
    ],
)
def test_people_are_no_robots(content: bytes) -> None:
    assert not read_mail(content).is_robot


# --- limits -------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth))
    return b"From: hana@example.com\r\n" + head.encode() + b"\r\nhi"


@pytest.mark.parametrize(
    "content",
    [
        b"x" * (25 * 1024 * 1024 + 1),
        b"X-Big: " + b"a" * 70_000 + b"\r\n\r\nbody",
        b"A: b\r\n" * 20_000 + b"\r\nbody",
        multipart("mixed", *[part("text/plain", b"x")] * 201),
        multipart("mixed", b"A: b\r\n" * 20_000 + b"\r\nx"),
        nested(22),
        nested(2000),
        b"From: hana@example.com\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 30,
    ],
    ids=["mail", "header", "headers", "parts", "part-headers", "depth", "deep", "enclosed"],
)
def test_limits_are_told_as_a_reason(content: bytes) -> None:
    with pytest.raises(UnreadableMail) as caught:
        read_mail(content)
    assert caught.value.reason
    assert inspect_mail(content)["text"] == f"unreadable: {caught.value.reason}"


def test_mail_within_the_limits_is_read() -> None:
    assert read_mail(nested(19)).text == "hi"
    assert len(read_mail(multipart("mixed", *[part("image/png", b"x")] * 199)).attachments) == 199


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "hi",
        "<table><tr><td>" + "x" * 300_000 + "</td></tr>" + "<tr><td>hi</td></tr>" * 20_000,
        "<table><tr><td>" * 50_000 + "hi",
        '<p style="margin-top:99999999em;padding-left:99999999em">hi</p>',
        '<?xml version="1.0" encoding="utf-8"?><p>hi',
    ],
    ids=["deep", "wide-table", "tables", "margins", "declaration"],
)
def test_hostile_html_is_still_read_within_bounds(html: str) -> None:
    text = read_mail(mail(html, kind="text/html; charset=utf-8")).text
    assert "hi" in text
    assert len(text) <= len(html)


def test_inspect_gives_exactly_the_promised_fields() -> None:
    assert list(inspect_mail(mail())) == [
        "subject",
        "from_address",
        "from_name",
        "text",
        "reply_text",
        "attachments",
        "is_auto",
        "is_bounce",
    ]


# --- whatever comes -----------------------------------------------------------------------------------


def _rich_mail() -> bytes:
    message = EmailMessage()
    message["From"] = "花 <hana@example.com>"
    message["To"] = "support@example.com"
    message["Subject"] = "ご注文①について"
    message["References"] = "<a@example.com> <b@example.com>"
    message["Date"] = "Mon, 6 Jan 2025 10:00:00 +0900"
    message.set_content("お世話になっております。\n\nOn Monday, Ken wrote:\n> はい\n-- \n花", charset="utf-8")
    message.add_alternative("<p>お世話に<b>なって</b>おります。</p>", subtype="html", charset="utf-8")
    message.add_attachment(b"data", maintype="application", subtype="pdf", filename="請求書.pdf")
    return message.as_bytes()


RICH = _rich_mail()
SPICE = st.sampled_from(
    [b"\x00", b"\xff", b"\r", b"\n", b"\n\n", b"\x1b$B", b"=?utf-8?B?", b"?=", b'"', b"(", b"<", b";", b"*0*=",
     b"boundary=", b"--sep", b"message/rfc822", b"charset=utf-7", b"charset=\xe3", b"+2AA-", b"\xed\xa0\x80",
     b"Content-Transfer-Encoding: uuencode\n", b"base64", b"format=flowed", b"multipart/"]
)  # fmt: skip
CHANGE = st.tuples(st.integers(0, len(RICH)), st.integers(0, 40), st.one_of(SPICE, st.binary(max_size=8)))


def assert_safe(message: Message) -> None:
    for text in every_text(message):
        assert not FORBIDDEN & set(text)
        assert not any(unicodedata.category(sign) == "Cs" for sign in text)
    for line in every_text(message)[2:]:
        assert "\n" not in line
        assert "\u202e" not in line
    assert not any("/" in one.name or "\\" in one.name or not one.name for one in message.attachments)


@settings(max_examples=400, deadline=None)
@given(st.lists(CHANGE, min_size=1, max_size=6))
def test_mutated_mail_is_read_and_safe_to_show(changes: list[tuple[int, int, bytes]]) -> None:
    content = RICH
    for place, length, new in changes:
        content = content[:place] + new + content[place + length :]
    try:
        message = read_mail(content)
    except UnreadableMail:
        return
    assert_safe(message)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["utf-8", "iso-2022-jp", "euc-jp", "cp932", "utf-7", "utf-16", "hz", "big5", "", "rot13"]),
)
def test_any_bytes_under_any_label_are_safe_to_show(body: bytes, label: str) -> None:
    for kind in ("text/plain", "text/html"):
        try:
            message = read_mail(mail(body, subject=body.replace(b"\n", b" "), kind=f"{kind}; charset={label}"))
        except UnreadableMail:
            continue
        assert_safe(message)
