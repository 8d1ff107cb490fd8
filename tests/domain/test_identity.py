"""Identities: every spelling of a number or an address is one, and what is none is taken for none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.customer import Customer, Person, Record
from bot.domain.identity import (
    Identity,
    IdentityKind,
    identity_of,
    mail_address,
    phone,
    phones_in,
    spoken,
    spoken_phone,
)

MOBILE = "+819012345678"


@pytest.mark.parametrize(
    "text",
    [
        "090-1234-5678",
        "09012345678",
        "090 1234 5678",
        "090.1234.5678",
        "(090) 1234-5678",
        "０９０−１２３４−５６７８",
        "０９０ー１２３４ー５６７８",
        "０９０（１２３４）５６７８",
        "090‐1234‑5678",
        "090〜1234〜5678",
        " 090-1234-5678\n",
        "+81 90-1234-5678",
        "+81 (0)90-1234-5678",
        "+81(0)9012345678",
        "＋８１　９０　１２３４　５６７８",
        "010-81-90-1234-5678",
        "0081 90 1234 5678",
        MOBILE,
    ],
)
def test_every_spelling_of_a_number_is_one(text: str) -> None:
    assert phone(text, "JP") == MOBILE


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "110", "119", "1042", "#1042", "090-1234", "090-1234-56789", "+", "+81", "()", "-", "0" * 20),
        *("電話090-1234-5678", "090-1234-5678です", "090-1234-5678, 03-1234-5678", "090-1234-5678 内線12"),
        *(
            "1-800-FLOWERS",
            "o90-1234-5678",
            "ito@example.com",
            "+999 1234 5678",
            "9" * 5000,
            "\0",
            "\ud800",
            "+" * 5000,
        ),
        *("2026-03-31", "12345678901234567890"),
    ],
)
def test_what_is_no_number_that_could_be_called_is_none(text: str) -> None:
    assert phone(text, "JP") is None


def test_a_number_without_a_countrys_code_is_from_the_region() -> None:
    assert phone("650-253-0000", "US") == "+16502530000"
    assert phone("650-253-0000", "JP") is None
    assert phone("03-1234-5678", "JP") == "+81312345678"
    assert phone(MOBILE, "US") == MOBILE


@given(st.text(max_size=80))
def test_no_text_is_too_odd_to_be_asked_about(text: str) -> None:
    number = phone(text, "JP")
    assert number is None or phone(number, "US") == number
    assert all(phone(one, "JP") == one for one in phones_in([text], "JP"))


def test_a_number_is_told_as_people_write_it() -> None:
    assert spoken_phone(MOBILE, "JP") == "090-1234-5678"
    assert spoken_phone(MOBILE, "US") == "+81 90-1234-5678"
    assert spoken_phone(MOBILE) == "+81 90-1234-5678"
    assert spoken_phone("+1650253000012345678", "JP") == "+1650253000012345678"
    assert spoken_phone("no number", "JP") == "no number"
    assert spoken(Identity(IdentityKind.PHONE, MOBILE), "JP") == "090-1234-5678"
    assert spoken(Identity(IdentityKind.MAIL, "ito@example.com"), "JP") == "ito@example.com"


@pytest.mark.parametrize(
    ("address", "identity"),
    [
        ("ITO@Example.com", Identity(IdentityKind.MAIL, "ito@example.com")),
        ("+819012345678@example.com", Identity(IdentityKind.MAIL, "+819012345678@example.com")),
        (MOBILE, Identity(IdentityKind.PHONE, MOBILE)),
        ("", None),
        ("bob", None),
        ("+81 90-1234-5678", None),
        ("+0123456789", None),
    ],
)
def test_an_address_says_what_it_is(address: str, identity: Identity | None) -> None:
    assert identity_of(address) == identity


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" ITO@Example.com ", "ito@example.com"),
        ("ｉｔｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ito@example.com"),
        ("Aki <ito@example.com>", None),
        ("a@b@c", None),
        ("@example", None),
    ],
)
def test_an_address_is_found_in_any_width(text: str, address: str | None) -> None:
    assert mail_address(text) == address


def test_numbers_are_found_among_words_once_each_in_their_order() -> None:
    texts = ["電話は０９０−１２３４−５６７８です。会社は03-1234-5678。", "call 090 1234 5678, order 1234567890123, 110"]
    assert phones_in(texts, "JP") == [MOBILE, "+81312345678"]
    assert phones_in(["2026-03-31 10:00, #1042, ¥12,345"], "JP") == []


@pytest.mark.parametrize(
    ("name", "address", "label"),
    [
        ("Aki Ito", MOBILE, "Aki Ito <+81 90-1234-5678>"),
        ("", MOBILE, "+81 90-1234-5678"),
        (MOBILE, MOBILE, MOBILE),
        ("Aki Ito", "ito@example.com", "Aki Ito <ito@example.com>"),
        ("", "", ""),
    ],
)
def test_cards_call_a_customer_by_name_and_number(name: str, address: str, label: str) -> None:
    assert Customer(1, name, address).label == label


def test_with_a_record_go_those_that_were_joined_to_it() -> None:
    person = Person(1, "", records=(Record(1, ""), Record(2, "", (), 1), Record(3, "", (), 2), Record(4, "", (), 1)))
    assert [one.id for one in person.splitting(2)] == [2, 3]
    assert [one.id for one in person.splitting(3)] == [3]
    assert person.splitting(1) == ()
    assert person.splitting(9) == ()
