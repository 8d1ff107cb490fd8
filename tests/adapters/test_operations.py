"""What operators see: /healthz and /metrics over HTTP, and logs that tell no secrets and no mails."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.operations.logs import MASK, QUIET, set_up_logs
from adapters.operations.metrics import COUNTERS, Metrics
from adapters.operations.server import Server
from adapters.workspace.people import SAMPLE_PEOPLE
from adapters.workspace.platform import Workspace
from bot.app import system_clock
from bot.health import Health
from bot.ports import MessageRef
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, opened
from tests.support.ageing import outbox_ages
from tests.support.clock import Clock


@dataclass
class Mailbox:
    """The part of an inbox that health asks."""

    name: str = "spool:var/spool"
    trouble: str = ""


@dataclass
class Desk:
    """A running server with what it serves from."""

    url: str
    metrics: Metrics
    mailbox: Mailbox
    workspace: Workspace

    async def healthz(self) -> tuple[int, dict[str, dict[str, object]]]:
        """The status code, and what is told of each part."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/healthz") as answer:
            told = await answer.json()
        assert told["status"] == ("ok" if answer.status == 200 else "trouble")
        return answer.status, told["parts"]

    async def samples(self) -> dict[str, float]:
        """Every sample of /metrics without buckets, as written: name{label="value"}."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/metrics") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
            families = list(text_string_to_metric_families(await answer.text()))
        return {
            sample.name + "".join(f"{{{key}={value}}}" for key, value in sample.labels.items()): sample.value
            for family in families
            for sample in family.samples
            if not sample.name.endswith(("_bucket", "_created"))
        }


async def serve(database: Database, clock: Clock, folder: Path) -> AsyncIterator[Desk]:
    workspace = Workspace(folder, ["support"], SAMPLE_PEOPLE, None, clock, lambda _: {}, lambda _: [])
    mailbox, metrics = Mailbox(), Metrics()
    now = clock if database.is_sqlite else system_clock
    health = Health(database, [mailbox], [workspace], now)  # type: ignore[list-item] # health asks no more of it
    server = Server("127.0.0.1", 0, health.parts, metrics, [])
    port = await server.open()
    yield Desk(f"http://127.0.0.1:{port}", metrics, mailbox, workspace)
    await server.close()


@pytest.fixture
async def desk(database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[Desk]:
    async for one in serve(database, clock, tmp_path):
        yield one


@pytest.fixture
async def desk_without_database(clock: Clock, tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'x.db'}", clock)
    async for one in serve(database, clock, tmp_path):
        yield one
    await database.close()


# --- health -------------------------------------------------------------------------------------------------


async def test_health_tells_of_each_part_when_all_is_well(desk: Desk) -> None:
    status, parts = await desk.healthz()
    assert status == 200
    assert {name: part["ok"] for name, part in parts.items()} == {
        "store": True,
        "outbox": True,
        "nudges": True,
        "intake": True,
        "mailbox spool:var/spool": True,
        "platform workspace": True,
    }
    assert [parts["outbox"][figure] for figure in ("pending", "ambiguous", "refused", "oldest_pending_seconds")] == [
        0
    ] * 4


async def test_a_mailbox_in_trouble_is_named_with_its_sentence(desk: Desk) -> None:
    desk.mailbox.trouble = "The spool folder var/spool cannot be used."
    status, parts = await desk.healthz()
    assert status == 503
    assert parts["mailbox spool:var/spool"] == {"ok": False, "trouble": desk.mailbox.trouble}
    assert parts["platform workspace"]["ok"]


async def test_a_database_that_is_down_is_told_and_metrics_still_answer(desk_without_database: Desk) -> None:
    status, parts = await desk_without_database.healthz()
    assert status == 503
    assert "Check DATABASE_URL" in str(parts["store"]["trouble"])
    assert await desk_without_database.samples()


async def test_waiting_messages_are_counted_and_are_no_trouble_while_they_are_young(
    desk: Desk, database: Database
) -> None:
    await a_queue(database, "support", SUPPORT)
    await opened(database, a_message(), a_message())
    status, parts = await desk.healthz()
    assert (status, parts["outbox"]["pending"]) == (200, 2)


async def test_delivery_that_does_not_keep_up_is_trouble(desk: Desk, database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    await opened(database)
    await outbox_ages(database, timedelta(minutes=7))
    status, parts = await desk.healthz()
    assert status == 503
    assert "has waited for 7 minutes" in str(parts["outbox"]["trouble"])
    assert 420 <= float(str(parts["outbox"]["oldest_pending_seconds"])) < 480


async def test_refused_messages_are_trouble_until_somebody_mends_the_cause(desk: Desk, database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    await opened(database)
    async with database.transaction() as tx:
        (sending,) = await tx.outbox.take(SUPPORT, "me", timedelta(minutes=1), 9)
        await tx.outbox.refuse(sending, "me", "channel_not_found")
    status, parts = await desk.healthz()
    assert (status, parts["outbox"]["refused"]) == (503, 1)
    assert "doctor" in str(parts["outbox"]["trouble"])
    assert (await desk.samples())["madoguchi_outbox_refused"] == 1

    async with database.transaction() as tx:
        await tx.outbox.retry_refused()
        (sending,) = await tx.outbox.take(SUPPORT, "me", timedelta(minutes=1), 9)
        await tx.outbox.sent(sending, "me", MessageRef("support", "1"))
    assert (await desk.healthz())[0] == 200


# --- metrics ------------------------------------------------------------------------------------------------


async def test_the_metrics_that_dashboards_rely_on(desk: Desk, database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    await opened(database)
    desk.metrics.count("madoguchi_inquiries_opened_total", queue="support")
    desk.metrics.count("madoguchi_inquiries_opened_total", 2, queue="返品")
    desk.metrics.count("madoguchi_cards_delivered_total", platform="workspace")
    desk.metrics.count("madoguchi_mails_total", outcome="opened")
    desk.metrics.observe("madoguchi_delivery_seconds", 0.2, platform="workspace")
    samples = await desk.samples()
    assert {
        "madoguchi_inquiries_opened_total{queue=support}": 1,
        "madoguchi_inquiries_opened_total{queue=返品}": 2,
        "madoguchi_cards_delivered_total{platform=workspace}": 1,
        "madoguchi_mails_total{outcome=opened}": 1,
        "madoguchi_delivery_seconds_count{platform=workspace}": 1,
        "madoguchi_delivery_seconds_sum{platform=workspace}": 0.2,
        "madoguchi_outbox_pending": 1,
        "madoguchi_outbox_ambiguous": 0,
        "madoguchi_outbox_refused": 0,
        "madoguchi_outbox_oldest_seconds": samples["madoguchi_outbox_oldest_seconds"],
    }.items() <= samples.items()


def test_a_metric_that_is_not_in_the_table_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Metrics().count("madoguchi_surprises_total")
    assert all(name.endswith("_total") for name in COUNTERS)


def test_two_desks_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.count("madoguchi_mails_total", outcome="opened")
    assert b'outcome="opened"' in one.exposition()
    assert b'outcome="opened"' not in other.exposition()


# --- logs ---------------------------------------------------------------------------------------------------

SECRETS = ["open-sesame", 'pa"ss\\wörd', "open-sesame-longer"]
BODY = "my account is 1234567"
Told = Callable[[], list[str]]
FORMATS = pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Told]:
    """The lines that were logged since; afterwards the logs are as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield lambda: capsys.readouterr().err.splitlines()
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


