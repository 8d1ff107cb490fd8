"""What the team knows of customers, as it is asked and written down: privately, in words, and without surprises."""

import pytest
import sqlalchemy as sa

from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import Answer, pressed
from bot.chat.text import words
from bot.domain.customer import Person
from bot.domain.inquiry import Inquiry
from storage.database import Database
from storage.tables import customer_event
from tests.builders import SUPPORT, a_message, opened
from tests.commands.window import Window, current, labels, rows, said
from tests.storage.taking import HERE, LEASE, taken
from tests.support.texts import says

ITO, AKI = "ito@example.com", "aki@example.com"
HOSTILE = [
    "<!channel> *bold* <b>@here</b> [x](http://evil.example)",
    "'; DROP TABLE customer; --",
    '" OR 1=1 --',
    "\u202eelttil\u202c",
    "{holder} %s {} }{",
    "\0\ud800",
    "=HYPERLINK(1)",
    "あ" * 5000,
    "a,b、c;d\n\n,,,",
]


async def known(database: Database, of: int) -> Person:
    async with database.snapshot() as tx:
        found = await tx.customers.person(of)
    assert found is not None
    return found


async def two(database: Database) -> tuple[int, int]:
    """Ms Ito and Aki, who wrote once each."""
    one, other = await opened(
        database, a_message(from_address=ITO, from_name="Ms Ito"), a_message(from_address=AKI, from_name="Aki")
    )
    return one.customer.id, other.customer.id


async def waiting(database: Database) -> list[Inquiry]:
    async with database.snapshot() as tx:
        found, _ = await tx.inquiries.waiting(None, 0, 100)
    return found


def card(answer: Answer) -> Card:
    assert isinstance(answer, Card), answer
    return answer


def press(answer: Answer, verb: str) -> str:
    """The call of the first button or row of a verb."""
    shown = card(answer)
    calls = [one.call for one in shown.buttons] + [one.button.call for one in shown.items if one.button]
    return next(one for one in calls if pressed(one)[0] == verb)


def values(answer: Answer) -> dict[str, str]:
    return {one.label: words(one.value) for one in card(answer).fields}


# --- who it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [f"/customer {ITO}", "/customer #1001", "/customer 1001", "/customer inquiry:1001"])
async def test_a_customer_is_shown_by_whatever_is_known(window: Window, database: Database, line: str) -> None:
    await two(database)
    shown = card(await window.types("ken", line))
    assert (shown.title, shown.badge) == ("Ms Ito", "")
    assert values(shown) == {"Mail": ITO, "Inquiries": "1"}
    assert labels(shown) == ["history", "customer_edit", "customer_note", "customer_caution"]


async def test_in_a_thread_it_is_who_wrote_there(window: Window, database: Database) -> None:
    await two(database)
    async with database.transaction() as tx:
        [first, *_] = await tx.outbox.take(SUPPORT, "me", LEASE, 10)
        await tx.outbox.sent(first, "me", HERE)
    shown = await window.types("ken", "/customer", message=HERE.message, channel=HERE.channel)
    assert said(shown) == "Ms Ito"


async def test_without_anybody_a_form_asks(window: Window, database: Database) -> None:
    await two(database)
    form = await window.types("ken", "/customer")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["customer"]
    assert said(await window.fills("ken", form, customer=AKI)) == "Aki"


async def test_several_who_fit_are_rows_to_choose_from(window: Window, database: Database) -> None:
    await opened(database, *[a_message(from_address=f"{n}@example.com", from_name="Kim") for n in (1, 2)])
    async with database.transaction() as tx:
        while await tx.search.catch_up(100):
            pass
    shown = await window.types("ken", "/customer kim")
    assert rows(shown) == ["Kim", "Kim"]
    assert said(await window.presses("ken", press(shown, "customer"))) == "Kim"


async def test_all_that_was_noted_is_shown_in_the_readers_language(window: Window, database: Database) -> None:
    ito, _ = await two(database)
    await window.types("ken", "/new 090-1234-5678 Hello")
    [*_, called] = [one for one in await waiting(database) if one.customer.address.startswith("+")]
    merge = await window.types("ken", f"/customer_merge #{called.number} {ITO}")
    await window.presses("ken", press(merge, "customer_merge"))
    await window.types("ken", f"/customer_edit {ITO} kana:いとう language:ja tags:VIP、卸")
    for number in range(4):
        await window.types("hana", f"/customer_note customer:{ITO} Note {number}")
    await window.types("ken", f"/customer_caution customer:{ITO} Calls at night")
    shown = card(await window.types("ken", f"/customer {ITO}"))
    assert values(shown) == {
        "Reading": "いとう",
        "Mail": ITO,
        "Phone and chat": "090-1234-5678",
        "Language": "Japanese",
        "Tags": "VIP, 卸",
        "Inquiries": "2",
    }
    assert "Calls at night" in words(shown.lines[0])
    assert rows(shown)[:4] == ["4 notes", "Note 3", "Note 2", "Note 1"]
    assert says(words(shown.items[1].detail), "en", "customer.noted_by", person="佐藤 花", at="10:00")
    assert labels(shown)[-1] == "customer_caution"
    japanese = card(await window.types("hana", f"/customer {ITO}"))
    assert japanese.badge != shown.badge
    assert said(await window.presses("ken", shown.buttons[-1].call)).startswith("Ms Ito")
    assert (await known(database, ito)).caution == ""


