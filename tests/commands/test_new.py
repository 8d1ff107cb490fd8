"""Inquiries that somebody records by hand: whose they are, where they go, and that they are like any other."""

import asyncio

import pytest

from bot.chat.card import Card, Form, InputKind
from bot.chat.invocation import Invocation
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry, Status
from bot.notices import NoticeKind
from bot.ports import Place
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, opened
from tests.commands.window import Window, button_of, current, happened, labels, said
from tests.storage.taking import taken
from tests.support.texts import says

RETURNS = Place("workspace", "returns")


async def newest(database: Database) -> Inquiry:
    async with database.snapshot() as tx:
        waiting, _ = await tx.inquiries.waiting(None, 0, 100)
    return max(waiting, key=lambda one: one.number)


# --- whose it is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name", "address"),
    [
        ("ito@example.com", "", "ito@example.com"),
        ("Aki Ito <ito@example.com>", "Aki Ito", "ito@example.com"),
        ('"Ito, Aki" <ito@example.com>', "Ito, Aki", "ito@example.com"),
        ("伊藤 亜紀 <ito@example.com>", "伊藤 亜紀", "ito@example.com"),
        ("<ito@example.com>", "", "ito@example.com"),
        ("Aki Ito", "Aki Ito", ""),
        ("伊藤 亜紀", "伊藤 亜紀", ""),
        ("Aki\n Ito", "Aki Ito", ""),
        ("+81 3 1234 5678", "", "+81312345678"),
        ("０９０−１２３４−５６７８", "", "+819012345678"),
        ("Aki Ito (03) 1234 5678", "Aki Ito", "+81312345678"),
        ("伊藤 亜紀（090-1234-5678）", "伊藤 亜紀", "+819012345678"),
        ("Room 101", "Room 101", ""),
        ("Aki @ the front desk", "Aki @ the front desk", ""),
        ("@aki", "@aki", ""),
        ("Aki <nobody>", "Aki <nobody>", ""),
        ("((((", "((((", ""),
        ("<", "<", ""),
    ],
)
async def test_the_customer_is_an_address_a_name_or_both(
    window: Window, database: Database, given: str, name: str, address: str
) -> None:
    asked = Invocation("workspace", "ken", "new", "ken", options={"customer": given, "text": "Hello"})
    assert says(said_card(await window.call(asked)), "en", "new.done", queue="support")
    customer = (await newest(database)).customer
    assert (customer.name, customer.address) == (name, address)


async def test_a_customer_who_is_known_by_their_address_is_the_same(window: Window, database: Database) -> None:
    (earlier,) = await opened(database, a_message(from_address="ito@example.com", from_name="Ms Ito"))
    await window.types("ken", "/new ITO@Example.com Where is it?")
    recorded = await newest(database)
    assert recorded.number != earlier.number
    assert recorded.customer.id == earlier.customer.id
    assert recorded.customer.name == "Ms Ito"


async def test_a_customer_who_is_known_by_their_number_is_the_same_in_any_spelling(
    window: Window, database: Database
) -> None:
    await window.types("ken", "/new 090-1234-5678 Where is it?")
    earlier = await newest(database)
    await window.types("ken", "/new ＋８１９０１２３４５６７８ And the other one?")
    recorded = await newest(database)
    assert recorded.number != earlier.number
    assert recorded.customer.id == earlier.customer.id
    assert recorded.customer.label == "+81 90-1234-5678"


async def test_two_without_an_address_are_two_customers_whatever_they_are_called(
    window: Window, database: Database
) -> None:
    customers = []
    for _ in range(2):
        await window.types("ken", "/new Ito Where is it?")
        customers.append((await newest(database)).customer)
    assert customers[0].id != customers[1].id


# --- what is recorded ---------------------------------------------------------------------------------------


async def test_the_first_line_is_the_subject_and_all_of_it_shows(window: Window, database: Database) -> None:
    text = "The printer   does not start\n\nIt blinks red.\nModel 7."
    answer = await window.types("ken", f"/new ito@example.com {text}")
    assert labels(answer) == ["claim", "show"]
    recorded = await newest(database)
    assert (recorded.subject, recorded.status) == ("The printer does not start", Status.NEW)
    shown = await window.types("ken", f"/show {recorded.number}")
    assert isinstance(shown, Card)
    assert shown.quote == text
    assert says(str(shown.items[-1].text[0]), "en", "event.recorded", person="Ken Miller")


async def test_a_mails_own_timeline_says_that_it_was_received(window: Window, database: Database) -> None:
    """The control of the test above."""
    await opened(database)
    shown = await window.types("ken", "/show 1001")
    assert isinstance(shown, Card)
    assert says(str(shown.items[-1].text[0]), "en", "event.opened")


async def test_it_is_opened_by_who_recorded_it_and_has_a_card(window: Window, database: Database) -> None:
    await window.types("ken", "/new Ito Hello")
    recorded = await newest(database)
    async with database.snapshot() as tx:
        (event,) = await tx.inquiries.timeline(recorded.number)
    assert event.act.agent is not None
    assert (event.kind, event.act.agent.name, event.act.source) == (EventKind.OPENED, "Ken Miller", "workspace")
    assert [(one.kind, one.number) for one in await taken(database, SUPPORT)] == [(NoticeKind.CARD, recorded.number)]


