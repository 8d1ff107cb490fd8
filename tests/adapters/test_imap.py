"""Mail taken in by IMAP, on a real Dovecot and on a server of our own: every mail once, whatever happens on the way."""

import asyncio
import contextlib
import os
import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from imapclient import IMAPClient

from adapters.mail.imap.errors import FAULTS
from adapters.mail.imap.fetch import BATCH_BYTES, BATCH_MAILS, HEAD, LARGEST_MAIL
from adapters.mail.inbox import ImapInbox
from tests.fakes.imap import FakeImap
from tests.fakes.mail_storage import Leases, MailStorage
from tests.support.cut_line import Cut, CutLine, Moment
from tests.support.dovecot import PASSWORD
from tests.support.mailboxes import (
    DEAF,
    IMPATIENT,
    PATIENCE,
    QUICK,
    MailServer,
    inbox_of,
    mail,
    mailbox,
    taken_in,
    until,
    watching,
)

RENUMBERED = 10_000 if os.environ.get("MADOGUCHI_FULL") else 500
AT_ONCE = 6
"""Broken lines that are tried side by side."""


@pytest.fixture
def fake(fake_imap: FakeImap) -> FakeImap:
    return fake_imap


@pytest.fixture(params=["fake", "dovecot"])
def server(request: pytest.FixtureRequest) -> MailServer:
    """The test runs once on our own server and once on Dovecot, if there is one."""
    found: MailServer = request.getfixturevalue({"fake": "fake_imap", "dovecot": "dovecot"}[request.param])
    return found


@pytest.fixture
def user(server: MailServer, request: pytest.FixtureRequest) -> str:
    """Somebody with an empty mailbox, of this test alone."""
    name = "".join(one if one.isalnum() else "." for one in request.node.name.lower())
    server.mailbox(name)
    return name


@pytest.fixture
def storage() -> MailStorage:
    return MailStorage()


# --- every day ----------------------------------------------------------------------------------------------


async def test_new_mail_is_handed_over_as_it_comes(server: MailServer, user: str, storage: MailStorage) -> None:
    server.put(user, mail(1))
    inbox = inbox_of(mailbox(server.port, user), storage)
    async with taken_in(inbox, storage):
        await watching(inbox, storage)
        for number in (2, 3, 4):
            server.put(user, mail(number))
            await until(lambda number=number: mail(number) in storage.contents)  # type: ignore[misc]
        await until(lambda: len(server.seen(user)) == 3)
    assert storage.contents == [mail(2), mail(3), mail(4)]
    assert server.seen(user) == [mail(2), mail(3), mail(4)]
    assert inbox.trouble == ""
    identity = next(iter(storage.mails))
    assert identity[0] == "imap:support"
    assert {key[1] for key in storage.mails} == {str(storage.positions["imap:support"][0])}
    assert all(one.received_at.tzinfo and one.received_at <= datetime.now(UTC) for one in storage.new)


async def test_the_first_start_looks_back_as_far_as_asked(server: MailServer, user: str, storage: MailStorage) -> None:
    now = datetime.now(UTC)
    for number, days in ((1, 30), (2, 20), (3, 2), (4, 0)):
        server.put(user, mail(number), at=now - timedelta(days=days))
    async with taken_in(inbox_of(mailbox(server.port, user, look_back=7), storage), storage):
        await until(lambda: len(storage.new) == 2)
    assert storage.contents == [mail(3), mail(4)]


async def test_mail_that_comes_while_we_are_down_is_new(server: MailServer, user: str, storage: MailStorage) -> None:
    """Even when we went down after a first start that found nothing."""
    server.put(user, mail(1))
    inbox = inbox_of(mailbox(server.port, user), storage)
    async with taken_in(inbox, storage):
        await watching(inbox, storage)
    server.put(user, mail(2))
    async with taken_in(inbox_of(mailbox(server.port, user), storage), storage):
        await until(lambda: mail(2) in storage.contents)
    assert storage.contents == [mail(2)]


async def test_a_restart_hands_nothing_over_again(server: MailServer, user: str, storage: MailStorage) -> None:
    for number in range(5):
        server.put(user, mail(number))
    config = mailbox(server.port, user, look_back=1)
    async with taken_in(inbox_of(config, storage), storage):
        await until(lambda: storage.positions.get("imap:support", (0, 0))[1] == 5)
    server.put(user, mail(9))
    async with taken_in(inbox_of(config, storage), storage):
        await until(lambda: len(storage.new) == 6)
    assert set(storage.handed.values()) == {1}


