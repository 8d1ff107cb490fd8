"""The doctor: each thing that is set up wrongly is found and comes with how to mend it; nothing else is."""

import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from adapters.slack.check import REINSTALL
from bot.doctor import Finding, examine
from bot.operator import retry
from bot.settings import Settings
from storage.database import Database
from tests.builders import SUPPORT, a_queue, an_agent, opened
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord import Faults as DiscordFaults
from tests.fakes.discord_people import EMMA, IDEAS, ROBOT
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_faults import Faults
from tests.support.clock import MORNING


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """Settings with which all is well."""
    return healthy(tmp_path, sqlite_url)


def healthy(folder: Path, database_url: str, **more: Any) -> Settings:
    """Settings with which all is well, but for what is given."""
    given = {
        "database_url": database_url,
        "data_folder": folder,
        "http_host": "127.0.0.1",
        "http_port": 0,
        "workspace": "auto",
        "workspace_channels": ("support", "team"),
        "spool_folders": (("support", str(folder / "spool")),),
        "queue_channels": (("support", "workspace:support"),),
        "agents": (),
        "supervisors": (),
        **more,
    }
    return Settings(_env_file=None, **given)


def told(findings: list[Finding]) -> str:
    return "\n".join(str(one) for one in findings)


def ill(findings: list[Finding]) -> Finding:
    """The one finding that asks for something to be mended."""
    (found,) = [one for one in findings if not one.well]
    return found


async def test_all_is_well(tmp_path: Path, database_url: str) -> None:
    findings = await examine(healthy(tmp_path, database_url))
    assert [str(one)[0] for one in findings] == ["✓"] * len(findings)
    assert {one.part for one in findings} == {
        *("settings", "team", "queue support", "spool of support", "web", "database", "outbox", "service levels")
    }


async def test_a_new_database_is_set_up(tmp_path: Path, empty_url: str) -> None:
    findings = await examine(healthy(tmp_path, empty_url))
    assert all(one.well for one in findings)
    assert "database: it answers and is up to date; 0 people in the team" in told(findings)


