"""Reads what Slack sends as calls of commands: typed, mentioned, pressed, filled in, or begun from a message."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.asked import Asked, Garbled, Payload, Way, dig, needed, word
from adapters.slack.modals import chosen_people, kept, paragraphs
from adapters.slack.render import read_inputs
from adapters.slack.typed import is_user, people_in, plain, typed, without_mention
from bot.chat.invocation import Invocation, pressed
from bot.chat.profile import Profile

PLATFORM = "slack"
SLASHES = "/／"
WRITTEN = ("", "file_share", "thread_broadcast")
"""What Slack calls messages that people write; whatever else has a subtype tells of changes, joins and the like."""

Verbs = Mapping[str, str]
"""Each command's verb by its name in Slack, without the slash."""


def command(body: Payload, verbs: Verbs) -> Asked:
    """A slash command. Raises Garbled."""
    text = typed(word(body, "text"))
    way = Way(
        user=needed(body, "user_id"),
        channel=word(body, "channel_id"),
        thread=word(body, "thread_ts"),
        message=word(body, "thread_ts"),
        response_url=word(body, "response_url"),
        trigger=word(body, "trigger_id"),
    )
    verb = _verb(needed(body, "command"), verbs)
    invocation = _invocation(way, verb, word(body, "user_name"), way.trigger, text=text)
    return Asked(invocation, way, word(body, "team_id"), people=people_in(text))


def reply(body: Payload, ourselves: str) -> Asked | None:
    """Words in the thread under a message of ours; None for any other message, and for one that mentions us.

    Those come by `mention` as well. Raises Garbled.
    """
    event = dig(body, "event")
    thread, text = word(event, "thread_ts"), word(event, "text")
    is_reply = bool(thread) and thread != word(event, "ts") and word(event, "parent_user_id") in ("", ourselves)
    is_written = word(event, "subtype") in WRITTEN and not word(event, "bot_id") and bool(text.strip())
    if not (ourselves and is_reply and is_written) or ourselves in people_in(text):
        return None
    way = Way(user=needed(event, "user"), channel=needed(event, "channel"), thread=thread, message=thread)
    words = typed(text)
    return Asked(
        _invocation(way, "", word(event, "username"), word(body, "event_id"), text=words),
        way,
        word(event, "user_team") or word(event, "team"),
        people=people_in(words),
    )


def mention(body: Payload, verbs: Verbs, ourselves: str) -> Asked:
    """A command typed after our name, as in "@madoguchi claim 1001"; our name alone asks for help. Raises Garbled."""
    event = dig(body, "event")
    text = without_mention(typed(word(event, "text")), ourselves)
    first, rest = [*text.split(maxsplit=1), "", ""][:2]
    thread = word(event, "thread_ts")
    way = Way(user=needed(event, "user"), channel=needed(event, "channel"), thread=thread, message=thread)
    verb = _verb(first, verbs) or "help"
    return Asked(
        _invocation(way, verb, word(event, "username"), word(body, "event_id"), text=rest),
        way,
        word(event, "user_team") or word(event, "team"),
        is_bot=bool(word(event, "bot_id")),
        people=people_in(text),
        said=text,
    )


def press(body: Payload) -> Asked | None:
    """A button; None when it only led to a page. Raises Garbled."""
    action = dig(body, "actions")
    action = action[0] if isinstance(action, list) and action else None
    if word(action, "type") != "button" or not word(action, "value"):
        return None
    verb, options, seen = _call(word(action, "value"))
    way = _way_back(body)
    trigger = way.trigger or word(action, "action_ts")
    invocation = _invocation(way, verb, _name(body), trigger, options=options, seen=seen)
    return Asked(invocation, way, _team(body), people=_people_of(options))


def submission(body: Payload) -> Asked:
    """A filled-in form: its call, with the inputs added. Raises Garbled."""
    view = dig(body, "view")
    back, of = kept(word(view, "private_metadata"))
    verb, options, seen = _call(of)
    state = dig(view, "state")
    options.update(read_inputs(state if isinstance(state, Mapping) else {}))
    way = Way(user=needed(body, "user", "id"), trigger=word(body, "trigger_id"), **back)
    return Asked(
        _invocation(way, verb, _name(body), way.trigger, options=options, seen=seen),
        way,
        _team(body),
        people=(*chosen_people(dig(body, "view") or {}), *_people_of(options)),
        typed=paragraphs(view or {}),
    )


