"""Reads interactions as calls of commands: typed, pressed, filled in, or begun from a message."""

import re
from collections.abc import Mapping
from typing import Any

import discord

from adapters.discord.asked import Asked, Garbled, Payload, Way, by_id, dig, needed, objects, word
from adapters.discord.marks import call_of
from adapters.discord.modals import written
from adapters.discord.names import verb_of
from adapters.discord.render import read_inputs
from bot.chat.invocation import Invocation, pressed

PLATFORM = "discord"
_MENTION = re.compile(r"<@!?(\d+)>")
_USER = re.compile(r"(?:<@!?)?(\d{17,20})>?")
"""Somebody, in a call that was begun before: a form keeps the options that its command was given."""

Heard = discord.Interaction[Any]


def read(heard: Heard, verb: str = "") -> Asked:
    """The call that an interaction makes; `verb` is for what was begun from a message. Raises Garbled."""
    match heard.type:
        case discord.InteractionType.application_command:
            return menu(heard, verb) if verb else command(heard)
        case discord.InteractionType.component:
            return press(heard)
        case discord.InteractionType.modal_submit:
            return submission(heard)
    raise Garbled(f"an interaction of kind {heard.type}")


def command(heard: Heard) -> Asked:
    """A slash command. Raises Garbled."""
    data = heard.data
    options = {needed(one, "name"): str(one.get("value", "")) for one in objects(data, "options")}
    return _asked(heard, verb_of(needed(data, "name")), options)


def menu(heard: Heard, verb: str) -> Asked:
    """A command begun from a message: what it says and who wrote it are the options. Raises Garbled."""
    message = by_id(heard.data, "resolved", "messages").get(needed(heard.data, "target_id"))
    if message is None:
        raise Garbled("the message is missing")
    author = word(message, "author", "global_name") or word(message, "author", "username")
    options = {"text": _said(message), "customer": author}
    return _asked(heard, verb, options, message=needed(heard.data, "target_id"))


def press(heard: Heard) -> Asked:
    """A button, or a row of a menu, whose value is the call. Raises Garbled."""
    chosen = dig(heard.data, "values")
    of = call_of(word(heard.data, "custom_id"))
    if isinstance(chosen, list) and chosen:
        of = str(chosen[0])
    verb, options, seen = _call(of)
    return _asked(heard, verb, options, seen, "" if _is_private(heard) or not heard.message else str(heard.message.id))


def submission(heard: Heard) -> Asked:
    """A filled-in form: its call, with the inputs added. Raises Garbled."""
    verb, options, seen = _call(call_of(word(heard.data, "custom_id")))
    try:
        options.update(read_inputs(objects(heard.data, "components")))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Garbled(f"what was filled in makes no sense: {error!r}") from None
    above = "" if _is_private(heard) or not heard.message else str(heard.message.id)
    return _asked(heard, verb, options, seen, above, written(heard.data))


def completion(heard: Heard) -> tuple[Asked, str, str]:
    """Somebody types an option: the call so far, the option's name, and what was typed of it. Raises Garbled."""
    options = objects(heard.data, "options")
    typed = next((one for one in options if one.get("focused") is True), None)
    if typed is None:
        raise Garbled("no option is being typed")
    name = needed(typed, "name")
    given = {needed(one, "name"): str(one.get("value", "")) for one in options if one is not typed}
    return _asked(heard, verb_of(needed(heard.data, "name")), given), name, str(typed.get("value", ""))


def way_of(heard: Heard) -> Way:
    """Where an answer goes, even where nothing else of an interaction can be read."""
    asker: object = heard.user
    person = asker if isinstance(asker, discord.Member | discord.User) else None
    channel = heard.channel
    is_direct = channel is None or heard.guild_id is None
    return Way(
        user=str(person.id) if person is not None else "",
        user_name=person.display_name if person is not None else "",
        place="" if is_direct or channel is None else str(channel.id),
        replaces=_is_private(heard),
        opens=heard.type is not discord.InteractionType.modal_submit,
        event=str(heard.id),
        language=heard.locale.value.partition("-")[0],
    )


def _people_of(options: Mapping[str, str]) -> list[str]:
    return [found[1] for value in options.values() if (found := _USER.fullmatch(value.strip()))]


def _asked(
    heard: Heard,
    verb: str,
    options: Mapping[str, str],
    seen: int | None = None,
    message: str = "",
    typed: str = "",
) -> Asked:
    """The call, told where it was made: in a card's thread, which has its card's id, it is about that card."""
    way = way_of(heard)
    if not way.user:
        raise Garbled("nobody asked")
    channel = heard.channel
    thread = channel if isinstance(channel, discord.Thread) else None
    users = by_id(heard.data, "resolved", "users")
    members: dict[str, Payload] = {}
    members |= {
        user: {**one, "user": users.get(user)} for user, one in by_id(heard.data, "resolved", "members").items()
    }
    if isinstance(heard.user, discord.Member):
        members[way.user] = _as_told(heard.user)
    place = thread.parent_id if thread else channel.id if channel else 0
    return Asked(
        Invocation(
            platform=PLATFORM,
            user=way.user,
            verb=verb,
            user_name=way.user_name,
            channel=str(place or ""),
            message=message or (str(thread.id) if thread else ""),
            options=dict(options),
            seen=seen,
            language=way.language,
            event=way.event,
        ),
        way,
        people=tuple(one for one in dict.fromkeys([*users, *_people_of(options)]) if one != way.user),
        members=members,
        typed=typed,
    )


def _call(of: str) -> tuple[str, dict[str, str], int | None]:
    try:
        return pressed(of)
    except ValueError as error:
        raise Garbled(str(error)) from None


def _is_private(heard: Heard) -> bool:
    """Whether what was pressed, or what the form was opened from, is for the asker alone."""
    return bool(heard.message and heard.message.flags.ephemeral)


def _as_told(member: discord.Member) -> Payload:
    """A member as Discord told of them: of their roles, discord.py itself shows only those that it knows by name."""
    user = {"id": str(member.id), "username": member.name, "global_name": member.global_name, "bot": member.bot}
    return {"user": user, "nick": member.nick, "roles": [str(role) for role in member._roles]}


def _said(message: Payload) -> str:
    """What a message says, people by their names; what other bots post stands in embeds only, a file in its name."""
    text = word(message, "content").strip()
    names = {word(one, "id"): word(one, "global_name") or word(one, "username") for one in objects(message, "mentions")}
    if text:
        return _MENTION.sub(lambda found: f"@{names.get(found[1]) or found[1]}", text)
    parts = [word(one, name).strip() for one in objects(message, "embeds") for name in ("title", "description")]
    parts += [word(one, "filename").strip() for one in objects(message, "attachments")]
    return "\n".join(filter(None, parts))