# --- what is written down -----------------------------------------------------------------------------------


async def test_the_form_to_edit_knows_what_is_known_and_takes_away_what_was_emptied(
    window: Window, database: Database
) -> None:
    ito, _ = await two(database)
    form = await window.types("ken", f"/customer_edit {ITO}")
    assert isinstance(form, Form)
    assert [(one.name, one.value) for one in form.inputs] == [
        ("name", "Ms Ito"),
        ("kana", ""),
        ("language", "unknown"),
        ("tags", ""),
    ]
    await window.fills("ken", form, name="伊藤", kana="いとう", language="ja", tags="VIP, 卸、VIP")
    person = await known(database, ito)
    assert (person.name, person.kana, person.language, person.tags) == ("伊藤", "いとう", "ja", ("VIP", "卸"))
    again = await window.types("ken", f"/customer_edit {ITO}")
    assert isinstance(again, Form)
    assert [one.value for one in again.inputs] == ["伊藤", "いとう", "ja", "VIP, 卸"]
    await window.fills("ken", again, name="伊藤", language="unknown")
    person = await known(database, ito)
    assert (person.name, person.kana, person.language, person.tags) == ("伊藤", "", "", ())


async def test_what_is_typed_changes_only_what_it_names(window: Window, database: Database) -> None:
    ito, _ = await two(database)
    await window.types("ken", f"/customer_edit {ITO} tags:VIP")
    await window.types("ken", f"/customer_edit {ITO} kana:いとう")
    person = await known(database, ito)
    assert (person.name, person.kana, person.tags) == ("Ms Ito", "いとう", ("VIP",))


@pytest.mark.parametrize("word", ["none", "なし", "NONE"])
async def test_a_flag_is_on_the_card_at_once_and_a_word_takes_it_away(
    window: Window, database: Database, word: str
) -> None:
    await two(database)
    assert len(await taken(database, SUPPORT)) == 2
    await window.types("ken", f"/customer_caution customer:{ITO} Calls at night")
    assert (await current(database, 1001)).customer.caution == "Calls at night"
    assert (await current(database, 1002)).customer.caution == ""
    await window.types("ken", f"/customer_caution customer:{ITO} {word}")
    assert (await current(database, 1001)).customer.caution == ""


async def test_a_form_asks_for_the_note_of_a_button(window: Window, database: Database) -> None:
    ito, _ = await two(database)
    shown = await window.types("ken", f"/customer {ITO}")
    form = await window.presses("ken", press(shown, "customer_note"))
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["note"]
    await window.fills("ken", form, note="Prefers mail")
    [note] = (await known(database, ito)).notes
    assert (note.text, note.agent and note.agent.name) == ("Prefers mail", "Ken Miller")


# --- joined and taken out -----------------------------------------------------------------------------------


async def test_nobody_is_joined_before_somebody_saw_both(window: Window, database: Database) -> None:
    ito, aki = await two(database)
    asked = card(await window.types("ken", f"/customer_merge {AKI} {ITO}"))
    assert [row for row in rows(asked) if row in ("Ms Ito", "Aki")] == ["Ms Ito", "Aki"]
    assert (await known(database, ito)).records != (await known(database, aki)).records
    done = await window.presses("emma", press(asked, "customer_merge"))
    assert says(said(done), "en", "customer.merged", other="Aki", customer="Ms Ito")
    assert await known(database, ito) == await known(database, aki)
    async with database.snapshot() as tx:
        [event] = list(await tx.session.run(sa.select(customer_event)))
        emma = next(one for one in await tx.agents.all() if one.name == "Emma Clark")
    assert (event.kind, event.customer_id, event.agent_id) == ("merged", aki, emma.id)


async def test_a_press_means_the_customers_that_were_seen(window: Window, database: Database) -> None:
    ito, aki = await two(database)
    [ken] = await opened(database, a_message(from_address="ken@example.com", from_name="Ken"))
    old = press(await window.types("ken", f"/customer_merge {AKI} {ITO}"), "customer_merge")
    other = await window.types("emma", f"/customer_merge ken@example.com {AKI}")
    await window.presses("emma", press(other, "customer_merge"))
    again = await window.presses("ken", old)
    assert "customer_merge" in labels(again)
    assert len((await known(database, ito)).records) == 1
    await window.presses("ken", press(again, "customer_merge"))
    assert [one.id for one in (await known(database, ito)).records] == [ito, aki, ken.customer.id]
    assert card(await window.presses("ken", press(again, "customer_merge"))).tone is Tone.ALERT


