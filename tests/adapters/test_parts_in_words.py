"""Parts for machines told in words, Outlook's envelope, the shop's own lists, and our own mail come back."""

import struct

import pytest

from adapters.mail.mime import read_mail
from adapters.mail.rtf import rtf_to_text, unpacked_rtf
from adapters.mail.rules import Rules
from adapters.mail.tnef import open_tnef
from tests.adapters.japanese_mails import INVITATION, tnef
from tests.adapters.test_mime import mail, multipart, part

# --- invitations and reports --------------------------------------------------------------------------------


def invited(*lines: str, method: str = "REQUEST") -> str:
    event = "\r\n".join(["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    return read_mail(mail(event, kind=f"text/calendar; charset=utf-8; method={method}")).text


@pytest.mark.parametrize(
    ("lines", "method", "told"),
    [
        (["SUMMARY:Call", "DTSTART:20250108T050000Z", "DTEND:20250108T060000Z"], "REQUEST",
         "Invitation: Call\nWhen: 2025-01-08 05:00 UTC - 06:00 UTC"),
        (["SUMMARY:Fair", "DTSTART;VALUE=DATE:20250108", "DTEND;VALUE=DATE:20250110"], "PUBLISH",
         "Invitation: Fair\nWhen: 2025-01-08 - 2025-01-10"),
        (["SUMMARY:Night", "DTSTART:20250108T230000", "DTEND:20250109T010000"], "REQUEST",
         "Invitation: Night\nWhen: 2025-01-08 23:00 - 2025-01-09 01:00"),
        (["SUMMARY:Call", "DTSTART:20250108T050000Z"], "CANCEL",
         "Invitation cancelled: Call\nWhen: 2025-01-08 05:00 UTC"),
        (["SUMMARY:Call", 'ATTENDEE;PARTSTAT=ACCEPTED;CN="Ken":MAILTO:ken@example.com'], "REPLY",
         "Answer to an invitation: Call\nAnswer: Ken <ken@example.com>: accepted"),
        (["summary:two\\nlines\\; here", "DTSTART:soon", "location:Room\\, left"], "REQUEST",
         "Invitation: two lines; here\nWhere: Room, left"),
        (["X-NOTHING:1"], "REQUEST", ""),
    ],
)  # fmt: skip
def test_an_invitation_is_told_in_words(lines: list[str], method: str, told: str) -> None:
    assert invited(*lines, method=method) == told


def test_an_invitation_stands_below_the_text_and_stays_a_file() -> None:
    file = part("text/calendar; charset=utf-8; name=invite.ics", INVITATION.encode())
    text = "Please come.\n\n-- \nHana"
    message = read_mail(multipart("mixed", part("text/plain", text.encode()), file))
    assert message.text.startswith(text + "\n\nInvitation: 打ち合わせ, 第1回\nWhen: 2025-01-08 14:00 Tokyo")
    assert message.reply_text.startswith("Please come.\n\nInvitation: 打ち合わせ")
    assert [one.name for one in message.attachments] == ["invite.ics"]


def test_a_delivery_report_is_told_in_words() -> None:
    report = (
        b"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; ken@example.com\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n User unknown\r\n\r\n"
        b"Final-Recipient: rfc822; emma@example.com\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
    )
    message = read_mail(multipart("report", part("text/plain", b"Sorry."), part("message/delivery-status", report)))
    assert message.is_bounce
    assert message.text == (
        "Sorry.\n\nDelivery failed: ken@example.com (550 5.1.1 User unknown)\n"
        "Delivery delayed: emma@example.com (4.4.1)"
    )


# --- Outlook's envelope -------------------------------------------------------------------------------------


def test_an_envelope_gives_its_files_with_size_and_text() -> None:
    opened = open_tnef(tnef("見積書①.xlsx", b"12345", "本文です。\r\n二行目"))
    assert opened.text == "本文です。\n二行目"
    assert [(one.name, one.size) for one in opened.files] == [("見積書①.xlsx", 5)]


def test_a_name_in_the_envelope_cannot_leave_its_folder() -> None:
    assert [one.name for one in open_tnef(tnef("..\\..\\a/b\u202e.exe", b"1")).files] == ["b.exe"]


def test_a_broken_envelope_gives_what_can_be_read() -> None:
    whole = tnef("見積書.xlsx", b"12345", "本文です。")
    for end in range(len(whole)):
        opened = open_tnef(whole[:end])
        assert "本文です。".startswith(opened.text.removesuffix("\ufffd"))
        assert len(opened.files) <= 1


def test_an_envelope_does_not_hide_the_text_of_the_mail() -> None:
    file = part("application/octet-stream; name=WINMAIL.DAT", tnef("a.pdf", b"1", "inner"))
    message = read_mail(multipart("mixed", part("text/plain", b"outer"), file))
    assert (message.text, [one.name for one in message.attachments]) == ("outer", ["a.pdf"])


def packed(rtf: bytes, kind: bytes = b"LZFu") -> bytes:
    """Rich text in Outlook's packing; only runs of one character are really made shorter."""
    out, at, tokens = b"", 0, []
    while at < len(rtf):
        run = 0
        while run < 17 and at and at + run < len(rtf) and rtf[at + run] == rtf[at - 1]:
            run += 1
        if run > 2 and kind == b"LZFu":
            place = (207 + at - 1) % 4096
            tokens.append((True, (place << 4 | run - 2).to_bytes(2, "big")))
            at += run
        else:
            tokens.append((False, rtf[at : at + 1]))
            at += 1
    end = (207 + len(rtf)) % 4096
    tokens.append((True, (end << 4).to_bytes(2, "big")))
    for start in range(0, len(tokens), 8):
        group = tokens[start : start + 8]
        out += bytes((sum(is_copy << bit for bit, (is_copy, _) in enumerate(group)),)) + b"".join(
            one for _, one in group
        )
    return struct.pack("<II4sI", len(out) + 12, len(rtf), kind, 0) + (out if kind == b"LZFu" else rtf)


RICH = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fnil Arial;}{\f1\fnil\fcharset128 MS Gothic;}}{\info{\title no}}"
    rb"\f0 caf\'e9\par\f1 \'82\'a0\'83\\{\b\u-27231\'3f\u23665?}\tab ----------------------------\line end}"
)
PACKED_HTML = (
    rb"{\rtf1\ansi\ansicpg932\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 \'8e\'52\'93\'63"
    rb"{\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0 {\*\htmltag72 </p>}"
    rb"{\*\mhtmltag64 <p x>}{\*\htmltag64 <p>}Hana\htmlrtf\par}\htmlrtf0}"
)


