"""The whole desk on a mailbox of a real Dovecot, and of a server of our own: from the INBOX to the card, and back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.app import App
from bot.doctor import examine
from tests.fakes.chat import FakeChat
from tests.fakes.imap import FakeImap
from tests.journeys.driver import FREE, Channel, SeenCard, sequence
from tests.journeys.mail_desk import AKI, DESK, MailDesk, SickStore, letter, mailbox, settings_with
from tests.support.certificate import make_certificate
from tests.support.desk_process import Desks, Order
from tests.support.dovecot import HOW_TO_GET, Dovecot, dovecot_server
from tests.support.mailboxes import MailServer
from tests.support.needs import need

OpenDesk = Callable[..., Awaitable[MailDesk]]


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    with dovecot_server(*make_certificate(tmp_path_factory.mktemp("certificate"))) as server:
        need("dovecot", server is not None, HOW_TO_GET)
        assert server is not None
        yield server


@pytest.fixture
async def fake() -> AsyncIterator[FakeImap]:
    server = FakeImap()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(params=["fake", "dovecot"])
def server(request: pytest.FixtureRequest) -> MailServer:
    """The test runs once on our own server and once on Dovecot, if there is one."""
    found: MailServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def user(server: MailServer, request: pytest.FixtureRequest) -> str:
    """Somebody with an empty mailbox, of this test alone."""
    name = "".join(one if one.isalnum() else "." for one in request.node.name.lower())
    server.mailbox(name)
    return name


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Opens a desk with these mailboxes: `await open_desk(url, support=mailbox(...))`."""
    async with AsyncExitStack() as closing:

        async def opened(
            url: str, prepare: Callable[[App], None] = lambda _: None, more: dict[str, Any] | None = None, **boxes: Any
        ) -> MailDesk:
            desk = MailDesk(App(settings_with(tmp_path, url, boxes, **(more or {}))))
            prepare(desk.app)
            await desk.start()
            closing.push_async_callback(desk.stop)
            return desk

        yield opened


def with_badge(channel: Channel, badge: str) -> SeenCard | Literal[False]:
    """The card of #1001 once it has this badge."""
    card = channel.card("#1001")
    return card if card.badge == badge else False


# --- a day at the desk --------------------------------------------------------------------------------------


async def test_a_mail_in_the_inbox_becomes_a_card(
    open_desk: OpenDesk, server: MailServer, user: str, database_url: str
) -> None:
    _, old = letter("from before the desk was there")
    server.put(user, old)
    desk = await open_desk(database_url, support=mailbox(server.port, user))
    _, new = letter()
    server.put(user, new)

    card = await desk.channel().shows("#1001", *FREE)

    assert card.title == "#1001 Where is my parcel?"
    assert card.quote == "It should have come on Monday."
    await desk.until(lambda: server.seen(user) == [new])
    assert await desk.troubles() == {}
    assert await desk.inquiries() == [("support", "ito@example.com", "Where is my parcel?")]


async def test_an_answer_from_any_mail_program_counts_and_the_customers_reply_opens_it_again(
    open_desk: OpenDesk, server: MailServer, user: str, database_url: str
) -> None:
    desk = await open_desk(database_url, support=mailbox(server.port, user, sent_folder="Sent"))
    asked, question = letter()
    server.put(user, question)
    await desk.channel().shows("#1001")

    answered, answer = letter("Re: parcel", "It comes today.", sender=("Hana", DESK[1]), to=AKI, answers=asked)
    server.put(user, answer, "Sent")
    card = await desk.channel().until(lambda here: with_badge(here, "Waiting on customer"))
    assert card.tone == "waiting"
    told = await desk.channel().until(lambda here: here.thread("#1001"))
    assert [(one.title, one.quote) for one in told] == [("Hana answered by mail", "It comes today.")]

    _, reply = letter("Re: Re: parcel", "It did not come.", answers=answered)
    server.put(user, reply)
    await desk.channel().until(lambda here: here.card("#1001").badge == "Open")
    told = await desk.channel().until(lambda here: len(here.thread("#1001")) == 2 and here.thread("#1001"))
    assert told[1].quote == "It did not come."
    assert sequence(desk.channel().cards) == [1001]
    assert "3 messages" in desk.channel().card("#1001").footer
    await desk.until(lambda: len(server.seen(user)) == 2)
    assert server.seen(user, "Sent") == []


async def test_what_else_was_sent_is_nobodys_business(
    open_desk: OpenDesk, server: MailServer, user: str, sqlite_url: str
) -> None:
    desk = await open_desk(sqlite_url, support=mailbox(server.port, user, sent_folder="auto"))
    _, private = letter("Lunch?", sender=("Hana", DESK[1]), to=("Ken", "ken@example.com"))
    server.put(user, private, "Sent")
    await desk.until(lambda: b'outcome="unrelated"' in desk.app.metrics.exposition())
    _, question = letter()
    server.put(user, question)
    await desk.channel().shows("#1001")
    assert sequence(desk.channel().cards) == [1001]


