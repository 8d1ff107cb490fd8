"""How somebody types a command in the fake Discord: from words or names to the options that the bot is told."""

import shlex
from collections.abc import Mapping
from typing import Any

from tests.fakes.discord_commands import names_of
from tests.fakes.discord_world import World

SUB, GROUP, TEXT, WHOLE, FLAG, USER, CHANNEL, ROLE, ANYBODY, NUMBER = range(1, 11)


def typed(command: Mapping[str, Any], line: str) -> dict[str, Any]:
    """The options of a typed line: in their order, the last one taking the rest; "name:value" names one.

    Of a command with subcommands the next words are their names.
    """
    words = _words(line)[1:]
    options = command.get("options") or []
    path: list[str] = []
    while options and options[0]["type"] in (SUB, GROUP):
        found = next((one for one in options if words and words[0] in names_of(one)), None)
        if found is None:
            raise LookupError(f"/{command['name']} wants one of {[one['name'] for one in options]}")
        path.append(found["name"])
        words, options = words[1:], found.get("options") or []
    given: dict[str, Any] = {" ".join(path): None} if path else {}
    left = list(options)
    while words:
        name, colon, value = words[0].partition(":")
        meant = next((one for one in left if colon and name in names_of(one)), None)
        if meant is not None:
            left.remove(meant)
            given[meant["name"]], words = value, words[1:]
        elif not left:
            raise LookupError(f"/{command['name']} has no option for {words}")
        elif len(left) == 1 and left[0]["type"] == TEXT:
            given[left.pop()["name"]], words = " ".join(words), []
        else:
            given[left.pop(0)["name"]], words = words[0], words[1:]
    return given


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def arguments(
    world: World, command: Mapping[str, Any], given: Mapping[str, Any], focused: str = ""
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The options as the bot is told them, and what Discord's client refuses, by option.

    A subcommand is given as a name without a value: {"list": None, "queue": "support"}.
    """
    path, values = _path(command, given)
    options = command.get("options") or []
    for name in path:
        options = next(one for one in options if one["name"] == name).get("options") or []
    known = {name for one in options for name in names_of(one)}
    if set(values) - known:
        raise LookupError(f"/{command['name']} has no options {set(values) - known}, only {known}")
    sent: list[dict[str, Any]] = []
    errors: dict[str, str] = {}
    for one in options:
        said = next((values[name] for name in names_of(one) if name in values), None)
        is_focused = focused in names_of(one) if focused else False
        if said is None or (said == "" and not is_focused):
            if one.get("required"):
                errors[one["name"]] = "required"
            continue
        value, fault = (said, "") if is_focused else _value(world, one, said)
        if fault:
            errors[one["name"]] = fault
        sent.append(
            {"name": one["name"], "type": one["type"], "value": value} | ({"focused": True} if is_focused else {})
        )
    for depth, name in enumerate(reversed(path)):
        kind = GROUP if len(path) == 2 and depth == 1 else SUB
        sent = [{"name": name, "type": kind, "options": sent}]
    return sent, errors


def _path(command: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The subcommands that are meant, by their own names, and what is given beside them."""
    values = dict(given)
    path: list[str] = []
    options = command.get("options") or []
    said = next((name.split() for name, value in given.items() if value is None), [])
    values = {name: value for name, value in values.items() if value is not None}
    while options and options[0]["type"] in (SUB, GROUP):
        found = next((one for one in options if said and said[0] in names_of(one)), None)
        if found is None:
            raise LookupError(f"/{command['name']} wants one of {[one['name'] for one in options]}")
        path.append(found["name"])
        said, options = said[1:], found.get("options") or []
    return path, values


def _value(world: World, option: Mapping[str, Any], said: Any) -> tuple[Any, str]:
    """A value as the bot is told it, and what the client refuses in it."""
    kind = option["type"]
    choices = option.get("choices") or []
    if choices:
        found = next((one["value"] for one in choices if said in (one["value"], *names_of(one))), None)
        return found, "" if found is not None else "not one of the choices"
    if kind in (USER, ANYBODY):
        return world.user_named(str(said).removeprefix("<@").removesuffix(">")).id, ""
    if kind == CHANNEL:
        return world.channel_named(str(said)).id, ""
    if kind == ROLE:
        return world.role_named(str(said)), ""
    if kind == FLAG:
        return said if isinstance(said, bool) else str(said).lower() == "true", ""
    if kind in (WHOLE, NUMBER):
        return _number(option, said)
    text = str(said)
    if len(text) > option.get("max_length", 6000):
        return text, "too long"
    return text, "too short" if len(text) < option.get("min_length", 0) else ""


def _number(option: Mapping[str, Any], said: Any) -> tuple[Any, str]:
    try:
        value = int(said) if option["type"] == WHOLE else float(said)
    except ValueError:
        return said, "no number"
    if value < option.get("min_value", value):
        return value, "too small"
    return value, "too large" if value > option.get("max_value", value) else ""