log = logging.getLogger("bot.somewhere")


def test_json_logs_are_one_object_a_line_whatever_is_said(told: Told) -> None:
    set_up_logs("info", True, [])
    log.info("問い合わせ\nin two lines", extra={"number": 1042, "place": Path("var")})
    fail_with("an error\nof two lines")
    first, second = [json.loads(line) for line in told()]
    assert (first["event"], first["level"], first["logger"]) == ("問い合わせ\nin two lines", "info", "bot.somewhere")
    assert first["number"] == 1042
    assert first["timestamp"].endswith("Z")
    assert "ValueError: an error\nof two lines" in second["exception"]


@FORMATS
def test_what_is_less_than_the_level_is_not_told(told: Told, as_json: bool) -> None:
    set_up_logs("warning", as_json, [])
    log.info("unimportant")
    log.warning("important %s", "news")
    (line,) = told()
    assert "important news" in line


def test_only_a_terminal_is_told_in_colours(told: Told) -> None:
    set_up_logs("info", False, [])
    log.info("plain")
    assert "\x1b" not in "".join(told())


@FORMATS
@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_masked_wherever_they_stand(told: Told, as_json: bool, secret: str) -> None:
    set_up_logs("info", as_json, SECRETS)
    log.info("said: %s", secret)
    log.info("shown: %r", secret)
    log.info("beside", extra={"url": f"postgresql://hana:{secret}@db/desk", "more": [secret]})
    fail_with(f"could not log in with {secret}")
    text = "\n".join(told())
    assert text.count(MASK) >= 5
    assert "could not log in with ***" in text
    for spelling in (
        secret,
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ):
        assert spelling not in text


def test_no_secrets_mask_nothing(told: Told) -> None:
    set_up_logs("info", False, ["", "a"])
    log.info("a plain sentence")
    assert "a plain sentence" in told()[0]


@FORMATS
def test_tracebacks_do_not_show_what_variables_hold(told: Told, as_json: bool) -> None:
    set_up_logs("debug", as_json, [])
    fail_with("no luck", body=BODY)
    text = "\n".join(told())
    assert "ValueError: no luck" in text
    assert "in fail_with" in text
    assert BODY not in text


@FORMATS
async def test_the_database_does_not_tell_what_is_stored_not_even_when_it_fails(
    told: Told, as_json: bool, database: Database
) -> None:
    set_up_logs("debug", as_json, [])
    await a_queue(database)
    await opened(database, a_message(text=BODY, reply_text=BODY, subject=BODY, from_name=BODY))
    try:
        await opened(database, a_message(text=BODY, reply_text=BODY), queue=BODY)
    except Exception:
        log.exception("a mail could not be stored")
    text = "\n".join(told())
    assert "a mail could not be stored" in text
    assert "Error" in text
    assert BODY not in text


def fail_with(sentence: str, body: str = "") -> None:
    """Log an error as the boundaries do, with something private in a variable."""
    private = {"body": body}
    try:
        raise ValueError(sentence)
    except ValueError:
        log.exception("a part failed", extra={"letters": len(private["body"])})
