"""The versions of service levels: who changed what, when, and a way back to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.level_changes_card import PREVIEWS, differences, previews, touched
from bot.cards.levels_card import button_to
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import shorten
from bot.domain.levels import Levels
from bot.translator import Speaker

PAGE = 6
DETAIL_LENGTH = 450
LINES = 14
LINE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Edition:
    """One version: who laid down what and when. `levels` is None when its document cannot be read any more."""

    version: int
    person: str
    at: datetime
    why: str
    levels: Levels | None


def versions_card(editions: Sequence[Edition], page: int, pages: int, say: Speaker) -> Card:
    """A page of the versions, the newest first, each with what changed by it.

    The last of `editions` may be the one before the page, which is only compared with.
    """
    title = say("levels.history")
    items = [
        _item(one, before, say) for one, before in zip(editions[:PAGE], [*editions[1:], None][:PAGE], strict=False)
    ]
    turns = [
        *([_turn(say("levels.newer"), page - 1)] if page > 1 else []),
        *([_turn(say("levels.older"), page + 1)] if page < pages else []),
    ]
    return Card(
        title=title,
        tone=Tone.QUIET,
        items=tuple(items),
        buttons=tuple(turns),
        footer=(say("queue.page", page=page, pages=pages),) if pages > 1 else (),
        summary=title,
    )


def version_card(
    one: Edition, before: Edition | None, newest: Edition, at: datetime, may_change: bool, told: str, say: Speaker
) -> Card:
    """What a version changed, and what would become of the levels by going back to it."""
    title = say("levels.version", version=one.version)
    lines = [*told.split("\n"), say("levels.changed_then"), *_changes(one, before, say)]
    back: list[Button] = []
    if one.version != newest.version and one.levels is not None and newest.levels is not None:
        way = differences(newest.levels, one.levels, say)
        lines += [say("levels.going_back"), *(way or [say("levels.same")])]
        lines += previews(newest.levels, one.levels, touched(newest.levels, one.levels)[:PREVIEWS], at, say)
        if way and may_change:
            label = say("levels.go_back", version=one.version)
            back = button_to(label, "sla_versions", newest.version, Style.PRIMARY, back=str(one.version))
    return Card(
        title=title,
        tone=Tone.QUIET,
        lines=(say.text("levels.by", person=one.person, at=say.at(one.at)), *_cut(lines)),
        buttons=(*back, Button(say("levels.versions"), call("sla_versions"), Style.QUIET)),
        summary=title,
    )


def _item(one: Edition, before: Edition | None, say: Speaker) -> Item:
    text = say.text("levels.version_by", version=one.version, person=one.person, at=say.at(one.at))
    look = Button(say("levels.look"), call("sla_versions", None, None, to=str(one.version)))
    return Item(text, (shorten(" · ".join(_changes(one, before, say)), DETAIL_LENGTH),), look)


def _changes(one: Edition, before: Edition | None, say: Speaker) -> list[str]:
    """What a version changed, in the reader's language; in its writer's words where the documents do not tell."""
    if one.levels is None or (before is not None and before.levels is None):
        return [one.why or say("levels.unreadable")]
    if before is None or before.levels is None:
        names = say("levels.between").join(each.name for each in one.levels.levels)
        return [say("levels.began_with", names=names or say("levels.nothing"))]
    return differences(before.levels, one.levels, say) or [one.why or say("levels.same")]


def _turn(label: str, page: int) -> Button:
    return Button(label, call("sla_versions", None, None, page=str(page)), Style.QUIET)


def _cut(lines: Sequence[str]) -> tuple[tuple[str], ...]:
    kept = [line for line in lines if line][:LINES]
    return tuple((shorten(line, LINE_LENGTH),) for line in kept)
