"""Commands as Discord knows them: made from plain data, in many languages, registered only when they changed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import discord as library
import pytest
from discord import app_commands

from adapters.discord.app_commands import CommandShape, OptionShape, Translations, made
from adapters.discord.names import name_of, verb_of
from adapters.discord.registry import compared, payload_of
from bot.chat.card import Choice
from bot.chat.command import Kind
from bot.platforms import command_shapes
from bot.translator import Translator
from commands import COMMANDS
from tests.adapters.discord_office import SHAPES, Office, open_office, until
from tests.fakes.discord import FakeDiscord, Faults
from tests.fakes.discord_commands import wrong_in_commands
from tests.fakes.discord_people import GUILD

STRING, INTEGER, USER = 3, 4, 6


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    server = FakeDiscord()
    await server.open()
    yield server
    await server.close()
    assert server.unknown_keys == []


async def payload(*shapes: CommandShape) -> list[dict[str, Any]]:
    """The commands as Discord would get them."""

    async def nothing(_: object) -> Sequence[Choice]:
        return ()

    tree = app_commands.CommandTree(library.Client(intents=library.Intents.none()))
    await tree.set_translator(Translations())
    for one in made(shapes, lambda heard, verb: None, nothing):
        tree.add_command(one)
    return await payload_of(tree)


async def options(*given: OptionShape) -> list[dict[str, Any]]:
    (command,) = await payload(CommandShape("show", {"en": "Show"}, given))
    return list(command["options"])


def puts(discord: FakeDiscord) -> list[str]:
    """Where commands were registered, each time that they were."""
    return [place for method, place, _ in discord.answers if method == "put_commands"]


# --- what is made of the data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wanted", "is_suggested"),
    [
        (Kind.TEXT, STRING, False),
        (Kind.WORD, STRING, False),
        (Kind.NUMBER, INTEGER, False),
        (Kind.INQUIRY, STRING, True),
        (Kind.PERSON, STRING, True),
        (Kind.QUEUE, STRING, True),
        (Kind.CHOICE, STRING, True),
        (Kind.CUSTOMER, STRING, True),
        (Kind.TEMPLATE, STRING, True),
        (Kind.MEMBER, USER, False),
    ],
)
async def test_each_kind_of_option_has_its_type(kind: Kind, wanted: int, is_suggested: bool) -> None:
    (option,) = await options(OptionShape("what", kind))
    assert (option["name"], option["type"], option.get("autocomplete", False)) == ("what", wanted, is_suggested)


async def test_every_kind_of_option_is_known() -> None:
    assert len(await options(*[OptionShape(kind.value, kind) for kind in Kind])) == len(Kind)


async def test_a_verb_of_two_words_has_a_hyphen_and_an_option_may_be_called_anything() -> None:
    (command,) = await payload(
        CommandShape("template_versions", {"en": "What changed"}, (OptionShape("from", Kind.NUMBER),))
    )
    assert command["name"] == name_of("template_versions") == "template-versions"
    assert verb_of(command["name"]) == "template_versions"
    assert [(one["name"], one["description"]) for one in command["options"]] == [("from", "from")]


async def test_discord_takes_every_command_of_ours() -> None:
    made_of_ours = await payload(*command_shapes(COMMANDS, Translator()))
    assert list(wrong_in_commands(made_of_ours)) == []
    chat = [one for one in made_of_ours if one.get("type", 1) == 1]
    assert [verb_of(one["name"]) for one in chat] == [command.name for command in COMMANDS]
    assert len(chat) <= 100


async def test_required_options_come_first_and_what_a_thread_or_a_form_tells_is_none() -> None:
    told = await options(
        OptionShape("inquiry", Kind.INQUIRY, required=True),
        OptionShape("page", Kind.NUMBER),
        OptionShape("text", Kind.TEXT, required=True),
        OptionShape("person", Kind.PERSON, required=True),
    )
    assert [(one["name"], one["required"]) for one in told] == [
        ("person", True),
        ("inquiry", False),
        ("page", False),
        ("text", False),
    ]


async def test_choices_have_their_words_in_each_language() -> None:
    choices = (("low", {"en": "Low", "ja": "低"}), ("high", {"en": "High", "ja": "高"}))
    (option,) = await options(OptionShape("level", Kind.CHOICE, choices=choices))
    assert option["choices"] == [
        {"name": "Low", "value": "low", "name_localizations": {"ja": "低"}},
        {"name": "High", "value": "high", "name_localizations": {"ja": "高"}},
    ]
    assert "autocomplete" not in option


async def test_more_choices_than_discord_shows_are_suggested() -> None:
    many = tuple((str(n), {"en": f"Number {n}"}) for n in range(26))
    (option,) = await options(OptionShape("level", Kind.CHOICE, choices=many))
    assert ("choices" in option, option["autocomplete"]) == (False, True)


async def test_names_and_descriptions_are_translated() -> None:
    (command,) = await payload(
        CommandShape(
            "assign",
            {"en": "Give it", "ja": "任せます"},
            (
                OptionShape(
                    "person", Kind.PERSON, labels={"en": "Person", "ja": "担当者"}, descriptions={"ja": "だれに"}
                ),
            ),
        )
    )
    (option,) = command["options"]
    assert (command["name"], command["name_localizations"]) == ("assign", {})
    assert (command["description"], command["description_localizations"]) == ("Give it", {"ja": "任せます"})
    assert (option["name"], option["name_localizations"]) == ("person", {"ja": "担当者"})
    assert (option["description"], option["description_localizations"]) == ("person", {"ja": "だれに"})


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Customer ID", "customer-id"),
        ("ID", "id"),
        ("x" * 33, None),
        ("担当者（名前）", None),
        ("  ", None),
        ("a/b", None),
    ],
)
async def test_a_translated_name_that_discord_would_refuse_is_left_out(label: str, name: str | None) -> None:
    (option,) = await options(OptionShape("what", labels={"en": "What", "ja": label}))
    assert option.get("name_localizations") == ({"ja": name} if name else None)


async def test_long_descriptions_are_cut_and_missing_ones_are_the_name() -> None:
    long, bare = await payload(CommandShape("long", {"en": "x" * 300, "ja": "あ" * 300}), CommandShape("bare"))
    assert (len(long["description"]), len(long["description_localizations"]["ja"])) == (100, 100)
    assert bare["description"] == "bare"


async def test_a_command_may_stand_in_the_menu_of_every_message() -> None:
    command, menu = await payload(CommandShape("new", {"en": "Open"}, menu={"en": "Make of it", "ja": "これから作る"}))
    assert (command["type"], menu["type"]) == (1, 3)
    assert (menu["name"], menu["name_localizations"]) == ("Make of it", {"ja": "これから作る"})


# --- registered when they changed -----------------------------------------------------------------------------


async def registered(discord: FakeDiscord, *shapes: CommandShape, guild: str = GUILD) -> None:
    """Run a gateway until it has told Discord of these commands, if that is needed."""
    async with open_office(discord, connects=False, shapes=shapes, guild=guild) as office, office.running():
        await until(lambda: office.gateway.connected)
        await until(lambda: office.gateway.registry.is_done)


async def test_commands_are_registered_only_when_they_changed(discord: FakeDiscord) -> None:
    await registered(discord, *SHAPES)
    await registered(discord, *SHAPES)
    assert puts(discord) == [GUILD]
    (kept,) = [one for one in discord.commands() if one["name"] == "assign"]
    assert kept["options"][1]["name_localizations"] == {"ja": "問い合わせ"}


async def test_comparing_without_care_would_register_them_at_each_start(discord: FakeDiscord) -> None:
    """The negative control: Discord gives commands back in other words than it was given."""
    await registered(discord, *SHAPES)
    ours = await payload(*SHAPES)
    assert discord.commands() != ours
    assert compared(discord.commands()) == compared(ours)


SHOW = CommandShape(
    "show", {"en": "Show"}, (OptionShape("what", labels={"ja": "何"}), OptionShape("page", Kind.NUMBER))
)


@pytest.mark.parametrize(
    "changed",
    [
        CommandShape("show", {"en": "Show it"}, SHOW.options),
        CommandShape("show", {"en": "Show", "ja": "見せる"}, SHOW.options),
        CommandShape("show", {"en": "Show"}, SHOW.options[:1]),
        CommandShape("show", {"en": "Show"}, SHOW.options[::-1]),
        CommandShape("show", {"en": "Show"}, (OptionShape("what", labels={"ja": "どれ"}), SHOW.options[1])),
        CommandShape(
            "show", {"en": "Show"}, (OptionShape("what", Kind.WORD, True, labels={"ja": "何"}), SHOW.options[1])
        ),
        CommandShape("show", {"en": "Show"}, (OptionShape("what", Kind.PERSON, labels={"ja": "何"}), SHOW.options[1])),
        CommandShape("show", {"en": "Show"}, SHOW.options, menu={"en": "Show"}),
        CommandShape("look", {"en": "Show"}, SHOW.options),
    ],
)
async def test_every_change_is_registered(discord: FakeDiscord, changed: CommandShape) -> None:
    await registered(discord, SHOW)
    await registered(discord, changed)
    assert puts(discord) == [GUILD, GUILD]
    assert compared(discord.commands()) == compared(await payload(changed))


async def test_without_a_server_commands_are_registered_for_all(discord: FakeDiscord) -> None:
    await registered(discord, SHOW, guild="")
    await registered(discord, SHOW, guild="")
    assert puts(discord) == [""]
    assert (len(discord.commands("")), discord.commands()) == (1, [])


async def test_commands_of_all_servers_are_taken_back_for_those_of_one(discord: FakeDiscord) -> None:
    """Otherwise each would be offered twice."""
    await registered(discord, SHOW, guild="")
    await registered(discord, SHOW)
    assert (discord.commands(""), len(discord.commands())) == ([], 1)


async def test_registering_is_tried_again_and_trouble_says_so(discord: FakeDiscord) -> None:
    discord.set_faults(Faults(broken=1.0, methods=["get_commands"]))
    async with open_office(discord, connects=False, shapes=[SHOW]) as office, office.running():
        office.gateway.registry.pause = 0.01
        await until(lambda: "commands" in office.gateway.trouble)
        assert office.gateway.connected
        discord.set_faults(Faults())
        await until(lambda: office.gateway.registry.is_done)
        assert office.gateway.trouble == ""
    assert len(discord.commands()) == 1


async def test_a_new_connection_asks_for_no_commands(discord: FakeDiscord) -> None:
    async with open_office(discord) as office:
        await until(lambda: ("get_commands", "", "ok") in discord.answers)  # the last that is asked after the start
        asked = len([one for one in discord.answers if "commands" in one[0]])
        discord.forget()
        discord.drop()
        await until(lambda: discord.gateway.identifies == 2 and office.gateway.connected)
        assert (await discord.command("ken", "support", "/queue")).error == ""
        assert len([one for one in discord.answers if "commands" in one[0]]) == asked


async def test_all_that_was_registered_can_be_typed(discord: FakeDiscord) -> None:
    async with open_office(discord) as office:
        await typed(office, "agent", {"who": "ken", "role": "担当者"}, {"who": "200000000000000002", "role": "agent"})
        await typed(office, "queue", {"queue": "support", "page": 2}, {"queue": "support", "page": "2"})
        await typed(office, "assign", {"問い合わせ": "#7", "担当者": "ken"}, {"inquiry": "#7", "person": "ken"})


async def typed(office: Office, name: str, given: dict[str, Any], wanted: dict[str, str]) -> None:
    outcome = await office.discord.command("emma", "support", name, given)
    assert (outcome.errors, outcome.kind) == ({}, "message")
    assert (office.desk.calls[-1].verb, dict(office.desk.calls[-1].options)) == (name, wanted)
