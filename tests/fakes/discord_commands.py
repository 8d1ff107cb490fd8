"""The application commands at the fake Discord: registering them, and what it refuses in them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.discord_chat import Call, Reply
from tests.fakes.discord_errors import DiscordError, refuse
from tests.fakes.discord_limits import Wrong
from tests.fakes.discord_people import APP, GUILD
from tests.fakes.discord_world import World

MOST, MOST_OF_OTHERS, MOST_OPTIONS, MOST_LETTERS = 100, 15, 25, 8000
CREATES_A_DAY = 200
NAME = re.compile(r"^[-_'\w]{1,32}$")
CHAT = 1
LOCALES = {
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
    "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
}  # fmt: skip
SUBCOMMANDS = (1, 2)


def get_commands(world: World, call: Call) -> Reply:
    """GET applications/{app}/commands, or those of a guild; translations only with with_localizations."""
    kept = world.commands[_scope(world, call)]
    if call.query.get("with_localizations", "").lower() in ("1", "true"):
        return 200, kept
    return 200, [_plain(one) for one in kept]


def put_commands(world: World, call: Call) -> Reply:
    """PUT: these are the commands from now on; those whose names are new are creates."""
    scope = _scope(world, call)
    given = call.body if isinstance(call.body, list) else None
    if given is None:
        raise DiscordError(50035, [("", "Must be a list")])
    refuse(wrong_in_commands(given))
    former = {(one["name"], one["type"]): one for one in world.commands[scope]}
    new = [one for one in given if (one["name"], one.get("type") or CHAT) not in former]
    today = [at for at, where in world.created if where == scope and world.clock() - at < 86400]
    if len(today) + len(new) > CREATES_A_DAY:
        raise DiscordError(30034)
    world.created += [(world.clock(), scope)] * len(new)
    world.commands[scope] = [
        _kept(world, one, former.get((one["name"], one.get("type") or CHAT)), scope) for one in given
    ]
    world.tell()
    return 200, world.commands[scope]


def wrong_in_commands(given: list[dict[str, Any]]) -> Wrong:
    """The faults of a list of commands, as Discord and its documents have them."""
    counts = {kind: sum((one.get("type") or CHAT) == kind for one in given) for kind in (1, 2, 3)}
    if counts[CHAT] > MOST or max(counts[2], counts[3]) > MOST_OF_OTHERS:
        yield "", f"Maximum number of application commands reached ({MOST})"
    seen: set[tuple[str, int]] = set()
    for index, one in enumerate(given):
        kind = one.get("type") or CHAT
        if (str(one.get("name")), kind) in seen:
            yield f"{index}/name", "Application command names must be unique"
        seen.add((str(one.get("name")), kind))
        yield from _wrong_names(one, str(index), is_chat=kind == CHAT)
        if kind != CHAT and (one.get("description") or one.get("options")):
            yield f"{index}/description", "Context menu commands cannot have a description or options"
        yield from _wrong_options(one, str(index))
        if _letters(one) > MOST_LETTERS:
            yield str(index), f"Application command exceeds {MOST_LETTERS} characters in all"


def _wrong_names(one: Mapping[str, Any], at: str, is_chat: bool = True) -> Wrong:
    names = {
        "name": one.get("name"),
        **{f"name_localizations/{k}": v for k, v in (one.get("name_localizations") or {}).items()},
    }
    for place, name in names.items():
        if not isinstance(name, str) or not 1 <= len(name) <= 32:
            yield f"{at}/{place}", "Must be between 1 and 32 in length."
        elif is_chat and (not NAME.match(name) or name != name.lower()):
            yield f"{at}/{place}", "Command name is invalid"
    words = {
        "description": one.get("description"),
        **{f"description_localizations/{k}": v for k, v in (one.get("description_localizations") or {}).items()},
    }
    for place, text in words.items():
        if is_chat and not 1 <= len(str(text or "").strip()) <= 100:
            yield f"{at}/{place}", "Must be between 1 and 100 in length."
    for place in ("name_localizations", "description_localizations"):
        for locale in set(one.get(place) or {}) - LOCALES:
            yield f"{at}/{place}/{locale}", f"Value {locale!r} is no locale."


def _wrong_options(command: Mapping[str, Any], at: str) -> Wrong:
    options = command.get("options") or []
    if len(options) > MOST_OPTIONS:
        yield f"{at}/options", f"Must be {MOST_OPTIONS} or fewer in length."
    names: set[str] = set()
    was_optional = False
    for index, one in enumerate(options):
        here = f"{at}/options/{index}"
        yield from _wrong_names(one, here)
        if str(one.get("name")) in names:
            yield f"{here}/name", "Option name already exists"
        names.add(str(one.get("name")))
        if one.get("required") and was_optional:
            yield here, "Required options must be placed before non-required options"
        was_optional = was_optional or not one.get("required")
        choices = one.get("choices") or []
        if len(choices) > 25:
            yield f"{here}/choices", "Must be 25 or fewer in length."
        if choices and one.get("autocomplete"):
            yield f"{here}/autocomplete", "Cannot be used with choices"
        if len({str(choice.get("name")) for choice in choices}) < len(choices):
            yield f"{here}/choices", "Choice names must be unique"
        if one.get("type") in SUBCOMMANDS:
            was_optional = False
            yield from _wrong_options(one, here)


def _letters(one: Mapping[str, Any]) -> int:
    """The letters of a command that count: in the longest of its languages."""
    total = 0
    for name in ("name", "description"):
        texts = [one.get(name), *(one.get(f"{name}_localizations") or {}).values()]
        total += max((len(str(text)) for text in texts if text), default=0)
    total += sum(_letters(option) for option in one.get("options") or [])
    return total + sum(len(str(choice["name"])) + len(str(choice["value"])) for choice in one.get("choices") or [])


def _scope(world: World, call: Call) -> str:
    if call.path["app"] != APP:
        raise DiscordError(20012)
    guild = call.path.get("guild", "")
    if guild and (guild != GUILD or not world.in_guild):
        raise DiscordError(50001)
    return guild


def _kept(world: World, given: Mapping[str, Any], former: Mapping[str, Any] | None, scope: str) -> dict[str, Any]:
    """A command as Discord gives it back: what was not said has its usual value."""
    usual = {
        "type": CHAT,
        "description": "",
        "options": [],
        "name_localizations": None,
        "description_localizations": None,
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": None,
        "integration_types": [0],
        "nsfw": False,
    }
    said = {name: value for name, value in given.items() if value is not None}
    permissions = said.get("default_member_permissions")
    if permissions is not None:
        said["default_member_permissions"] = str(permissions)
    said["options"] = [_kept_option(one) for one in said.get("options") or []]
    own = {"id": former["id"] if former else world.snowflake(), "application_id": APP}
    kept = usual | said | own
    is_same = former is not None and {**former, "version": ""} == {
        **kept,
        "version": "",
        **({"guild_id": scope} if scope else {}),
    }
    kept["version"] = former["version"] if former and is_same else world.snowflake()
    return kept | {"guild_id": scope} if scope else kept


def _kept_option(option: Mapping[str, Any]) -> dict[str, Any]:
    """An option as Discord gives it back: without what is false or empty."""
    kept = {name: value for name, value in option.items() if value not in (None, False, [])}
    if "options" in kept:
        kept["options"] = [_kept_option(one) for one in kept["options"]]
    return kept


def _plain(one: Mapping[str, Any]) -> dict[str, Any]:
    """A command or an option without its translations."""
    told = {name: value for name, value in one.items() if not name.endswith("_localizations")}
    for name in ("options", "choices"):
        if told.get(name):
            told[name] = [_plain(inner) for inner in told[name]]
    return told


def registered(world: World, name: str, is_direct: bool) -> dict[str, Any]:
    """The command of that name that people are offered here; a guild's own before a global one.

    LookupError where there is none.
    """
    scopes = ("",) if is_direct else (GUILD, "")
    for one in (one for scope in scopes for one in world.commands[scope]):
        contexts = one["contexts"] if one["contexts"] is not None else [0, 1, 2]
        is_offered = (1 if is_direct else 0) in contexts and (one["dm_permission"] or not is_direct)
        if is_offered and name in names_of(one):
            return one
    known = sorted(one["name"] for scope in scopes for one in world.commands[scope])
    raise LookupError(f"there is no command /{name} here, only {known}")


def names_of(one: Mapping[str, Any]) -> Iterator[str]:
    """The names by which people find a command or an option: its own, and those in other languages."""
    yield str(one["name"])
    yield from (one.get("name_localizations") or {}).values()