def shortcut(body: Payload) -> Asked:
    """The message shortcut: its callback id is the verb, the message and its author are the options. Raises Garbled."""
    message = dig(body, "message")
    author, text = word(message, "user"), _written(message)
    ts = word(body, "message_ts") or word(message, "ts")
    way = Way(
        user=needed(body, "user", "id"),
        channel=word(body, "channel", "id"),
        thread=word(message, "thread_ts"),
        message=ts,
        response_url=word(body, "response_url"),
        trigger=word(body, "trigger_id"),
    )

    def options(profiles: Mapping[str, Profile]) -> Mapping[str, str]:
        known = profiles.get(author)
        named = known.name if known else word(message, "username") or word(message, "bot_profile", "name")
        return {"text": plain(text, profiles), "customer": named}

    invocation = _invocation(way, needed(body, "callback_id"), _name(body), way.trigger)
    people = tuple(filter(None, (author, *people_in(text))))
    return Asked(invocation, way, _team(body), people=people, finish=options)


def home(body: Payload) -> Asked | None:
    """Somebody looks at the App Home; None when it was another of our tabs. Raises Garbled."""
    event = dig(body, "event")
    if word(event, "tab") not in ("home", ""):
        return None
    way = Way(user=needed(event, "user"), home=True)
    return Asked(_invocation(way, "home", "", ""), way)


def _way_back(body: Payload) -> Way:
    """Where an answer to a pressed button goes."""
    user, trigger = needed(body, "user", "id"), word(body, "trigger_id")
    if word(body, "view", "type") == "modal":
        back, _ = kept(word(body, "view", "private_metadata"))
        return Way(user=user, trigger=trigger, view=needed(body, "view", "id"), **back)
    if word(body, "view", "type") == "home":
        return Way(user=user, trigger=trigger, home=True)
    ts = word(body, "container", "message_ts") or word(body, "message", "ts")
    above = word(body, "container", "thread_ts") or word(body, "message", "thread_ts")
    is_ephemeral = dig(body, "container", "is_ephemeral") is True
    return Way(
        user=user,
        channel=word(body, "channel", "id") or word(body, "container", "channel_id"),
        thread=above if above != ts else "",
        message=above if is_ephemeral else ts,
        response_url=word(body, "response_url"),
        replaces=is_ephemeral,
        trigger=trigger,
    )


def _written(message: object) -> str:
    """What a message says; what other apps post often stands in attachments only, and a file in its title."""
    if text := word(message, "text").strip():
        return text
    parts: list[str] = []
    for kind, names in (("attachments", ("text", "fallback")), ("files", ("title", "name"))):
        found = dig(message, kind)
        for one in found if isinstance(found, list) else ():
            parts += [next(filter(None, (word(one, name).strip() for name in names)), "")]
    return "\n".join(filter(None, parts))


def _invocation(way: Way, verb: str, user_name: str, event: str, **more: Any) -> Invocation:
    return Invocation(
        platform=PLATFORM,
        user=way.user,
        verb=verb,
        user_name=user_name,
        channel=way.channel,
        message=way.message,
        event=event,
        **more,
    )


def _verb(name: str, verbs: Verbs) -> str:
    plain_name = name.lstrip(SLASHES).lower()
    return verbs.get(plain_name, plain_name)


def _call(of: str) -> tuple[str, dict[str, str], int | None]:
    try:
        return pressed(of)
    except ValueError as error:
        raise Garbled(str(error)) from None


def _people_of(options: Mapping[str, str]) -> tuple[str, ...]:
    mentioned = [one for value in options.values() for one in ((value,) if is_user(value) else people_in(value))]
    return tuple(dict.fromkeys(mentioned))


def _name(body: Payload) -> str:
    return word(body, "user", "name") or word(body, "user", "username")


def _team(body: Payload) -> str:
    return word(body, "user", "team_id") or word(body, "team", "id")
