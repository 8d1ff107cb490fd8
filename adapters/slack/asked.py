"""Somebody asked something in Slack: the call of a command, and the ways in which its answer can reach them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.chat.invocation import Invocation
from bot.chat.profile import Profile

Payload = Mapping[str, Any]
"""What Slack sent, as JSON."""


class Garbled(ValueError):
    """What came in is not as Slack writes it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer can reach `user`. What is empty is not there.

    `channel` and `thread`: where they asked. `message`: the card that it was about. `response_url`: five answers
    within 30 minutes. `replaces`: the pressed message was for them alone, and the answer takes its place. `trigger`:
    opens one modal within 3 seconds. `view`: the open modal in which they pressed. `home`: they pressed in the App
    Home, or in what was opened from there. `language`: as Slack writes it, "ja-JP".
    """

    user: str
    channel: str = ""
    thread: str = ""
    message: str = ""
    response_url: str = ""
    replaces: bool = False
    trigger: str = ""
    view: str = ""
    home: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, with the way back to its asker.

    `team`: the asker's workspace, where Slack says so; `is_bot`: it says that a bot asked. `people`: others who are
    concerned, by user id. `typed`: what was written into a form's paragraphs. `said`: all that followed our name.
    `finish` completes the call once the names of those people are known.
    """

    invocation: Invocation
    way: Way
    team: str = ""
    is_bot: bool = False
    people: tuple[str, ...] = ()
    typed: str = ""
    said: str = ""
    finish: Callable[[Mapping[str, Profile]], Mapping[str, str]] | None = None

    def knowing(self, profiles: Mapping[str, Profile], our_team: str, names: Mapping[str, str]) -> "Asked":
        """The same, with what is known of its people, and how commands are spelt here.

        Whom the payload shows to be a stranger is never a member.
        """
        user, known = self.invocation.user, dict(profiles)
        asker = known.get(user)
        if self.is_bot or (self.team and our_team and self.team != our_team):
            asker = replace(asker or Profile(user, self.invocation.user_name), is_member=False)
            known[user] = asker
        language = asker.language if asker else ""
        invocation = replace(
            self.invocation,
            profiles=known,
            language=language,
            user_name=asker.name if asker and asker.name else self.invocation.user_name,
            names=names,
        )
        if self.finish:
            invocation = invocation.with_options(self.finish(known))
        return replace(self, invocation=invocation, way=replace(self.way, language=language))


def dig(payload: object, *names: str) -> Any:
    """The value under these names, one in the other; None where one is missing."""
    for name in names:
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return payload


def word(payload: object, *names: str) -> str:
    """Like `dig`, for text: empty where there is none."""
    value = dig(payload, *names)
    return value if isinstance(value, str) else ""


def needed(payload: object, *names: str) -> str:
    """Like `word`. Raises Garbled where there is none."""
    if value := word(payload, *names):
        return value
    raise Garbled(f"{'.'.join(names)} is missing")