async def test_nothing_is_marked_before_it_is_done(server: MailServer, user: str, storage: MailStorage) -> None:
    for number in range(3):
        server.put(user, mail(number))
    inbox = inbox_of(mailbox(server.port, user, look_back=1), storage)
    batches = inbox.batches()
    batch = await anext(batches)
    before = (server.seen(user), storage.positions["imap:support"])
    await inbox.done(batch)
    marked = len(server.seen(user))
    await batches.aclose()  # type: ignore[attr-defined]  # a generator, as all of them
    validity = before[1][0]
    assert before == ([], (validity, int(batch[0].uid) - 1))
    assert (marked, storage.positions["imap:support"]) == (3, (validity, int(batch[-1].uid)))


async def test_what_was_never_done_comes_again(server: MailServer, user: str, storage: MailStorage) -> None:
    server.put(user, mail(1))
    config = mailbox(server.port, user, look_back=1)
    handed = []
    for inbox in (inbox_of(config, storage), one := inbox_of(config, storage), one):
        batches = inbox.batches()
        handed.append([(each.validity, each.uid, each.content) for each in await anext(batches)])
        await batches.aclose()  # type: ignore[attr-defined]
    assert handed[0] == handed[1] == handed[2] != []
    assert server.seen(user) == []


@pytest.mark.parametrize("after", ["keep", "seen", "move:Done"])
async def test_mail_is_kept_marked_or_moved(server: MailServer, user: str, storage: MailStorage, after: str) -> None:
    server.contents(user, "Done")
    for number in range(3):
        server.put(user, mail(number))
    inbox = inbox_of(mailbox(server.port, user, look_back=1, after=after), storage)
    async with taken_in(inbox, storage):
        await until(lambda: storage.positions.get(inbox.name, (0, 0))[1] >= 3)
    counts = [len(server.contents(user)), len(server.seen(user)), len(server.contents(user, "Done"))]
    assert counts == {"keep": [3, 0, 0], "seen": [3, 3, 0], "move:Done": [0, 0, 3]}[after]
    assert inbox.trouble == ""


async def test_an_old_server_moves_in_three_steps(fake: FakeImap, storage: MailStorage) -> None:
    fake.capabilities = "IMAP4rev1 UIDPLUS"
    fake.folder("hana", "Done")
    fake.put("hana", mail(1))
    inbox = inbox_of(mailbox(fake.port, "hana", look_back=1, after="move:Done", poll_seconds=0.05), storage)
    async with taken_in(inbox, storage):
        await until(lambda: fake.contents("hana", "Done") == [mail(1)] and not fake.contents("hana"))
        fake.put("hana", mail(2))
        await until(lambda: fake.contents("hana", "Done") == [mail(1), mail(2)] and not fake.contents("hana"))
    assert "IDLE" not in fake.commands


async def test_the_sent_folder_is_watched_and_never_changed(
    server: MailServer, user: str, storage: MailStorage
) -> None:
    config = mailbox(server.port, user, sent_folder="auto", look_back=1)
    server.put(user, mail(1), "Sent")
    inbox = ImapInbox(config, storage, lambda: datetime.now(UTC), kind="sent", patience=QUICK)
    async with taken_in(inbox, storage):
        await until(lambda: len(storage.new) == 1)
        server.put(user, mail(2), "Sent")
        await until(lambda: len(storage.new) == 2)
    assert (inbox.name, inbox.kind) == ("imap:support:sent", "sent")
    assert server.seen(user, "Sent") == []


# --- many, large, alike -------------------------------------------------------------------------------------


async def test_a_thousand_mails_at_once(server: MailServer, user: str, storage: MailStorage) -> None:
    inbox = inbox_of(mailbox(server.port, user), storage)
    async with taken_in(inbox, storage):
        await watching(inbox, storage)
        for number in range(1000):
            server.put(user, mail(number))
        await until(lambda: len(server.seen(user)) == 1000)
    assert sorted(storage.contents) == sorted(mail(number) for number in range(1000))
    assert set(storage.handed.values()) == {1}