async def test_a_mail_to_two_mailboxes_is_an_inquiry_in_each(
    open_desk: OpenDesk, server: MailServer, user: str, database_url: str
) -> None:
    server.mailbox(f"{user}2")
    boxes = {"support": mailbox(server.port, user), "shop": mailbox(server.port, f"{user}2", queue="sales")}
    desk = await open_desk(database_url, **boxes)
    _, same = letter()
    server.put(user, same)
    server.put(f"{user}2", same)
    await desk.channel("support").until(lambda here: len(here.cards) == 1)
    await desk.channel("sales").until(lambda here: len(here.cards) == 1)
    await desk.until(lambda: server.seen(user) == server.seen(f"{user}2") == [same])
    found = await desk.inquiries()
    assert sorted(found) == [(queue, "ito@example.com", "Where is my parcel?") for queue in ("sales", "support")]


async def test_the_customer_of_a_form_is_who_filled_it_in(open_desk: OpenDesk, fake: FakeImap, sqlite_url: str) -> None:
    fake.mailbox("hana")
    more = {"form_senders": ("form@shop.example.com",)}
    desk = await open_desk(sqlite_url, more=more, support=mailbox(fake.port, "hana"))
    text = "お名前：山田花子\nメールアドレス：yamada@example.com\n件名：返品\nお問い合わせ内容：\n返品したいです。"
    _, filled = letter("New message", text, sender=("Shop", "form@shop.example.com"), Auto_Submitted="auto-generated")
    fake.put("hana", filled)
    card = await desk.channel().shows("#1001")
    assert (card.title, card.quote) == ("#1001 返品", "返品したいです。")
    assert card.fields is not None
    assert "山田花子" in card.fields["Customer"]
    assert await desk.inquiries() == [("support", "yamada@example.com", "返品")]


async def test_our_own_list_is_no_robot_and_others_are(open_desk: OpenDesk, fake: FakeImap, sqlite_url: str) -> None:
    fake.mailbox("hana")
    more = {"own_lists": ("help@example.com",)}
    desk = await open_desk(sqlite_url, more=more, support=mailbox(fake.port, "hana"))
    _, news = letter("Our newest offers", List_Id="<news.example.net>", Precedence="bulk")
    _, ours = letter("Through our group", List_Id="<help.example.com>", Precedence="list")
    fake.put("hana", news)
    fake.put("hana", ours)
    card = await desk.channel().shows("#1001")
    assert card.title == "#1001 Through our group"
    assert await desk.inquiries() == [("support", "ito@example.com", "Through our group")]
    assert len(fake.seen("hana")) == 2


# --- mail that means no good --------------------------------------------------------------------------------


async def test_a_flood_folds_into_one_card_and_the_next_mail_gets_its_own(
    open_desk: OpenDesk, server: MailServer, user: str, database_url: str
) -> None:
    desk = await open_desk(database_url, more={"flood_limit": 3}, support=mailbox(server.port, user))
    for number in range(60):
        server.put(user, letter(f"alarm {number}", sender=("Monitor", "monitor@example.com"))[1])
    server.put(user, letter("Where is my parcel?")[1])
    await desk.channel().until(lambda here: len(here.cards) == 4)
    await desk.until(lambda: len(server.seen(user)) == 61)
    await desk.channel().until(lambda here: any("58 messages" in one.footer for one in here.cards))
    (folded,) = (one for one in desk.channel().cards if "58 messages" in one.footer)
    assert "alarm" in folded.title
    counts = Counter(sender for _, sender, _ in await desk.inquiries())
    assert counts == {"monitor@example.com": 3, "ito@example.com": 1}


async def test_mail_that_cannot_be_read_becomes_a_card_and_so_does_the_next(
    open_desk: OpenDesk, server: MailServer, user: str, sqlite_url: str
) -> None:
    desk = await open_desk(sqlite_url, support=mailbox(server.port, user))
    server.put(user, letter("before")[1])
    server.put(user, b"X-Endless: " + b"x" * 70_000 + b"\r\n\r\nhello")
    server.put(user, letter("behind")[1])
    await desk.channel().until(lambda here: len(here.cards) == 3)
    cards = {one.title.partition(" ")[2]: one for one in desk.channel().cards}
    assert set(cards) == {"before", "Unreadable mail", "behind"}
    assert cards["Unreadable mail"].tone == "alert"
    await desk.until(lambda: len(server.seen(user)) == 3)
    assert await desk.troubles() == {}


# --- trouble ------------------------------------------------------------------------------------------------