async def test_a_record_is_taken_out_by_the_button_of_its_row(window: Window, database: Database) -> None:
    ito, aki = await two(database)
    await window.types("ken", f"/customer_note customer:{AKI} About Aki")
    asked = await window.types("ken", f"/customer_merge {AKI} {ITO}")
    shown = await window.presses("ken", press(await window.presses("ken", press(asked, "customer_merge")), "customer"))
    assert values(shown)["Inquiries"] == "2"
    question = card(await window.presses("ken", press(shown, "customer_split")))
    assert [row for row in rows(question) if row in ("Ms Ito", "Aki")] == ["Aki", "Ms Ito"]
    assert says(words(question.lines[0]), "en", "customer.split_means", count=1)
    assert len((await known(database, ito)).records) == 2
    done = await window.presses("ken", press(question, "customer_split"))
    assert says(said(done), "en", "customer.split_done", other="Aki", customer="Ms Ito")
    assert [one.text for one in (await known(database, aki)).notes] == ["About Aki"]
    assert (await known(database, ito)).notes == ()
    assert card(await window.presses("ken", press(question, "customer_split"))).tone is Tone.ALERT


async def test_whoever_may_be_the_same_has_a_row_with_a_button(window: Window, database: Database) -> None:
    for _ in range(2):
        await window.types("ken", "/new 高橋花子 Hello")
    async with database.transaction() as tx:
        while await tx.search.catch_up(100):
            pass
    shown = await window.types("ken", "/customer #1001")
    asked = await window.presses("ken", press(shown, "customer_merge"))
    await window.presses("ken", press(asked, "customer_merge"))
    assert (await current(database, 1001)).customer.id == (await current(database, 1002)).customer.id
    assert "customer_merge" not in [
        pressed(one.button.call)[0] for one in card(await window.types("ken", "/customer #1001")).items if one.button
    ]


# --- in any words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
async def test_hostile_words_are_kept_as_words(window: Window, database: Database, text: str) -> None:
    ito, aki = await two(database)
    calls = [
        "customer",
        "customer_edit",
        "customer_merge:::other=x",
        "customer_note:::note=x",
        "customer_caution:::reason=x",
    ]
    for call in calls:  # whoever is meant by it: nobody
        answer = await window.presses("ken", call)
        if isinstance(answer, Form):
            answer = await window.fills("ken", answer, customer=text)
        assert isinstance(answer, Card)
        assert answer.tone is Tone.ALERT
        assert not says(answer.title, "en", "refused.bug"), answer.title

    edit = await window.types("ken", f"/customer_edit {ITO}")
    await window.fills("ken", edit, name=text, kana=text, language="ja", tags=text)
    await window.presses("ken", f"customer_note:1001::{_option('note', text)}")
    await window.presses("ken", f"customer_caution:1001::{_option('reason', text)}")
    refused = await window.presses("ken", f"customer_edit:1001::{_option('language', text)}")
    assert card(refused).tone is Tone.ALERT
    refused = await window.presses("ken", f"customer_split:::{_option('record', text)}")
    assert card(refused).tone is Tone.ALERT
    merge = await window.presses("ken", f"customer_merge:1001::{_option('other', text)}:sure={ito}.1.{aki}.1")
    assert card(merge).tone is Tone.ALERT

    person = await known(database, ito)
    assert len(person.name) <= 200
    assert len(person.caution) <= 300
    assert all(len(tag) <= 40 for tag in person.tags)
    assert (await known(database, aki)).name == "Aki"
    for user in ("ken", "hana"):
        shown = card(await window.types(user, f"/customer {ITO}"))
        assert "\u202e" not in shown.title + words(shown.lines[0] if shown.lines else ())
        assert len(shown.title) <= 80
        assert len(values(shown)) >= 4


def _option(name: str, value: str) -> str:
    return f"{name}={value.replace('%', '%25').replace(':', '%3A')}"


@pytest.mark.parametrize("sure", ["yes", "1.1.2.1", "", "1.1.2", "' OR 1"])
async def test_a_made_up_press_joins_nobody(window: Window, database: Database, sure: str) -> None:
    """The control: with the right one the same press does."""
    ito, aki = await two(database)
    if sure == f"{ito}.1.{aki}.1":
        sure = f"{aki}.1.{ito}.1"
    await window.presses("ken", f"customer_merge:::customer={ITO}:other={AKI}:sure={sure}")
    assert len((await known(database, ito)).records) == 1
    await window.presses("ken", f"customer_merge:::customer={ITO}:other={AKI}:sure={ito}.1.{aki}.1")
    assert len((await known(database, ito)).records) == 2