async def test_batches_are_limited_by_count_and_by_bytes(server: MailServer, user: str, storage: MailStorage) -> None:
    line = b"x" * 76 + b"\r\n"
    large = [mail(number) + line * (3 * 1024 * 1024 // len(line)) for number in range(4)]
    for content in (*large, *(mail(number) for number in range(4, 250))):
        server.put(user, content)
    inbox = inbox_of(mailbox(server.port, user, look_back=1), storage)
    batches = []
    async for batch in inbox.batches():
        storage.keep(batch)
        await inbox.done(batch)
        batches.append(batch)
        if len(storage.new) == 250:
            break
    assert sorted(storage.contents) == sorted(server.contents(user))
    assert max(map(len, batches)) == BATCH_MAILS
    assert max(sum(len(one.content) for one in batch) for batch in batches) <= BATCH_BYTES
    assert len(batches) <= 5


async def test_a_mail_that_is_deleted_meanwhile_is_passed_over(fake: FakeImap, storage: MailStorage) -> None:
    for number in range(3):
        fake.put("hana", mail(number))
    fake.pause = 0.1
    inbox = inbox_of(mailbox(fake.port, "hana", look_back=1), storage)
    async with taken_in(inbox, storage):
        await until(lambda: "UID FETCH" in fake.commands)
        del fake.folder("hana").mails[1]
        await until(lambda: storage.positions[inbox.name][1] == 3)
        assert inbox.trouble == ""
    assert storage.contents == [mail(0), mail(2)]


async def test_only_the_bytes_tell_mails_apart(server: MailServer, user: str, storage: MailStorage) -> None:
    """Message-IDs may be repeated, missing or broken; two mails may even be the same."""
    same = {"Message-ID": "<one@example.com>"}
    mails = [mail(1, **same), mail(2, **same), mail(3), mail(3), mail(4, **{"Message-ID": "<<>"}), mail(1, **same)]
    for content in mails:
        server.put(user, content)
    async with taken_in(inbox_of(mailbox(server.port, user, look_back=1), storage), storage):
        await until(lambda: len(storage.new) == len(mails))
    assert storage.contents == mails


async def test_strange_mails_are_mails_too(server: MailServer, user: str, storage: MailStorage) -> None:
    mails = [b"", b"\r\n", mail(1), b"\x80\xff\r\n" * 10, b"{5}\r\n* 1 FETCH (UID 1)\r\n", mail(2)]
    for content in mails:
        server.put(user, content)
    inbox = inbox_of(mailbox(server.port, user, look_back=1), storage)
    async with taken_in(inbox, storage):
        await until(lambda: len(storage.new) == len(mails), lambda: inbox.trouble)
    assert storage.contents == mails


async def test_a_date_that_makes_no_sense_costs_nothing(fake: FakeImap, storage: MailStorage) -> None:
    fake.undated = {2}
    for number in range(3):
        fake.put("hana", mail(number))
    async with taken_in(inbox_of(mailbox(fake.port, "hana", look_back=1), storage), storage):
        await until(lambda: len(storage.new) == 3)
    assert fake.logins == 1
    assert all(one.received_at.tzinfo for one in storage.new)


async def test_of_a_monster_only_the_beginning_is_taken(fake: FakeImap, storage: MailStorage) -> None:
    monster = mail(2) + b"x" * LARGEST_MAIL
    for content in (mail(1), monster, mail(3)):
        fake.put("hana", content)
    async with taken_in(inbox_of(mailbox(fake.port, "hana", look_back=1), storage), storage):
        await until(lambda: len(storage.new) == 3)
    assert storage.contents == [mail(1), monster[:HEAD], mail(3)]
    assert fake.contents("hana")[1] == monster


async def test_a_mail_costs_six_round_trips(fake: FakeImap, storage: MailStorage) -> None:
    """And one more look at the end, for what came meanwhile."""
    fake.mailbox("hana")
    async with taken_in(inbox_of(mailbox(fake.port, "hana"), storage), storage):
        for number in range(3):
            await until(lambda: fake.idle == 1)
            fake.commands.clear()
            fake.put("hana", mail(number))
            await until(lambda: "IDLE" in fake.commands)
            assert fake.commands == ["UID SEARCH", "UID FETCH", "UID FETCH", "UID STORE", "UID SEARCH", "IDLE"]


@pytest.mark.parametrize("is_left_out", [True, False])
async def test_a_mail_that_the_server_does_not_give_out_holds_up_no_other(
    fake: FakeImap, storage: MailStorage, is_left_out: bool
) -> None:
    for number in range(1, 6):
        fake.put("hana", mail(number))
    left_out = fake.unreadable if is_left_out else fake.unfetchable
    left_out.add(2)
    inbox = inbox_of(mailbox(fake.port, "hana", look_back=1, poll_seconds=0.05), storage)
    async with taken_in(inbox, storage):
        await until(lambda: len(storage.new) == 4)
        await until(lambda: "the first is UID 2" in inbox.trouble, lambda: inbox.trouble)
        await until(lambda: storage.positions[inbox.name][1] == 1)
        left_out.clear()
        await until(lambda: storage.positions[inbox.name][1] == 5)
        assert inbox.trouble == ""
    assert storage.contents == [mail(1), mail(3), mail(4), mail(5), mail(2)]
    assert set(storage.handed.values()) == {1}


# --- lines that break ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", Moment)
async def test_the_line_breaks_at_every_step(server: MailServer, user: str, moment: Moment) -> None:
    """Every mail is handed over at least once, and by its identity exactly once; all are marked in the end."""
    broken = 0
    for first in count(step=AT_ONCE):
        steps = range(first, first + AT_ONCE)
        cuts = await asyncio.gather(*(_broke(server, f"{user}{step}", Cut(step, moment)) for step in steps))
        broken += sum(cuts)
        if not all(cuts):
            break
    assert 10 <= broken < 100


async def _broke(server: MailServer, user: str, cut: Cut) -> bool:
    """Take in three mails and one more over a line that breaks there; False when it was never that long."""
    server.mailbox(user)
    for number in range(3):
        server.put(user, mail(number))
    storage = MailStorage()
    line = await CutLine(server.port, cut).open()
    patience = IMPATIENT if cut.moment is Moment.HANG else QUICK
    inbox = inbox_of(mailbox(line.port, user, look_back=1, poll_seconds=0.4), storage, patience)
    async with taken_in(inbox, storage):
        await until(lambda: len(server.seen(user)) == 3, lambda: (cut, inbox.trouble))
        server.put(user, mail(3))
        await until(lambda: len(server.seen(user)) == 4, lambda: (cut, inbox.trouble))
        await until(lambda: inbox.trouble == "", lambda: (cut, inbox.trouble))
    await line.close()
    assert storage.contents == [mail(number) for number in range(4)], cut
    return line.has_cut


async def test_who_lets_the_server_mark_what_it_fetches_loses_mail(fake: FakeImap) -> None:
    """The negative control: the usual way, new is what is unseen, fails where the test above passes."""
    lost = 0
    for step in range(4, 8):
        user = f"naive{step}"
        for number in range(3):
            fake.put(user, mail(number))
        line = await CutLine(fake.port, Cut(step, Moment.HALF)).open()
        kept: list[bytes] = []
        while len(fake.seen(user)) < 3:
            with contextlib.suppress(*FAULTS):
                await asyncio.to_thread(_taken_in_naively, line.port, user, kept)
        await line.close()
        lost += 3 - len(kept)
    assert lost > 0


def _taken_in_naively(port: int, user: str, kept: list[bytes]) -> None:
    with IMAPClient("127.0.0.1", port, ssl=False, timeout=5) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        kept += [said[b"BODY[]"] for said in client.fetch(client.search("UNSEEN"), ["BODY[]"]).values()]


async def test_a_server_that_says_goodbye_or_drops_us_is_met_again(fake: FakeImap, storage: MailStorage) -> None:
    inbox = inbox_of(mailbox(fake.port, "hana"), storage)
    fake.mailbox("hana")
    async with taken_in(inbox, storage):
        for number, end in enumerate((fake.drop, lambda: fake.say_bye("autologout"), fake.drop)):
            await until(lambda: fake.idle == 1)
            end()
            await until(lambda: fake.idle == 0)
            fake.put("hana", mail(number))
            await until(lambda number=number: mail(number) in storage.contents)  # type: ignore[misc]
        await until(lambda: fake.idle == 1 and inbox.trouble == "")
    assert fake.logins == 4
    assert set(storage.handed.values()) == {1}


async def test_a_line_of_news_may_come_in_two_packets(fake: FakeImap, storage: MailStorage) -> None:
    fake.splits_lines = True
    fake.mailbox("hana")
    async with taken_in(inbox_of(mailbox(fake.port, "hana"), storage), storage):
        for number in range(3):
            await until(lambda: fake.idle == 1)
            fake.put("hana", mail(number))
            await until(lambda number=number: mail(number) in storage.contents)  # type: ignore[misc]
    assert fake.logins == 1


async def test_news_that_come_with_the_answer_to_idle_are_heard(fake: FakeImap, storage: MailStorage) -> None:
    """They stand in the same packet: nothing is left to wait for, and select() would see nothing."""
    fake.pause = 0.2
    fake.mailbox("hana")
    async with taken_in(inbox_of(mailbox(fake.port, "hana"), storage), storage):
        await until(lambda: "IDLE" in fake.commands)
        assert fake.idle == 0, "the server still ponders"
        fake.put("hana", mail(1))
        await until(lambda: len(storage.new) == 1)
    assert fake.logins == 1


async def test_a_line_that_died_silently_is_noticed(server: MailServer, user: str, storage: MailStorage) -> None:
    line = await CutLine(server.port).open()
    inbox = inbox_of(mailbox(line.port, user, poll_seconds=0.2), storage, IMPATIENT)
    async with taken_in(inbox, storage):
        await watching(inbox, storage)
        line.die()
        server.put(user, mail(1))
        await until(lambda: len(storage.new) == 1)
    await line.close()
    assert line.has_cut


async def test_a_slow_server_is_waited_for(fake: FakeImap, storage: MailStorage) -> None:
    fake.pause = 0.1
    fake.put("hana", mail(1))
    inbox = inbox_of(mailbox(fake.port, "hana", look_back=1), storage)
    async with taken_in(inbox, storage):
        await until(lambda: len(fake.seen("hana")) == 1)
    assert fake.logins == 1


@pytest.mark.parametrize("command", ["CONNECT", "LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "IDLE"])
async def test_it_stops_at_once_even_where_the_server_hangs(fake: FakeImap, storage: MailStorage, command: str) -> None:
    """No timeout would end it: they are a minute."""
    fake.hangs = {command}
    fake.put("hana", mail(1))
    inbox = inbox_of(mailbox(fake.port, "hana", look_back=1), storage, DEAF)
    async with asyncio.timeout(PATIENCE):
        async with taken_in(inbox, storage):
            await until(lambda: command in fake.commands)
        await until(lambda: not fake.sessions)
        await until(lambda: "imap:support" not in {thread.name for thread in threading.enumerate()})


# --- other numbers ------------------------------------------------------------------------------------------


async def test_a_new_uidvalidity_brings_nothing_twice_and_loses_nothing(
    server: MailServer, user: str, storage: MailStorage
) -> None:
    """With old mail from before our time, mail that came meanwhile, a restart in the middle, and identical mails."""
    server.put(user, b"Subject: from before our time\r\n\r\n", at=datetime.now(UTC) - timedelta(days=400))
    config = mailbox(server.port, user)
    inbox = inbox_of(config, storage)
    async with taken_in(inbox, storage):
        await watching(inbox, storage)
        for number in range(RENUMBERED):
            server.put(user, mail(number))
        await until(lambda: storage.positions[inbox.name][1] > RENUMBERED, lambda: len(storage.new))
    before = storage.positions[inbox.name]
    server.renumber(user)
    for number in range(RENUMBERED, RENUMBERED + 150):
        server.put(user, mail(number))
    batches = inbox_of(config, storage).batches()
    storage.keep(await anext(batches))  # stored, and then we die
    await batches.aclose()  # type: ignore[attr-defined]
    assert storage.positions[inbox.name] == before
    inbox = inbox_of(config, storage)
    async with taken_in(inbox, storage):
        await until(lambda: storage.positions[inbox.name][0] != before[0], lambda: inbox.trouble)
        server.put(user, mail(RENUMBERED + 150))
        await until(lambda: mail(RENUMBERED + 150) in storage.contents)
        balance = await inbox.balance()
    assert sorted(storage.contents) == sorted(mail(number) for number in range(RENUMBERED + 151))
    assert balance is not None
    assert balance.missing == ()


async def test_the_numbers_may_change_while_we_are_connected(fake: FakeImap, storage: MailStorage) -> None:
    fake.mailbox("hana")
    inbox = inbox_of(mailbox(fake.port, "hana"), storage)
    async with taken_in(inbox, storage):
        await until(lambda: fake.idle == 1)
        for number in range(5):
            fake.put("hana", mail(number))
        await until(lambda: len(fake.seen("hana")) == 5)
        fake.renumber("hana")
        fake.drop()
        await until(lambda: storage.positions[inbox.name] == (1001, 7))
        fake.put("hana", mail(5))
        await until(lambda: len(storage.new) == 6)
    assert storage.contents == [mail(number) for number in range(6)]


# --- replicas -----------------------------------------------------------------------------------------------


async def test_one_replica_owns_the_mailbox_and_another_takes_over(fake: FakeImap, storage: MailStorage) -> None:
    fake.mailbox("hana")
    leases = Leases()
    config = mailbox(fake.port, "hana")
    first, second = (inbox_of(config, storage, QUICK, leases.of(name)) for name in ("first", "second"))
    async with contextlib.AsyncExitStack() as all_at_work:
        first_at_work = contextlib.AsyncExitStack()
        await first_at_work.enter_async_context(taken_in(first, storage))
        await until(lambda: fake.idle == 1)
        await all_at_work.enter_async_context(taken_in(second, storage))
        fake.put("hana", mail(1))
        await until(lambda: len(storage.new) == 1)
        assert (fake.logins, first.trouble, second.trouble) == (1, "", "")
        await first_at_work.aclose()
        fake.put("hana", mail(2))
        await until(lambda: len(storage.new) == 2)
    assert fake.logins == 2
    assert set(storage.handed.values()) == {1}


async def test_a_replica_that_lost_its_lease_leaves_the_mailbox(fake: FakeImap, storage: MailStorage) -> None:
    fake.mailbox("hana")
    leases = Leases()
    config = mailbox(fake.port, "hana")
    one, other = leases.of("one"), leases.of("other")
    async with taken_in(inbox_of(config, storage, QUICK, one), storage):
        await until(lambda: fake.idle == 1)
        one.is_cut_off = True
        leases.die("one")
        await until(lambda: not fake.sessions)
        async with taken_in(inbox_of(config, storage, QUICK, other), storage):
            await until(lambda: fake.idle == 1)
            fake.put("hana", mail(1))
            await until(lambda: len(fake.seen("hana")) == 1)
    assert set(storage.handed.values()) == {1}


async def test_a_replica_that_fails_lets_another_try_and_complains_no_more(
    fake: FakeImap, storage: MailStorage
) -> None:
    """The fault may lie in its own network: mail comes in all the same."""
    fake.mailbox("hana")
    leases = Leases()
    line = await CutLine(fake.port).open()
    await line.close()
    failing = inbox_of(mailbox(line.port, "hana"), storage, QUICK, leases.of("failing"))
    well = inbox_of(mailbox(fake.port, "hana"), storage, QUICK, leases.of("well"))
    async with taken_in(failing, storage):
        await until(lambda: "Nothing listens" in failing.trouble)
        async with taken_in(well, storage):
            await until(lambda: fake.idle == 1)
            fake.put("hana", mail(1))
            await until(lambda: len(fake.seen("hana")) == 1)
            await until(lambda: failing.trouble == "", lambda: failing.trouble)
        await until(lambda: "Nothing listens" in failing.trouble)


async def test_a_database_that_is_down_stops_nothing_for_good(fake: FakeImap, storage: MailStorage) -> None:
    fake.put("hana", mail(1))
    storage.is_down = True
    inbox = inbox_of(mailbox(fake.port, "hana", look_back=1), storage)
    async with taken_in(inbox, storage):
        await until(lambda: "database" in inbox.trouble)
        storage.is_down = False
        await until(lambda: len(fake.seen("hana")) == 1 and inbox.trouble == "")
        storage.is_down = True
        fake.put("hana", mail(2))
        await until(lambda: len(fake.seen("hana")) == 2)
        storage.is_down = False
        await until(lambda: storage.positions[inbox.name][1] == 2)
    assert storage.contents == [mail(1), mail(2)]


async def test_the_balance_names_what_is_missing(server: MailServer, user: str, storage: MailStorage) -> None:
    server.put(user, mail(0))
    inbox = inbox_of(mailbox(server.port, user), storage)
    assert await inbox.balance() is None
    async with taken_in(inbox, storage):
        await watching(inbox, storage)
        for number in range(1, 4):
            server.put(user, mail(number))
        await until(lambda: storage.positions[inbox.name][1] == 4)
        fair = await inbox.balance()
        assert inbox.trouble == ""
        lost = sorted(storage.mails)[1]
        del storage.mails[lost]
        unfair = await inbox.balance()
        assert "has mails that are not stored here: 1 (UID 3)" in inbox.trouble
    assert fair is not None
    assert unfair is not None
    assert (fair.server_count, fair.missing) == (3, ())
    assert (unfair.server_count, unfair.missing) == (3, (3,))