@pytest.mark.parametrize(
    ("wrong", "part", "found", "remedy"),
    [
        ({"agents": ("workspace:hana",)}, "team", "nobody is a supervisor", "SUPERVISORS=workspace:emma"),
        ({"supervisors": ("teams:U1",)}, "team", "no platform 'teams'", "workspace, slack"),
        ({"supervisors": ("slack:U1",)}, "team", "slack:U1: Slack is off", "Set SLACK__BOT_TOKEN"),
        ({"supervisors": ("workspace:bob",)}, "team", "nobody called 'bob'", "hana, ken, emma"),
        ({"queue_channels": ()}, "queue support", "nowhere", "support=PLATFORM:CHANNEL"),
        ({"queue_channels": (("support", "teams:C1"),)}, "queue support", "no platform 'teams'", "workspace, slack"),
        ({"queue_channels": (("support", "slack:C1"),)}, "queue support", "Slack is off", "Set SLACK__BOT_TOKEN"),
        ({"supervisors": ("discord:1",)}, "team", "discord:1: Discord is off", "Set DISCORD__TOKEN"),
        ({"queue_channels": (("support", "discord:1"),)}, "queue support", "Discord is off", "Set DISCORD__TOKEN"),
        ({"slack": {"app_token": "xapp-sesame"}}, "slack", "the bot token is missing", "Set SLACK__BOT_TOKEN"),
        ({"queue_channels": (("support", "workspace:sales"),)}, "queue support", "'sales'", "WORKSPACE_CHANNELS"),
        ({"workspace": "off"}, "queue support", "the workspace is off", "WORKSPACE=on"),
        ({"spool_folders": ()}, "mail", "no mail can come in", "SPOOL_FOLDERS=support=var/spool"),
        ({"http_host": "0.0.0.0"}, "web", "for this machine only", "HTTP_HOST=127.0.0.1"),
        ({"database_url": "postgresql://hana:sesame@127.0.0.1:1/desk"}, "database", "cannot be used", "DATABASE_URL"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
async def test_what_is_wrong_is_found_with_its_remedy(
    wrong: dict[str, Any], part: str, found: str, remedy: str, tmp_path: Path, sqlite_url: str
) -> None:
    findings = await examine(healthy(tmp_path, **{"database_url": sqlite_url, **wrong}))
    finding = ill(findings)
    assert finding.part == part
    assert found in finding.found
    assert remedy in finding.remedy
    assert "sesame" not in told(findings)


@pytest.mark.parametrize("platform", ["Slack", "Discord"])
async def test_a_further_process_on_postgresql_may_leave_a_platform_to_another(
    tmp_path: Path, postgres_url: str, platform: str
) -> None:
    place, person = f"{platform.lower()}:support", f"{platform.lower()}:120000000000000002"
    somewhere = {"queue_channels": (("support", place),), "supervisors": (person,)}
    findings = await examine(healthy(tmp_path, postgres_url, **somewhere))
    assert all(one.well for one in findings)
    assert f"queue support: its cards are left to the process that serves {platform}" in told(findings)


async def test_a_further_process_on_postgresql_may_leave_the_workspace_to_another(
    tmp_path: Path, postgres_url: str
) -> None:
    findings = await examine(healthy(tmp_path, postgres_url, workspace="off"))
    assert all(one.well for one in findings)
    assert "queue support: its cards are left to the process that serves the workspace" in told(findings)


async def test_an_address_that_cannot_be_served(tmp_path: Path, sqlite_url: str) -> None:
    nowhere = healthy(tmp_path, sqlite_url, http_host="::1%nowhere", workspace="off", queue_channels=())
    web = next(one for one in await examine(nowhere) if one.part == "web")
    assert web.found.startswith("::1%nowhere:0 cannot be served (")
    assert "HTTP_HOST" in web.remedy


async def test_two_queues_with_one_spool(tmp_path: Path, sqlite_url: str) -> None:
    same = str(tmp_path / "spool")
    findings = await examine(
        healthy(
            tmp_path,
            sqlite_url,
            spool_folders=(("support", same), ("returns", f"{same}/../spool")),
            queue_channels=(("support", "workspace:support"), ("returns", "workspace:team")),
        )
    )
    assert "several queues take their mail from" in ill(findings).found


async def test_a_spool_folder_that_cannot_be_written(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "file").write_text("in the way")
    findings = await examine(healthy(tmp_path, sqlite_url, spool_folders=(("support", str(tmp_path / "file")),)))
    finding = ill(findings)
    assert (finding.part, finding.found) == ("spool of support", f"{tmp_path / 'file'} cannot be written")
    assert "SPOOL_FOLDERS" in finding.remedy


async def test_looking_leaves_nothing_in_the_spool(settings: Settings, tmp_path: Path) -> None:
    await examine(settings)
    assert [path for path in (tmp_path / "spool").rglob("*") if path.is_file()] == []


async def test_a_database_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finding = ill(await examine(healthy(tmp_path, f"sqlite:///{tmp_path}/file/x.db")))
    assert finding.part == "database"
    assert "DATABASE_URL" in finding.remedy


async def test_a_database_of_a_newer_version(tmp_path: Path, sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    assert "newer Madoguchi" in ill(await examine(healthy(tmp_path, sqlite_url))).found


# --- slack --------------------------------------------------------------------------------------------------


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    server = FakeSlack()
    await server.open()
    yield server
    await server.close()


def in_slack(server: FakeSlack, folder: Path, database_url: str, **more: Any) -> Settings:
    """Settings with which all is well in Slack, without a workspace of our own."""
    tokens = {"bot_token": server.bot_token, "app_token": server.app_token, "api_url": server.api_url}
    given = {"slack": tokens, "queue_channels": (("support", "slack:#support"),), "supervisors": ("slack:@U0EMMA",)}
    return healthy(folder, database_url, **{**given, **more})


async def test_all_is_well_in_slack(slack: FakeSlack, tmp_path: Path, sqlite_url: str) -> None:
    findings = await examine(in_slack(slack, tmp_path, sqlite_url))
    assert all(one.well for one in findings)
    assert "✓ slack: it answers, and the app has every right; events come by Socket Mode" in told(findings)
    assert "✓ queue support: its cards are shown in slack:#support" in told(findings)


async def test_what_slack_lacks_is_found(slack: FakeSlack, tmp_path: Path, sqlite_url: str) -> None:
    slack.set_faults(Faults(missing=["im:write"]))
    slack.kick_bot("support")
    settings = in_slack(slack, tmp_path, sqlite_url, agents=("slack:U0GONE",))
    assert {one.part: one.remedy for one in await examine(settings) if not one.well} == {
        "slack": REINSTALL,
        "slack:support": "Type /invite @Madoguchi in #support.",
        "slack:U0GONE": "Take slack:U0GONE out of AGENTS and SUPERVISORS.",
    }


async def test_the_tokens_are_shown_nowhere(slack: FakeSlack, tmp_path: Path, sqlite_url: str) -> None:
    slack.set_faults(Faults(revoked="token_revoked"))
    findings = await examine(in_slack(slack, tmp_path, sqlite_url))
    assert "token_revoked" in ill(findings).found
    assert slack.bot_token not in told(findings)
    assert slack.app_token not in told(findings)


async def test_without_anybody_named_nobody_is_a_supervisor_in_slack(
    slack: FakeSlack, tmp_path: Path, sqlite_url: str
) -> None:
    finding = ill(await examine(in_slack(slack, tmp_path, sqlite_url, supervisors=())))
    assert finding.found == "nobody is a supervisor"
    assert "SUPERVISORS=slack:U" in finding.remedy


@pytest.mark.parametrize("public_url", ["", "http://desk.example.com"])
async def test_over_http_slack_needs_our_address(
    slack: FakeSlack, tmp_path: Path, sqlite_url: str, public_url: str
) -> None:
    tokens = {"bot_token": slack.bot_token, "signing_secret": slack.signing_secret, "api_url": slack.api_url}
    finding = ill(await examine(in_slack(slack, tmp_path, sqlite_url, slack=tokens, public_url=public_url)))
    assert finding.found == "over HTTP Slack needs an https address of ours"
    assert "PUBLIC_URL" in finding.remedy
    findings = await examine(in_slack(slack, tmp_path, sqlite_url, slack=tokens, public_url="https://desk.example.com"))
    assert "✓ slack: it answers, and the app has every right; events come by HTTP" in told(findings)


# --- discord ------------------------------------------------------------------------------------------------


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    server = FakeDiscord()
    await server.open()
    yield server
    await server.close()


def in_discord(server: FakeDiscord, folder: Path, database_url: str, **more: Any) -> Settings:
    """Settings with which all is well in Discord, without a workspace of our own; `roles`: of its supervisors."""
    block = {
        "token": server.token,
        "guild": server.guild,
        "supervisor_roles": more.pop("roles", ()),
        "api_url": server.api_url,
        "gateway_url": server.gateway_url,
    }
    given = {
        "discord": block,
        "queue_channels": (("support", "discord:#support"),),
        "supervisors": (f"discord:{EMMA}",),
    }
    return healthy(folder, database_url, **{**given, **more})


async def test_all_is_well_in_discord(discord: FakeDiscord, tmp_path: Path, sqlite_url: str) -> None:
    findings = await examine(in_discord(discord, tmp_path, sqlite_url))
    assert all(one.well for one in findings)
    assert "✓ discord: it answers, and the bot has every permission; no privileged intent is needed" in told(findings)
    assert "✓ queue support: its cards are shown in discord:#support" in told(findings)


async def test_what_discord_lacks_is_found(discord: FakeDiscord, tmp_path: Path, sqlite_url: str) -> None:
    discord.deny("support", "create_public_threads")
    channels = (("support", "discord:support"), ("ideas", f"discord:{IDEAS}"))
    people = {"queue_channels": channels, "agents": (f"discord:{ROBOT}",), "roles": ("Leads",)}
    findings = [one for one in await examine(in_discord(discord, tmp_path, sqlite_url, **people)) if not one.well]
    assert {one.part: one.found.partition(":")[0] for one in findings} == {
        "discord:support": "the bot lacks the permission Create Public Threads in #support",
        f"discord:{IDEAS}": "#ideas is a forum",
        "DISCORD__SUPERVISOR_ROLES": "there is no role Leads where the bot is",
        f"discord:{ROBOT}": "robot is a bot, or not in the server, and cannot be of the team",
    }


async def test_the_token_of_discord_is_shown_nowhere(discord: FakeDiscord, tmp_path: Path, sqlite_url: str) -> None:
    discord.set_faults(DiscordFaults(revoked=True))
    findings = await examine(in_discord(discord, tmp_path, sqlite_url))
    assert "DISCORD__TOKEN" in ill(findings).remedy
    assert discord.token not in told(findings)


async def test_roles_of_discord_may_make_the_supervisors(discord: FakeDiscord, tmp_path: Path, sqlite_url: str) -> None:
    nobody = ill(await examine(in_discord(discord, tmp_path, sqlite_url, supervisors=())))
    assert nobody.found == "nobody is a supervisor"
    assert "SUPERVISORS=discord:1" in nobody.remedy
    findings = await examine(in_discord(discord, tmp_path, sqlite_url, supervisors=(), roles=("Supervisors",)))
    assert all(one.well for one in findings)


# --- the port -----------------------------------------------------------------------------------------------


class Answers(BaseHTTPRequestHandler):
    """A web server that answers every question with the server's `body`."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(self.server.body)  # type: ignore[attr-defined] # set by who made the server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def neighbour(body: object) -> Iterator[int]:
    """Somebody else on a port, who answers with this."""
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        server.body = body if isinstance(body, bytes) else json.dumps(body).encode()  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("body", [b"<h1>It works!</h1>", ["a", "list"], {"status": "ok"}, {"parts": 5}, b"\xff"])
async def test_another_program_on_our_port(tmp_path: Path, sqlite_url: str, body: object) -> None:
    with neighbour(body) as port:
        finding = ill(await examine(healthy(tmp_path, sqlite_url, http_port=port)))
    assert (finding.part, finding.found) == ("web", f"another program uses port {port}")
    assert "HTTP_PORT" in finding.remedy


async def test_a_program_on_our_port_that_speaks_another_language(tmp_path: Path, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=lambda: server.accept()[0].close())
        thread.start()
        port = server.getsockname()[1]
        finding = ill(await examine(healthy(tmp_path, sqlite_url, http_port=port)))
        thread.join()
    assert finding.found == f"another program uses port {port}"


async def test_madoguchi_itself_on_the_port_is_well(tmp_path: Path, sqlite_url: str) -> None:
    with neighbour({"status": "ok", "parts": {"store": {"ok": True, "trouble": ""}}}) as port:
        findings = await examine(healthy(tmp_path, sqlite_url, http_port=port))
    assert f"✓ web: Madoguchi runs, on port {port}" in told(findings)


async def test_the_trouble_of_the_madoguchi_that_runs_is_told(tmp_path: Path, sqlite_url: str) -> None:
    parts = {"store": {"trouble": ""}, "mailbox spool": {"trouble": "The spool folder cannot be used."}}
    with neighbour({"status": "trouble", "parts": parts}) as port:
        finding = ill(await examine(healthy(tmp_path, sqlite_url, http_port=port)))
    assert finding.found == f"Madoguchi runs, on port {port} and is in trouble"
    assert finding.remedy == "mailbox spool: The spool folder cannot be used."


# --- the outbox -------------------------------------------------------------------------------


async def test_refused_messages_are_named_and_can_be_tried_again(
    tmp_path: Path, database_url: str, database: Database
) -> None:
    await a_queue(database, "support", SUPPORT)
    (inquiry,) = await opened(database)
    async with database.transaction() as tx:
        (sending,) = await tx.outbox.take(SUPPORT, "me", timedelta(minutes=1), 9)
        await tx.outbox.refuse(sending, "me", "The workspace has no channel called support.")
    settings = healthy(tmp_path, database_url)

    finding = ill(await examine(settings))
    assert finding.part == f"#{inquiry.number} in workspace:support"
    assert finding.found == "refused: The workspace has no channel called support."
    assert "python -m bot outbox retry" in finding.remedy

    assert await retry(settings) == 1
    assert all(one.well for one in await examine(settings))
    assert await retry(settings) == 0


# --- service levels ---------------------------------------------------------------------------

LEVELS = """
calendars:
  office: {time_zone: Asia/Tokyo, week: mon-fri 09:00-18:00}
policies:
  - name: standard
    queues: [support]
    calendar: office
    first_response: 4h
"""


async def lay_down(database: Database, body: str) -> None:
    async with database.transaction() as tx:
        await tx.levels.keep(body, 0, None, MORNING, "")


async def test_service_levels_that_hold_are_told(tmp_path: Path, database_url: str, database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    await a_queue(database, "returns", SUPPORT)
    await lay_down(database, LEVELS)
    findings = await examine(healthy(tmp_path, database_url))
    assert all(one.well for one in findings)
    assert "service levels: version 1 holds; policies: standard; nothing is promised in returns" in told(findings)


@pytest.mark.parametrize(
    ("before", "after", "found", "remedy"),
    [
        ("4h", "four", "version 1 cannot be read: line 8: ", "levels import"),
        ("4h", "4h\n    tell: otto", "nobody of the team is called 'otto' yet: supervisors are told instead", "/agent"),
        ("[support]", "[support, sales]", "policy standard is for a queue 'sales' that does not exist", "/sla who"),
    ],
)
async def test_what_is_wrong_with_service_levels(
    tmp_path: Path, sqlite_url: str, before: str, after: str, found: str, remedy: str
) -> None:
    database = Database(sqlite_url, lambda: MORNING)
    await a_queue(database, "support", SUPPORT)
    await lay_down(database, LEVELS.replace(before, after))
    await database.close()
    finding = ill(await examine(healthy(tmp_path, sqlite_url)))
    assert finding.part == "service levels"
    assert found in finding.found
    assert remedy in finding.remedy


async def test_without_service_levels_nothing_is_promised(tmp_path: Path, sqlite_url: str) -> None:
    findings = await examine(healthy(tmp_path, sqlite_url))
    assert "service levels: none yet; the first start lays down some" in told(findings)


async def test_telephones_are_told_of_once_they_are_on(tmp_path: Path, database_url: str) -> None:
    telephony = {"secret": "a secret of the exchange", "twilio_auth_token": "0123456789abcdef"}
    settings = healthy(tmp_path, database_url, telephony=telephony, public_url="https://desk.example.com")
    findings = await examine(settings)
    assert "✓ telephony: calls are told by the webhook and Twilio; no telephone is known yet: /phone line" in told(
        findings
    )
    assert telephony["secret"] not in told(findings)
    database = Database(database_url, lambda: MORNING)
    hana = await an_agent(database)
    async with database.transaction() as tx:
        await tx.phone.give_extension("201", hana.id)
    await database.close()
    assert "by the webhook and Twilio; telephones known: 1" in told(await examine(settings))
