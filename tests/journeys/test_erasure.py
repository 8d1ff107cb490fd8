"""Somebody is erased while the desk runs: nothing of theirs is left in any chat, and their mail does not come back."""

import asyncio
import json
from collections.abc import Callable

from adapters.workspace.platform import FILE
from bot.personal import erase
from tests.journeys.desk import Desk, settings_from
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.driver import PATIENCE, SeenCard, until
from tests.journeys.slack_driver import SlackStage
from tests.support.texts import says
from tests.support.traces import files_of, found_in

NAME, ADDRESS = "水野蛍", "hotaru.mizuno@example.com"
FACTS = {
    "name": NAME,
    "address": ADDRESS,
    "subject": "陶器の小鉢が割れて届いた件",
    "body": "桔梗模様の小鉢が三枚割れていました",
    "reply": "My neighbour Oddvar may take it",
    "file": "broken-bowl-17.jpg",
    "note": "三枚を無償で再送した",
    "late": "Please ring twice, the bell is broken",
}


def chat(desk: Desk) -> list[bytes]:
    """All that a platform would tell whoever looks: messages, threads and their names; the workspace's very bytes."""
    match desk.stage:
        case SlackStage(slack=slack):
            told = [one.told(with_metadata=True) for one in slack.world.posted if not one.deleted]
        case DiscordStage(discord=discord):
            told = [discord.world.told(one) for one in discord.world.messages.values() if not one.deleted]
            told += [discord.world.told_channel(one) for one in discord.world.channels.values()]
        case _:
            return files_of(desk.folder / "data" / FILE)
    return [json.dumps(one, ensure_ascii=False).replace("\\\\", "").encode() for one in told]  # Discord's escapes


def traces(desk: Desk) -> set[str]:
    return found_in(chat(desk), FACTS)


async def gone(what: Callable[[], set[str]]) -> None:
    """Wait until nothing of it is left."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while left := what():
        assert asyncio.get_running_loop().time() < end, f"this is left: {left}"
        await asyncio.sleep(0.02)


async def erased(desk: Desk, *, again: bool = False) -> str:
    """`python -m bot erase`, beside the running desk; what it said."""
    told: list[str] = []
    settings = settings_from(desk.environment)
    assert await erase(settings, ADDRESS, "emma", True, told.append, None) == 0
    assert ("erased already" in told[0]) is again
    return "\n".join(told)


async def _known(desk: Desk) -> SeenCard:
    """A customer whose inquiry went back and forth, and was resolved; another one wrote too."""
    person = desk.customer(NAME, ADDRESS)
    mail = await person.writes(FACTS["subject"], FACTS["body"], files=(FACTS["file"],))
    card = await desk.support.shows("#1001")
    await desk.ken.types(f"/assign 1001 @{desk.hana.mention}")
    await until(desk.platform, lambda: desk.hana.whispers)
    await person.writes(text=FACTS["reply"], reply_to=mail)
    await desk.support.until(lambda channel: channel.thread("#1001"))
    await until(desk.platform, lambda: len(desk.hana.whispers) == 2)
    await desk.hana.types(f"/resolve 1001 {FACTS['note']}")
    await desk.customer().writes("Where is my parcel?", "It should have come on Monday.")
    await desk.support.shows("#1002")
    await until(desk.platform, lambda: FACTS["note"] in desk.support.card("#1001").words)
    assert set(FACTS) - {"late", "file"} - traces(desk) == set()
    return card


async def test_a_person_is_erased_from_every_chat_while_the_desk_runs(desk: Desk) -> None:
    old = await _known(desk)
    whispers = len(desk.hana.whispers)

    said = await erased(desk)

    assert "Erased: 1 inquiries and 2 mails." in said
    await desk.support.until(lambda channel: says(channel.card("#1001").title, "en", "card.erased", inquiry=1001))
    card = desk.support.card("#1001")
    assert card.buttons == ()
    await gone(lambda: traces(desk))
    assert desk.support.thread("#1001") == []
    assert len(desk.hana.whispers) == whispers - 2
    assert [one.number for one in desk.support.cards] == [1001, 1002]
    assert "Where is my parcel?" in desk.support.card("#1002").words
    answer = await desk.ken.clicks("Claim", on=old)
    assert FACTS["subject"] not in answer.words
    assert "erased" in answer.words
    assert "Nothing is left of it in chat." in await erased(desk, again=True)


async def test_their_mail_does_not_come_back_and_new_mail_opens_a_new_inquiry(desk: Desk) -> None:
    await _known(desk)
    cur = desk.spools["support"] / "cur"
    contents = [file.read_bytes() for file in sorted(cur.iterdir())]
    await erased(desk)
    await gone(lambda: traces(desk))
    assert len(list(cur.iterdir())) == 1, "the other customer's mail"

    person = desk.customer(NAME, ADDRESS)
    for content in contents[:2]:
        await person.sends(content)
    await person.writes("Hello again", FACTS["late"])

    card = await desk.support.shows("#1003")
    assert "Hello again" in card.title
    assert [one.number for one in desk.support.cards] == [1001, 1002, 1003]
    assert traces(desk) == {"name", "address", "late"}


async def test_what_the_desk_could_not_do_while_it_was_closed_it_does_when_it_opens(desk: Desk) -> None:
    await _known(desk)
    await desk.stop()
    said = await erased(desk)
    assert "messages in chat are still to be redrawn or taken away" in said
    assert traces(desk) != set()
    await desk.start()
    await gone(lambda: traces(desk))
