"""How a command is called in Slack: its verb under the prefix, unless Slack keeps that name for itself."""

import re
from collections.abc import Iterable

_SLACKS_OWN = """
active apps archive away call canvas close collapse dm dnd expand feed feedback huddle invite join keys kick leave
list me msg mute open part pref prefs pro remind remove rename search shortcuts shrug star status topic unarchive who
"""
RESERVED = frozenset(_SLACKS_OWN.split())
"""Names that Slack answers itself, today or in older clients: an app's command of such a name is never heard."""
LONGEST = 31
"""Characters of a name: Slack allows 32, the slash included."""

_ALLOWED = re.compile(r"[a-z0-9_-]+")


def names(verbs: Iterable[str], prefix: str = "") -> dict[str, str]:
    """The name, without the slash, of each verb's own command: `{"queue": "queue", "search": "madoguchi-search"}`.

    A verb of two words has none: the second one is typed after the first one's name.
    Raises ValueError with a sentence when Slack could not take a name, or would mix up two.
    """
    named = {verb: _name(verb, prefix) for verb in verbs if "_" not in verb}
    for verb, name in named.items():
        if not _ALLOWED.fullmatch(name) or len(name) > LONGEST:
            raise ValueError(
                f"Slack cannot take /{name} as a command: at most {LONGEST} of a-z, 0-9, - and _. Shorten the prefix."
            )
        if list(named.values()).count(name) > 1:
            raise ValueError(f"/{name} would be the command of {verb} and of another. Take another prefix.")
    return named


def _name(verb: str, prefix: str) -> str:
    name = f"{prefix}{verb}"
    return f"madoguchi-{verb}" if name in RESERVED else name
