"""The room of customers: one for each address, whoever writes it how, and however many write at once."""

import asyncio

import pytest

from bot.domain.errors import Conflict
from bot.domain.message import Message
from bot.ports import Opening
from storage.database import Database
from tests.builders import a_message, a_queue, opened, stored_mails
from tests.support.clock import MORNING


async def test_an_address_is_one_customer_in_any_case(database: Database) -> None:
    await a_queue(database)
    first, second = await opened(
        database, a_message(from_address="ito@example.com"), a_message(from_address="ITO@Example.com")
    )
    (third,) = await opened(database, a_message(from_address="Ito@example.com"))
    assert first.customer.id == second.customer.id == third.customer.id
    assert third.customer.address == "Ito@example.com"


async def test_other_addresses_are_other_customers_even_of_the_same_name(database: Database) -> None:
    await a_queue(database)
    one, other = await opened(
        database, a_message(from_address="a@example.com"), a_message(from_address="b@example.com")
    )
    assert one.customer.id != other.customer.id


async def test_who_has_no_address_is_a_customer_each_time(database: Database) -> None:
    await a_queue(database)
    nameless = [a_message(from_address="", from_name=name) for name in ("", "Ms Ito", "")]
    customers = [one.customer for one in await opened(database, *nameless)]
    assert len({one.id for one in customers}) == 3
    assert [one.name for one in customers] == ["", "Ms Ito", ""]


async def test_a_batch_may_hold_known_new_and_nameless_ones_in_any_order(database: Database) -> None:
    await a_queue(database)
    (known,) = await opened(database, a_message(from_address="z@example.com", from_name="Z"))
    senders = ["", "m@example.com", "z@example.com", "a@example.com", "m@example.com", ""]
    batch = await opened(database, *[a_message(from_address=one, from_name=one[:1].upper()) for one in senders])
    assert [one.customer.address for one in batch] == senders
    assert [one.customer.name for one in batch] == ["", "M", "Z", "A", "M", ""]
    assert batch[2].customer.id == known.customer.id
    assert batch[1].customer.id == batch[4].customer.id
    assert len({one.customer.id for one in batch}) == 5


async def _opens(database: Database, mails: list[int], messages: list[Message], ready: asyncio.Barrier) -> str:
    openings = [Opening("support", one, MORNING, mail) for one, mail in zip(messages, mails, strict=True)]
    try:
        async with database.transaction() as tx:
            await tx.queues.all()
            await ready.wait()
            await tx.inquiries.open(openings)
    except Conflict:
        return "conflict"
    return "opened"


async def test_two_who_make_the_same_customers_at_once_decide_anew(on_postgresql: Database) -> None:
    """Also where their batches hold the addresses in opposite order, in which naive rows would deadlock."""
    await a_queue(on_postgresql)
    messages = [a_message(from_address=f"c{n}@example.com") for n in range(40)]
    ready = asyncio.Barrier(2)
    outcomes = await asyncio.gather(
        _opens(on_postgresql, await stored_mails(on_postgresql, 40), messages, ready),
        _opens(on_postgresql, await stored_mails(on_postgresql, 40), messages[::-1], ready),
    )
    assert sorted(outcomes) == ["conflict", "opened"]
    again = await opened(on_postgresql, *messages)
    async with on_postgresql.snapshot() as tx:
        _, total = await tx.inquiries.waiting(None, 0, 1)
    assert (len({one.customer.id for one in again}), total) == (40, 80)


@pytest.mark.parametrize("address", ["ito@example.com", "伊藤@example.com", "İTO@example.com"])
async def test_whatever_is_in_an_address_it_is_found_again(database: Database, address: str) -> None:
    await a_queue(database)
    (one,) = await opened(database, a_message(from_address=address))
    (again,) = await opened(database, a_message(from_address=address))
    assert one.customer.id == again.customer.id