async def test_its_life_is_that_of_any_other(window: Window, database: Database) -> None:
    answer = await window.types("ken", "/new Ito Hello")
    assert isinstance(answer, Card)
    number = (await newest(database)).number
    await window.presses("hana", answer.buttons[0].call)
    await window.types("hana", f"/resolve {number} told them by phone")
    await window.types("ken", f"/reopen {number}")
    assert await happened(database, number) == ["opened", "claimed", "resolved", "reopened"]
    assert button_of(await current(database, number), "resolve", window)


async def test_many_at_once_and_alike_never_clash(window: Window, database: Database) -> None:
    """A message without an id of its own is no other message."""
    lines = ["/new ito@example.com The same", "/new Ito The same"] * 4
    answers = await asyncio.gather(*(window.types("ken", line) for line in lines))
    assert all(says(said(one), "en", "new.done") for one in answers)
    async with database.snapshot() as tx:
        assert (await tx.inquiries.waiting(None, 0, 1))[1] == len(lines)


async def test_what_is_very_long_is_cut_and_not_refused(window: Window, database: Database) -> None:
    customer, text = "x" * 5000, "y " * 30_000
    asked = Invocation("workspace", "ken", "new", "ken", options={"customer": customer, "text": text})
    assert says(said_card(await window.call(asked)), "en", "new.done")
    recorded = await newest(database)
    assert len(recorded.customer.name) <= 200
    assert len(recorded.subject) <= 100


@pytest.mark.parametrize("odd", ["a\x00b", "\ud800", "\u202eright", "{holder} %s", "<!channel> @here"], ids=ascii)
async def test_odd_characters_are_recorded_too(window: Window, database: Database, odd: str) -> None:
    asked = Invocation("workspace", "ken", "new", "ken", options={"customer": odd, "text": f"Hello {odd}"})
    assert says(said_card(await window.call(asked)), "en", "new.done")
    assert (await newest(database)).subject.startswith("Hello ")


# --- where it goes ------------------------------------------------------------------------------------------


@pytest.fixture
async def returns(window: Window, database: Database) -> None:
    """A second queue, in a channel of its own."""
    await a_queue(database, "returns", RETURNS)


@pytest.mark.parametrize("channel", ["support", "elsewhere"])
async def test_the_only_queue_takes_it_from_everywhere(window: Window, database: Database, channel: str) -> None:
    await window.types("ken", "/new Ito Hello", channel=channel)
    assert (await newest(database)).queue == "support"


@pytest.mark.parametrize("channel", ["support", "returns"])
async def test_the_queue_that_shows_here_takes_it(
    window: Window, database: Database, returns: None, channel: str
) -> None:
    await window.types("ken", "/new Ito Hello", channel=channel)
    assert (await newest(database)).queue == channel


async def test_a_queue_that_is_named_takes_it(window: Window, database: Database, returns: None) -> None:
    await window.types("ken", "/new queue:returns Ito Hello", channel="support")
    recorded = await newest(database)
    assert (recorded.queue, recorded.subject, recorded.customer.name) == ("returns", "Hello", "Ito")
    answer = await window.types("ken", "/new queue:sales Ito Hello")
    assert says(said(answer), "en", "refused.no_queue", given="sales", names="returns, support")


@pytest.mark.parametrize("shared", [False, True], ids=["none shows here", "two show here"])
async def test_where_it_is_unclear_a_form_asks_and_nothing_is_lost(
    window: Window, database: Database, returns: None, shared: bool
) -> None:
    if shared:
        async with database.transaction() as tx:
            for queue in ("support", "returns"):
                await tx.queues.show(queue, Place("workspace", "team"))
    asked = await window.types("ken", "/new ito@example.com A: b\n50% & more", channel="team")
    assert isinstance(asked, Form)
    (which,) = asked.inputs
    assert (which.name, which.kind) == ("queue", InputKind.CHOICE)
    assert [one.value for one in which.choices] == ["returns", "support"]
    async with database.snapshot() as tx:
        assert await tx.inquiries.waiting(None, 0, 1) == ([], 0), "the form recorded nothing yet"
    assert says(said(await window.fills("ken", asked, queue="returns")), "en", "new.done", queue="returns")
    recorded = await newest(database)
    assert (recorded.queue, recorded.subject, recorded.customer.address) == ("returns", "A: b", "ito@example.com")


async def test_a_bare_command_asks_for_everything(window: Window, database: Database, returns: None) -> None:
    first = await window.types("ken", "/new", channel="team")
    assert isinstance(first, Form)
    assert [(one.name, one.kind, one.required, bool(one.hint)) for one in first.inputs] == [
        ("customer", InputKind.LINE, True, True),
        ("text", InputKind.PARAGRAPH, True, True),
    ]
    assert says(first.submit, "en", "button.new")


def said_card(answer: object) -> str:
    """The sentence of an answer that must be a card."""
    assert isinstance(answer, Card), answer
    return answer.title
