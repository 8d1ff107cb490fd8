"""History, as a person finds it: whoever is meant, open ones first, with what they were told, a page at a time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.chat.card import Card, Form, Item
from bot.chat.invocation import Answer, call, pressed
from bot.chat.text import words
from bot.domain.inquiry import Inquiry
from bot.ports import Opening
from storage.database import Database
from storage.tables import placement
from tests.builders import SUPPORT, a_message, a_queue, an_act, opened, stored_mails
from tests.commands.window import Window, button_of, current, labels, said
from tests.support.clock import MORNING
from tests.support.texts import says

DAY = timedelta(days=1)


async def asks(
    database: Database, address: str = "ito@example.com", name: str = "伊藤 亜紀", age: timedelta = DAY, **fields: str
) -> Inquiry:
    """A customer asked something, so long ago."""
    queue = fields.pop("queue", "support")
    [mail] = await stored_mails(database, 1, queue)
    message = a_message(from_address=address, from_name=name, **fields)
    async with database.transaction() as tx:
        [one] = await tx.inquiries.open([Opening(queue, message, MORNING - age, mail)])
    return one


async def indexed(database: Database) -> None:
    """The full-text index has caught up."""
    async with database.transaction() as tx:
        await tx.search.catch_up(1000)


def card(answer: Answer) -> Card:
    assert isinstance(answer, Card), answer
    return answer


def listed(answer: Answer) -> list[str]:
    """The inquiries of a history by number, and the headings between them."""
    return [words(item.text) if item.heading else words(item.text).split()[0] for item in card(answer).items]


def row(answer: Answer, inquiry: Inquiry) -> Item:
    return next(one for one in card(answer).items if words(one.text).startswith(f"#{inquiry.number} "))


def field(answer: Answer, window: Window, key: str) -> str:
    label = window.speaker("en")(key)
    return "".join(words(one.value) for one in card(answer).fields if one.label == label)


async def test_a_stand_in_sees_what_is_open_and_what_was_answered(window: Window, database: Database) -> None:
    await a_queue(database, "returns")
    old = await asks(database, age=9 * DAY, subject="The label is missing")
    held = await asks(database, age=8 * DAY, queue="returns")
    free = await asks(database, age=2 * DAY)
    await asks(database, "else@example.com", "Somebody Else")
    await window.types("hana", f"/claim {held.number}")
    await window.types("hana", f"/resolve {old.number} Sent a new label\nby mail")

    answer = await window.types("ken", "/history ito@example.com")

    say = window.speaker("en")
    assert said(answer) == say("history.title", customer="伊藤 亜紀", count=3)
    assert listed(answer) == [
        *(say("history.open"), f"#{free.number}", f"#{held.number}"),
        *(say("history.done"), f"#{old.number}"),
    ]
    buttons = [pressed(item.button.call) for item in card(answer).items if item.button]
    assert [(verb, options["inquiry"]) for verb, options, _ in buttons] == [
        ("claim", str(free.number)),
        ("show", str(held.number)),
        ("show", str(old.number)),
    ]
    details = words(row(answer, old).detail)
    assert "Sent a new label by mail" in details
    for part in (say("status.resolved"), "佐藤 花", "support", say.clock(MORNING)):
        assert part in details
    assert "returns" in words(row(answer, held).detail)
    assert say("card.nobody") in words(row(answer, free).detail)


async def test_the_buttons_of_its_rows_work(window: Window, database: Database) -> None:
    one = await asks(database)
    answer = await window.types("ken", "/history ito@example.com")
    claim = row(answer, one).button
    assert claim
    await window.presses("ken", claim.call)
    holder = (await current(database, one.number)).holder
    assert holder
    assert holder.name == "Ken Miller"


@pytest.mark.parametrize(
    "given", ["ito@example.com", "ITO@Example.com", "ｉｔｏ＠example.com", "{it}", "#{it}", "＃{it}", "inquiry:{it}"]
)
async def test_whoever_is_meant(window: Window, database: Database, given: str) -> None:
    one = await asks(database)
    await asks(database, "else@example.com", "Somebody Else")
    answer = await window.types("ken", f"/history {given.format(it=one.number)}")
    assert listed(answer)[1:] == [f"#{one.number}"]


@pytest.mark.parametrize("given", ["+81 90-1234-5678", "090-1234-5678", "０９０１２３４５６７８", "(090) 1234 5678"])
async def test_a_caller_by_their_number_in_any_spelling(window: Window, database: Database, given: str) -> None:
    await window.types("ken", "/new 090-1234-5678 The printer is out of toner")
    answer = await window.types("ken", f"/history {given}")
    assert len(card(answer).items) == 2, said(answer)


@pytest.mark.parametrize("given", ["伊藤", "亜紀", "伊藤亜紀", "伊藤 亜紀"])
async def test_a_name(window: Window, database: Database, given: str) -> None:
    one = await asks(database)
    await asks(database, "else@example.com", "鈴木 一郎")
    await indexed(database)
    assert listed(await window.types("ken", f"/history {given}"))[1:] == [f"#{one.number}"]


@pytest.mark.parametrize("given", ["いとう", "イトウ", "ｲﾄｳ"])
async def test_a_reading(window: Window, database: Database, given: str) -> None:
    one = await asks(database)
    async with database.transaction() as tx:
        await tx.customers.describe(one.customer.id, "伊藤 亜紀", "いとう あき", "ja", [], an_act(None))
    await indexed(database)
    assert listed(await window.types("ken", f"/history {given}"))[1:] == [f"#{one.number}"]


async def test_several_who_are_called_alike_are_offered_each_with_a_button(window: Window, database: Database) -> None:
    await asks(database, "aki@example.com")
    await asks(database, "ito@example.com", age=2 * DAY)
    await indexed(database)

    answer = await window.types("ken", "/history 伊藤")

    assert says(said(answer), "en", "history.several", given="伊藤")
    offered = {words(item.detail): item.button for item in card(answer).items}
    assert set(offered) == {"aki@example.com", "ito@example.com"}
    button = offered["ito@example.com"]
    assert button
    chosen = await window.presses("ken", button.call)
    assert field(chosen, window, "history.known_by") == "ito@example.com"


async def test_in_a_thread_it_is_that_customer_unless_another_is_named(window: Window, database: Database) -> None:
    one, other = await asks(database), await asks(database, "else@example.com", "Somebody Else")
    async with database.transaction() as tx:
        where = {"platform": SUPPORT.platform, "channel": SUPPORT.channel, "posted_in": SUPPORT.channel}
        await tx.session.run(sa.insert(placement).values(number=one.number, message="m1", **where))
    assert listed(await window.types("ken", "/history", message="m1"))[1:] == [f"#{one.number}"]
    assert listed(await window.types("ken", "/history else@example.com", message="m1"))[1:] == [f"#{other.number}"]


async def test_by_the_button_of_a_card(window: Window, database: Database) -> None:
    one = await asks(database)
    answer = await window.presses("hana", button_of(one, "history", window))
    assert says(said(answer), "ja", "history.title", customer="伊藤 亜紀", count=1)
    assert listed(answer)[1:] == [f"#{one.number}"]


async def test_without_anybody_it_asks(window: Window, database: Database) -> None:
    one = await asks(database)
    form = await window.types("ken", "/history")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["customer"]
    assert listed(await window.fills("ken", form, customer="ito@example.com"))[1:] == [f"#{one.number}"]


async def test_pages_are_turned_by_buttons(window: Window, database: Database) -> None:
    many = [await asks(database, age=n * DAY) for n in range(18)]
    await window.types("ken", f"/resolve {many[0].number} done")
    expected = [f"#{one.number}" for one in (*many[1:], many[0])]
    say = window.speaker("en")

    first = await window.types("ken", "/history ito@example.com")
    assert said(first) == say("history.title", customer="伊藤 亜紀", count=18)
    assert labels(first) == ["history"]
    assert words(card(first).footer) == say("queue.page", page=1, pages=3)
    second = await window.presses("ken", card(first).buttons[-1].call)
    assert [one.label for one in card(second).buttons] == [say("history.back"), say("history.on")]
    third = await window.presses("ken", card(second).buttons[-1].call)
    assert [one.label for one in card(third).buttons] == [say("history.back")]

    shown = [one for page in (first, second, third) for one in listed(page) if one.startswith("#")]
    assert shown == expected
    assert listed(await window.presses("ken", card(third).buttons[0].call)) == listed(second)
    assert listed(await window.types("ken", "/history ito@example.com page:99")) == listed(third)
    for odd in ("0", "-5", "999999999"):
        assert card(await window.types("ken", f"/history ito@example.com page:{odd}")).items


async def test_of_very_many_it_says_that_they_are_many(window: Window, database: Database) -> None:
    await opened(database, *[a_message() for _ in range(120)])
    say = window.speaker("en")
    answer = await window.types("ken", "/history ito@example.com")
    assert said(answer) == say("history.many", customer="Ms Ito", number=100)
    assert words(card(answer).footer) == say("history.page", page=1)
    last = await window.types("ken", "/history ito@example.com page:15")
    assert said(last) == say("history.title", customer="Ms Ito", count=120)
    assert labels(last) == ["history"]


async def test_the_caution_comes_first_and_with_its_reason(window: Window, database: Database) -> None:
    one = await asks(database)
    async with database.transaction() as tx:
        await tx.customers.describe(one.customer.id, "伊藤 亜紀", "いとう あき", "ja", ["VIP", "法人"], an_act(None))
        await tx.customers.caution(one.customer.id, "Shouted at Rei\nin May", an_act(None))
        await tx.customers.note(one.customer.id, "Calls on Mondays", an_act(None))
        await tx.customers.note(one.customer.id, "Moved to Kobe", an_act(None, minutes=1))

    answer = await window.types("ken", "/history ito@example.com")

    say = window.speaker("en")
    assert card(answer).lines == ((say("history.caution", reason="Shouted at Rei in May"),),)
    assert field(answer, window, "history.kana") == "いとう あき"
    assert field(answer, window, "history.known_by") == "ito@example.com"
    assert field(answer, window, "history.tags") == "VIP, 法人"
    assert "Moved to Kobe" in field(answer, window, "history.note")
    assert "Mondays" not in field(answer, window, "history.note")


async def test_cards_tell_the_flag_and_not_the_reason(window: Window, database: Database) -> None:
    one = await asks(database)
    async with database.transaction() as tx:
        await tx.customers.caution(one.customer.id, "Shouted at Rei in May", an_act(None))
    answer = await window.types("ken", f"/show {one.number}")
    assert (window.speaker("en")("card.caution"),) in card(answer).lines
    assert "Shouted" not in str(answer)


async def test_a_card_shown_whole_tells_the_how_manieth_contact_it_is(window: Window, database: Database) -> None:
    say = window.speaker("en")
    many = [await asks(database, age=age * DAY) for age in (45, 20, 10, 5)]
    told = []
    for one in many:
        lines = [words(line) for line in card(await window.types("ken", f"/show {one.number}")).lines]
        told.append([line for line in lines if says(line, "en", "card.contact")])
    assert told == [
        [],
        [say("card.contact", nth="2nd", days=30)],
        ["2nd contact in 30 days"],
        ["3rd contact in 30 days"],
    ]


async def test_all_that_came_by_a_joined_record_is_there(window: Window, database: Database) -> None:
    one, other = await asks(database), await asks(database, "aki@example.com", age=2 * DAY)
    async with database.transaction() as tx:
        await tx.customers.merge(other.customer.id, one.customer.id, an_act(None))
    for given in ("ito@example.com", "aki@example.com", f"#{other.number}"):
        answer = await window.types("ken", f"/history {given}")
        assert listed(answer)[1:] == [f"#{one.number}", f"#{other.number}"]
        assert field(answer, window, "history.known_by") == "ito@example.com, aki@example.com"
    async with database.transaction() as tx:
        await tx.customers.split(other.customer.id, an_act(None))
    assert listed(await window.types("ken", "/history aki@example.com"))[1:] == [f"#{other.number}"]


HOSTILE = [
    "' OR 1=1 --",
    '"; DROP TABLE inquiry; --',
    "%",
    "_",
    "*",
    '" OR "',
    "NEAR(a b)",
    "a AND NOT b",
    "<!channel> <@U1> @everyone",
    "*bold* `code` ```",
    "\u202egnp.exe",
    "{given} {0} %s %(x)s",
    "id:-1",
    "id:99999999999999999999",
    "#99999999999999999999",
    "-1",
    "\x00DROP",
    "客" * 5000,
    "☎️",
]


@pytest.mark.parametrize("given", HOSTILE, ids=ascii)
async def test_whatever_is_given_it_finds_nobody_and_breaks_nothing(
    window: Window, database: Database, given: str
) -> None:
    one = await asks(database)
    await indexed(database)
    for asked in (call("history", customer=given), call("history", customer="ito@example.com", page=given)):
        answer = card(await window.presses("ken", asked))
        assert not says(answer.title, "en", "refused.bug"), answer.title
    assert f"#{one.number}" not in str(await window.presses("ken", call("history", customer=given)))
    assert (await current(database, one.number)) == one


async def test_a_customer_may_be_called_anything(window: Window, database: Database) -> None:
    for place, name in enumerate(["", " ", "\u202e<!channel>", "名" * 5000, "{customer} {count}"]):
        await asks(database, f"c{place}@example.com", name)
        answer = card(await window.types("ken", f"/history c{place}@example.com"))
        assert len(answer.items) == 2, answer.title
        assert len(answer.title) < 200