async def test_a_wrong_password_is_told_in_words(
    open_desk: OpenDesk, server: MailServer, user: str, sqlite_url: str
) -> None:
    if isinstance(server, FakeImap):
        server.folder(user)
    desk = await open_desk(sqlite_url, support=mailbox(server.port, user, password="swordfish"))
    told = await desk.trouble_of("mailbox imap:support", "refused the password")
    assert f"127.0.0.1 refused the password of {user}" in told
    assert "app password" in told
    assert "swordfish" not in told
    findings = {one.part: one for one in await examine(desk.app.settings)}
    assert not findings["mailbox support"].well
    assert f"refused the password of {user}" in findings["mailbox support"].found
    assert "MAILBOXES__SUPPORT__" in findings["mailbox support"].remedy


async def test_the_doctor_finds_a_good_mailbox_well(
    server: MailServer, user: str, sqlite_url: str, tmp_path: Path
) -> None:
    boxes = {"support": mailbox(server.port, user, sent_folder="auto")}
    findings = {one.part: one for one in await examine(settings_with(tmp_path, sqlite_url, boxes))}
    assert findings["mailbox support"].well, findings["mailbox support"]


async def test_a_server_that_went_away_and_came_back_is_watched_again(
    open_desk: OpenDesk, fake: FakeImap, sqlite_url: str
) -> None:
    fake.mailbox("hana")
    desk = await open_desk(sqlite_url, support=mailbox(fake.port, "hana"))
    fake.put("hana", letter("before")[1])
    await desk.channel().shows("#1001")
    port = fake.port
    await fake.close()
    await desk.trouble_of("mailbox imap:support", f"127.0.0.1:{port}")
    fake.put("hana", letter("meanwhile")[1])
    await fake.open(port)
    await desk.channel().shows("#1002")
    fake.put("hana", letter("afterwards")[1])
    await desk.channel().shows("#1003")
    await desk.trouble_of("mailbox imap:support", "")
    assert sequence(desk.channel().cards) == [1001, 1002, 1003]
    await desk.until(lambda: len(fake.seen("hana")) == 3)


async def test_while_the_database_is_down_nothing_is_marked_and_afterwards_all_is_there(
    open_desk: OpenDesk, server: MailServer, user: str, database_url: str
) -> None:
    stores: list[SickStore] = []

    def fall_ill(app: App) -> None:
        stores.append(SickStore(app.store))
        app.store = stores[0]

    desk = await open_desk(database_url, fall_ill, support=mailbox(server.port, user))
    (store,) = stores
    store.is_down = True
    mails = [letter(f"question {number}", sender=("", f"c{number}@example.com"))[1] for number in range(30)]
    for content in mails:
        server.put(user, content)
    told = await desk.trouble_of("intake", "does not take mail")
    assert "no space left on device" in told
    assert "Mail waits in imap:support" in told
    assert server.seen(user) == []
    store.is_down = False
    await desk.channel().until(lambda here: len(here.cards) == 30)
    await desk.until(lambda: sorted(server.seen(user)) == sorted(mails))
    await desk.trouble_of("intake", "")
    assert len(await desk.inquiries()) == 30


# --- replicas -----------------------------------------------------------------------------------------------


async def test_of_two_replicas_one_watches_the_mailbox_and_the_other_takes_over(
    fake: FakeImap, postgres_url: str, tmp_path: Path
) -> None:
    fake.mailbox("hana")
    box = mailbox(fake.port, "hana").model_dump(mode="json")
    async with AsyncExitStack() as closing:
        chat = FakeChat()
        await chat.open()
        closing.push_async_callback(chat.close)
        desks = closing.enter_context(Desks())
        order = Order(postgres_url, (), chat.port, str(tmp_path / "desk.log"), mailboxes={"support": box})

        async def until(what: Callable[[], object]) -> None:
            async with asyncio.timeout(30):
                while not what():  # noqa: ASYNC110 - what happens elsewhere sets no event
                    await asyncio.sleep(0.02)

        def titles() -> list[str]:
            return sorted(one.card["title"].partition(" ")[2] for one in chat.messages)

        first = await asyncio.to_thread(desks.start, order)
        await until(lambda: fake.idle == 1)
        second = await asyncio.to_thread(desks.start, order)
        fake.put("hana", letter("one")[1])
        await until(lambda: titles() == ["one"])
        assert fake.logins == 1

        assert await asyncio.to_thread(desks.stop, first) == 0
        fake.put("hana", letter("two")[1])
        await until(lambda: titles() == ["one", "two"])
        assert fake.logins == 2

        third = await asyncio.to_thread(desks.start, order)
        fake.put("hana", letter("three")[1])
        await until(lambda: titles() == ["one", "three", "two"])
        assert fake.logins == 2
        await asyncio.to_thread(desks.kill, second)
        fake.put("hana", letter("four")[1])
        await until(lambda: titles() == ["four", "one", "three", "two"])
        assert fake.logins == 3
        assert len(fake.seen("hana")) == 4
        assert await asyncio.to_thread(desks.stop, third) == 0
        assert titles() == ["four", "one", "three", "two"]
