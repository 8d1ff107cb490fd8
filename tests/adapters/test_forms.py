"""Mails of web forms: the customer is who filled in the form, for senders that a rule names."""

# ruff: noqa: E501 - a table, in which a full-width sign counts twice

from dataclasses import replace

import pytest

from adapters.mail.forms import FormRule, form_rules, from_form
from adapters.mail.mime import read_mail
from adapters.mail.rules import Rules
from bot.domain.message import Message

RULES = form_rules("form@shop.example.jp")


def form(text: str, sender: str = "form@shop.example.jp") -> Message:
    return Message(
        "お問い合わせがありました",
        sender,
        "Shop",
        text,
        text,
        message_id="1@shop.example.jp",
        references=("2@example.jp",),
        is_auto=True,
    )


def read(text: str) -> tuple[str, str, str, str]:
    message = from_form(form(text), RULES)
    return message.from_name, message.from_address, message.subject, message.reply_text


@pytest.mark.parametrize(
    "text",
    [
        "お名前: 山田花子\nメールアドレス: hana@example.jp\n件名: 返品\nお問い合わせ内容: 返品したいです。\nよろしく。",
        "お名前：山田花子\nメールアドレス：hana@example.jp\n件名：返品\nお問い合わせ内容：\n返品したいです。\nよろしく。",
        "【お名前】山田花子\n【メールアドレス】hana@example.jp\n【件名】返品\n【お問い合わせ内容】\n返品したいです。\nよろしく。",
        "【お名前】\n山田花子\n\n【メールアドレス】\nhana@example.jp\n\n【件名】\n返品\n\n【本文】\n返品したいです。\nよろしく。",
        "■お名前\n山田花子\n■メールアドレス\nhana@example.jp\n■件名\n返品\n■お問い合わせ内容\n返品したいです。\nよろしく。",
        "[ 氏名 ] 山田花子\n[ Email ] hana@example.jp\n[ 題名 ] 返品\n[ 内容 ] 返品したいです。\nよろしく。",
        "氏名（必須）：山田花子\nＥメール（必須）：ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ\n件名：返品\n本文：返品したいです。\nよろしく。",
        "Name: 山田花子\nEmail: hana@example.jp\nPhone: 03-0000-0000\nSubject: 返品\nMessage: 返品したいです。\nよろしく。",
        "Your Name : 山田花子\nE-mail : Hana <hana@example.jp>\nSubject : 返品\nYour message :\n返品したいです。\nよろしく。",
        "次の問い合わせがありました。\n=====================\nお名前　：山田花子\nメール　：hana@example.jp\n件名　　：返品\n"
        "本文　　：返品したいです。\nよろしく。\n=====================\n送信元: https://shop.example.jp/",
        "・お名前：山田花子\n・メールアドレス：hana@example.jp\n・件名：返品\n・お問い合わせ内容：返品したいです。\nよろしく。\n"
        "・電話番号：",
    ],
)
def test_the_customer_is_who_filled_in_the_form(text: str) -> None:
    name, address, subject, written = read(text)
    assert (name, address, subject) == ("山田花子", "hana@example.jp", "返品")
    assert written.startswith("返品したいです。\nよろしく。")


def test_all_that_the_form_says_is_kept() -> None:
    mail = form("Name: Hana\nEmail: hana@example.com\nOrder: 1042\nMessage: Where?")
    message = from_form(mail, RULES)
    assert (message.text, message.message_id) == (mail.text, mail.message_id)
    assert message.subject == "お問い合わせがありました"
    assert not message.is_robot
    assert message.references == ()


@pytest.mark.parametrize(
    "message",
    [
        form("Name: Hana\nEmail: hana@example.com", sender="other@shop.example.jp"),
        form("Name: Hana\nEmail: hana@example.com", sender="form@shop.example.jp.evil.example.com"),
        form("Name: Hana\nEmail: not an address"),
        form("Name: Hana\nEmail: hana@localhost"),
        form("Name: Hana\nEmail: hana@example.com, ken@example.com"),
        form("Name: Hana\nMessage: write to hana@example.com"),
        form("It is nothing like a form."),
        form(""),
        replace(form("Name: Hana\nEmail: hana@example.com"), is_bounce=True),
    ],
)
def test_nothing_is_guessed(message: Message) -> None:
    assert from_form(message, RULES) == message


def test_the_customers_own_text_names_no_other_customer() -> None:
    text = "Name: Hana\nEmail: hana@example.com\nMessage: I wrote\nEmail: ken@example.com\nName: Ken"
    assert read(text)[:2] == ("Hana", "hana@example.com")


def test_a_value_cannot_break_out_of_its_line() -> None:
    message = from_form(form("Name: Hana\u202e\x00\nEmail: hana@example.com\nSubject: a\u2066b"), RULES)
    assert (message.from_name, message.subject) == ("Hana", "ab")


def test_rules_name_senders_domains_and_fields() -> None:
    rules = form_rules(
        "no-reply@shop.example.jp,\n @forms.example.com , wp*@example.jp name=Who|誰 address=返事 body=Text"
    )
    assert [rule.sender for rule in rules] == ["no-reply@shop.example.jp", "@forms.example.com", "wp*@example.jp"]
    assert rules[2] == FormRule("wp*@example.jp", name=("Who", "誰"), address=("返事",), body=("Text",))
    mail = form("誰: Hana\n返事: hana@example.com\nText: Hello", sender="WP-1@example.jp")
    message = from_form(mail, rules)
    assert (message.from_name, message.from_address, message.reply_text) == ("Hana", "hana@example.com", "Hello")
    assert rules[1].matches("x.y@forms.example.com")
    assert not rules[1].matches("x@other-forms.example.com.jp")
    assert form_rules("") == ()


@pytest.mark.parametrize("setting", ["shop", "a@example.com phone=Tel", "Shop <a@example.com>"])
def test_a_wrong_setting_is_told(setting: str) -> None:
    with pytest.raises(ValueError, match="web form"):
        form_rules(setting)


def test_our_own_mail_come_back_is_no_customers() -> None:
    content = b"From: form@shop.example.jp\r\nX-Madoguchi-Desk: d\r\n\r\nName: Hana\nEmail: hana@example.com\n"
    message = read_mail(content, Rules(desk="d", forms=RULES))
    assert (message.from_address, message.is_auto) == ("form@shop.example.jp", True)


def test_a_mail_is_read_as_its_customers() -> None:
    content = (
        "From: Shop <form@shop.example.jp>\r\nAuto-Submitted: auto-generated\r\nSubject: form\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        "【お名前】山田花子\r\n【メールアドレス】hana@example.jp\r\n【お問い合わせ内容】届きません。\r\n"
    ).encode()
    message = read_mail(content, Rules(forms=RULES))
    assert (message.from_name, message.from_address, message.reply_text) == (
        "山田花子",
        "hana@example.jp",
        "届きません。",
    )
    assert not message.is_auto
    assert read_mail(content).from_address == "form@shop.example.jp"
