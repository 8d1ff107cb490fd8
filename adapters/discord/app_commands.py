"""Commands as Discord knows them: typed options, choices, suggestions, and names and descriptions in many languages."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str

from adapters.discord.invocations import Heard
from adapters.discord.limits import CHOICES, cut
from adapters.discord.names import name_of
from bot.chat.card import Choice
from bot.chat.command import Kind
from bot.chat.text import one_line, shorten

Words = Mapping[str, str]
"""A text by language ("en", "ja")."""
Hear = Callable[[Heard, str], None]
"""Begins to answer what was typed, or begun from a message by the named verb."""
Suggest = Callable[[Heard], Awaitable[Sequence[Choice]]]
Made = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu

BASE = "en"
"""The language of what stands first; the others are its translations."""
DESCRIPTION = 100
NAME = 32
SUGGESTED = frozenset(Kind) - {Kind.TEXT, Kind.WORD, Kind.NUMBER, Kind.MEMBER}
ASKED_LATER = frozenset([Kind.INQUIRY, Kind.TEXT])
"""Never required here: the thread of a card names its inquiry, and a form is the better place for longer texts."""
_TYPES: Mapping[Kind, object] = {Kind.NUMBER: int, Kind.MEMBER: discord.User}
_NAME = re.compile(r"[-_'\w]{1,32}")


@dataclass(frozen=True, slots=True)
class OptionShape:
    """One option of a command. `choices`: values, each with its words; `labels` and `descriptions` by language."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[tuple[str, Words], ...] = ()
    labels: Words = field(default_factory=dict)
    descriptions: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandShape:
    """One command. With `menu`, by language, it stands in the menu of every message too, under these words."""

    verb: str
    descriptions: Words = field(default_factory=dict)
    options: tuple[OptionShape, ...] = ()
    menu: Words = field(default_factory=dict)


class Translations(app_commands.Translator):
    """Gives Discord the words that a text has for a language, where it has any."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        found = string.extras.get(locale.value.partition("-")[0])
        return found if isinstance(found, str) else None


def made(shapes: Sequence[CommandShape], hear: Hear, suggest: Suggest) -> list[Made]:
    """Commands for a CommandTree; what is typed goes to `hear`, and what is being typed to `suggest`."""
    menus = [_menu(shape, hear) for shape in shapes if shape.menu]
    return [*[_command(shape, hear, suggest) for shape in shapes], *menus]


def _command(shape: CommandShape, hear: Hear, suggest: Suggest) -> app_commands.Command[Any, ..., Any]:
    async def callback(heard: Heard, **_: object) -> None:
        hear(heard, "")

    async def suggestions(heard: Heard, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=_shown(one), value=one.value) for one in await suggest(heard) if _fits(one)]

    # discord.py reads a command's options from the signature of its callback.
    first = inspect.Parameter("heard", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    options = [_parameter(one) for one in sorted(shape.options, key=lambda one: not _is_required(one))]
    callback.__signature__ = inspect.Signature([first, *options])  # type: ignore[attr-defined]
    plain = {_argument(one): one for one in shape.options}
    described = {name: _text(one.descriptions or one.labels, one.name) for name, one in plain.items()}
    renamed = {name: _name(one) for name, one in plain.items()}
    chosen = {name: _choices(one) for name, one in plain.items() if _has_choices(one)}
    suggested = dict.fromkeys((name for name, one in plain.items() if _is_suggested(one)), suggestions)
    for decorate in (
        app_commands.describe(**described),
        app_commands.rename(**renamed),
        app_commands.choices(**chosen),
        app_commands.autocomplete(**suggested),
    ):
        decorate(callback)
    name = name_of(shape.verb)
    return app_commands.Command(
        name=name, description=_text(shape.descriptions, name), callback=callback, auto_locale_strings=False
    )


def _menu(shape: CommandShape, hear: Hear) -> app_commands.ContextMenu:
    async def callback(heard: discord.Interaction[Any], message: discord.Message) -> None:
        hear(heard, shape.verb)

    return app_commands.ContextMenu(
        name=_translated(shape.menu, shape.verb, NAME), callback=callback, auto_locale_strings=False
    )


def _parameter(one: OptionShape) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    default = inspect.Parameter.empty if _is_required(one) else None
    return inspect.Parameter(_argument(one), kind, default=default, annotation=_TYPES.get(one.kind, str))


def _argument(one: OptionShape) -> str:
    """The option's name in the signature, which takes no word of Python's own, such as "from"."""
    return f"{one.name}_"


def _is_required(one: OptionShape) -> bool:
    return one.required and one.kind not in ASKED_LATER


def _has_choices(one: OptionShape) -> bool:
    return one.kind not in _TYPES and 0 < len(one.choices) <= CHOICES


def _is_suggested(one: OptionShape) -> bool:
    return one.kind in SUGGESTED and not _has_choices(one)


def _choices(one: OptionShape) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=_text(words, value), value=value) for value, words in one.choices]


def _name(one: OptionShape) -> locale_str:
    """The option's own name, so that it can be read back, and those of other languages that Discord would take."""
    names = {language: one_line(label).lower().replace(" ", "-") for language, label in one.labels.items()}
    fitting = {language: name for language, name in names.items() if language != BASE and _NAME.fullmatch(name)}
    return locale_str(one.name, **fitting)


def _text(words: Words, otherwise: str) -> locale_str:
    return _translated(words, otherwise, DESCRIPTION)


def _translated(words: Words, otherwise: str, limit: int) -> locale_str:
    short = {language: shorten(one_line(text), limit) for language, text in words.items() if one_line(text)}
    return locale_str(short.pop(BASE, "") or otherwise, **short)


def _shown(one: Choice) -> str:
    return cut("choice", one_line(one.label) or one.value)


def _fits(one: Choice) -> bool:
    return 0 < len(one.value) <= 100