@pytest.mark.parametrize("kind", [b"LZFu", b"MELA"])
@pytest.mark.parametrize(
    ("rtf", "told"),
    [(RICH, "café\nあソ閡山\t----------------------------\nend"), (PACKED_HTML, "山田&\n\nHana")],
)
def test_rich_text_in_an_envelope_is_told_as_text(rtf: bytes, kind: bytes, told: str) -> None:
    assert unpacked_rtf(packed(rtf, kind)) == rtf
    file = part("application/ms-tnef; name=winmail.dat", tnef("a.pdf", b"1", rtf=packed(rtf, kind)))
    assert read_mail(multipart("mixed", file)).text == told


def test_broken_rich_text_gives_what_can_be_read() -> None:
    whole = packed(RICH)
    for end in range(len(whole)):
        assert RICH.startswith(unpacked_rtf(whole[:end]))
    for end in range(len(RICH)):
        text = rtf_to_text(RICH[:end])
        assert text[:3] == "caf"[: len(text)]


# --- lists and loops ----------------------------------------------------------------------------------------

OWN = Rules(own_lists=("support@shop.example.jp",))
THROUGH_GROUP = (
    "Precedence: list\r\nMailing-list: list support@shop.example.jp; contact support+owners@shop.example.jp\r\n"
    "List-ID: <support.shop.example.jp>\r\nList-Unsubscribe: <mailto:x@shop.example.jp>\r\nX-Google-Group-Id: 1\r\n"
)


def test_mail_through_our_own_group_is_a_persons() -> None:
    content = mail(extra=THROUGH_GROUP)
    assert read_mail(content).is_auto
    assert not read_mail(content, OWN).is_auto
    assert not read_mail(content, Rules(own_lists=("<Support.Shop.example.jp>",))).is_auto
    assert read_mail(content, Rules(own_lists=("sales@shop.example.jp", "shop.example.jp"))).is_auto


@pytest.mark.parametrize(
    "extra",
    [
        "Auto-Submitted: auto-replied\r\n",
        "X-Autoreply: yes\r\n",
        "X-Auto-Response-Suppress: All\r\nPrecedence: junk\r\n",
    ],
)
def test_a_machines_mail_through_our_own_group_is_still_a_machines(extra: str) -> None:
    group = THROUGH_GROUP.replace("Precedence: list\r\n", "")
    assert read_mail(mail(extra=group + extra), OWN).is_auto


@pytest.mark.parametrize("extra", ["List-Id: <news.example.com>\r\n", "Precedence: bulk\r\n"])
def test_a_newsletter_through_our_own_group_is_a_machines(extra: str) -> None:
    assert read_mail(mail(extra=THROUGH_GROUP + extra), OWN).is_auto


def test_a_newsletter_straight_to_the_address_of_our_group_is_a_machines() -> None:
    extra = "Delivered-To: support@shop.example.jp\r\nList-Unsubscribe: <mailto:out@example.com>\r\n"
    assert read_mail(mail(extra=extra), OWN).is_auto


def test_a_list_of_somebody_else_is_no_person() -> None:
    assert read_mail(mail(extra="List-Id: <news.example.com>\r\n"), OWN).is_auto


@pytest.mark.parametrize("field", ["X-Original-From", "X-Original-Sender", "Reply-To"])
def test_the_writer_stands_behind_the_group(field: str) -> None:
    sender = "'Hana Yamada' via Support <support@shop.example.jp>"
    message = read_mail(mail(sender=sender, extra=f"{THROUGH_GROUP}{field}: hana@example.com\r\n"), OWN)
    assert (message.from_name, message.from_address) == ("Hana Yamada", "hana@example.com")


def test_our_own_mail_come_back_is_a_machines() -> None:
    content = mail(extra="Auto-Submitted: no\r\nX-Madoguchi-Desk: desk-1\r\n")
    assert read_mail(content, Rules(desk="desk-1")).is_auto
    assert not read_mail(content, Rules(desk="desk-2")).is_auto
    assert not read_mail(content).is_auto
