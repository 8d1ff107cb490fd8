"""Quiet: the hours of their day in which somebody is not reminded of anything that can wait."""

import re
import unicodedata
from datetime import time

from bot.call import Call
from bot.cards.absence_card import quiet_line
from bot.cards.word import word
from bot.chat.card import Button
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.invocation import call as pressing
from bot.domain.absence import Quiet
from bot.domain.errors import Refusal

OFF = ("off", "none", "なし", "オフ")
_BETWEEN = re.compile(r"\s*(?:[-–—~〜]|to|から)\s*")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2})|時(?:(\d{1,2})分)?)?(?:まで)?")


async def quiet(call: Call) -> Answer:
    """Set them, take them away, or tell which there are: by the asker's own clocks."""
    given = _plain(f"{call.text('since')} {call.text('until')}")
    if given in OFF:
        await call.tx.absences.set_quiet(call.agent.id, None, None)
        return word(call.say("quiet.off"))
    if given:
        wanted = _read(given)
        await call.tx.absences.set_quiet(call.agent.id, wanted.since, wanted.until)
    kept = (await call.tx.absences.quiet([call.agent.id])).get(call.agent.id)
    if kept is None:
        return word(call.say("quiet.none"))
    end = Button(call.say("button.quiet_off"), pressing("quiet", since=OFF[0]))
    return word(quiet_line(kept, call.say), buttons=(end,))


def _read(given: str) -> Quiet:
    """From when until when: "22:00 07:00", "22-7", "22時から7時". Raises Refusal."""
    times = [_time(one) for one in _BETWEEN.split(given.replace(" ", "-", 1) if "-" not in given else given)]
    if len(times) != 2:
        raise Refusal("quiet.unknown", given=given)
    since, until = times
    if since is None or until is None:
        raise Refusal("quiet.unknown", given=given)
    if since == until:
        raise Refusal("quiet.same")
    return Quiet(since, until)


def _time(given: str) -> time | None:
    found = _CLOCK.fullmatch(given)
    if found is None:
        return None
    hour, minute = int(found[1]) % 24 if found[1] == "24" else int(found[1]), int(found[2] or found[3] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _plain(given: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", given).casefold().split())


COMMAND = Command("quiet", quiet, (Option("since", Kind.WORD), Option("until", Kind.WORD)))
