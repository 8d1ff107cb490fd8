"""The fake Discord itself: real discord.py talks to it, and it refuses what the real Discord refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import discord
import discord.gateway
import discord.http
import pytest
import yarl
from aiohttp import ClientError, ClientSession
from discord import app_commands, ui

from tests.fakes.discord import GUILD, TOKEN, FakeDiscord, Faults
from tests.fakes.discord_live import live
from tests.fakes.discord_people import AGENTS, ALIEN, APP, BOT_USER, HANA, IDEAS, KEN, OTTO, ROBOT, SUPPORT, TEAM
from tests.fakes.discord_spec import checked
from tests.fakes.discord_typing import arguments, typed
from tests.support.specs import need_specs

GUARD = 15.0
"""Seconds after which a test that waits has failed."""
HOME = discord.Object(int(GUILD))
ROW, BUTTON, TEXT, CONTAINER = 1, 2, 10, 17
V2 = 1 << 15


class Form(ui.Modal, title="Reply"):
    text: ui.Label[Any] = ui.Label(
        text="Text", component=ui.TextInput(custom_id="text", default="Dear", style=discord.TextStyle.paragraph)
    )
    kind: ui.Label[Any] = ui.Label(
        text="Kind",
        component=ui.Select(custom_id="kind", options=[discord.SelectOption(label="Bill", value="bill")]),
    )
    who: ui.Label[Any] = ui.Label(text="Who", component=ui.UserSelect(custom_id="who", required=False))


class Card(ui.LayoutView):
    """A card with a button and a select, whose custom ids end in the mark of the send."""

    def __init__(self, title: str = "Where is my order?", mark: str = "k7") -> None:
        super().__init__(timeout=None)
        offered = [discord.SelectOption(label="High", value="3"), discord.SelectOption(label="Low", value="1")]
        link: ui.Button[Any] = ui.Button(label="Open", url="https://desk.example.com/7")
        box: ui.Container[Any] = ui.Container(ui.TextDisplay(title), ui.Section(ui.TextDisplay("x"), accessory=link))
        box.add_item(ui.ActionRow(ui.Button(label="Claim", custom_id=f"claim:7|{mark}")))
        box.add_item(ui.ActionRow(ui.Select(custom_id=f"weight:7|{mark}", placeholder="Weight", options=offered)))
        self.add_item(box)


class Bot(discord.Client):
    """A bot that remembers what people did and answers it with `answer`."""

    def __init__(self, intents: discord.Intents | None = None, heartbeat: float = 60.0) -> None:
        super().__init__(
            intents=intents or discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            heartbeat_timeout=heartbeat,
            guild_ready_timeout=0.01,
        )
        self.tree = app_commands.CommandTree(self)
        self.done: list[discord.Interaction[Any]] = []
        self.heard: list[str] = []
        self.answer: Callable[[discord.Interaction[Any]], Awaitable[object]] = say_done
        self.tree.add_command(app_commands.Command(name="queue", description="What is open", callback=queue))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not rest for five seconds before each identify."""

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.done.append(interaction)
        await self.answer(interaction)

    async def on_socket_event_type(self, name: str) -> None:
        self.heard.append(name)


async def say_done(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.send_message("Done", ephemeral=True)


async def nothing(_interaction: discord.Interaction[Any]) -> None:
    """Leave it to somebody else, or unanswered."""


async def queue(
    interaction: discord.Interaction[Any], name: str = "", who: discord.Member | None = None, most: int = 5
) -> None:
    """The command that the bot has; `answer` answers it."""


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    server = FakeDiscord()
    await server.open()
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = server.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    yield server
    discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
    await server.close()


@pytest.fixture
async def bot(fake: FakeDiscord) -> AsyncIterator[Bot]:
    """A bot that is logged in for REST alone."""
    async with Bot() as client:
        await client.login(TOKEN)
        yield client


@pytest.fixture
async def live_bot(fake: FakeDiscord) -> AsyncIterator[Bot]:
    """A bot at the gateway whose command is registered."""
    client = Bot()
    async with client:
        running = asyncio.create_task(client.start(TOKEN))
        async with asyncio.timeout(GUARD):
            await fake.gateway.connected_to(1)
            await client.wait_until_ready()
        client.tree.copy_global_to(guild=HOME)
        await client.tree.sync(guild=HOME)
        yield client
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def until(what: Callable[[], object]) -> None:
    """Wait until it is true."""
    async with asyncio.timeout(GUARD):
        while not what():  # noqa: ASYNC110 - what happens in the library sets no event
            await asyncio.sleep(0.01)


def place(bot: discord.Client, channel: str) -> discord.PartialMessageable:
    return bot.get_partial_messageable(int(channel), guild_id=int(GUILD))


async def channel(bot: discord.Client, name: str) -> discord.TextChannel:
    """A channel with its guild, as a client without gateway gets it."""
    found = await bot.fetch_channel(int(name))
    assert isinstance(found, discord.TextChannel)
    return found


async def refused(call: Awaitable[Any]) -> int:
    """The code with which a call is refused."""
    with pytest.raises(discord.HTTPException) as told:
        await call
    return told.value.code


async def ask(fake: FakeDiscord, verb: str, path: str, body: object = None, token: str = TOKEN) -> tuple[int, Any]:
    """A request without the library: the status, and what was said."""
    headers = {"Authorization": f"Bot {token}"}
    async with (
        ClientSession() as session,
        session.request(verb, fake.api_url + path, json=body, headers=headers) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


async def faults_of(fake: FakeDiscord, body: object, path: str = f"/channels/{SUPPORT}/messages") -> str:
    """Where Discord says that a body is wrong, and in which words."""
    status, told = await ask(fake, "PUT" if path.endswith("/commands") else "POST", path, body)
    assert (status, told["code"]) == (400, 50035), told
    return json.dumps(told["errors"])


def text(words: str) -> dict[str, Any]:
    return {"type": TEXT, "content": words}


def button(custom_id: str | None = "a", **more: object) -> dict[str, Any]:
    return {"type": BUTTON, "style": 1, "label": "Go", **({"custom_id": custom_id} if custom_id else {}), **more}


def row(*inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": ROW, "components": list(inner)}


# --- messages -----------------------------------------------------------------------------------------------


async def test_a_card_is_posted_changed_answered_under_and_deleted(fake: FakeDiscord, bot: Bot) -> None:
    posted = await (await channel(bot, SUPPORT)).send(view=Card())
    (message,) = fake.messages("support")
    assert (message.id, message.user, message.key, message.flags) == (str(posted.id), BOT_USER, "k7", V2)
    assert message.text.split("\n") == ["Where is my order?", "x", "Open", "Claim", "Weight", "High", "Low"]
    assert message.components[0]["id"] == 1

    await posted.edit(view=Card("Claimed"))
    assert (message.text.split("\n")[0], message.updates) == ("Claimed", 1)
    thread = await posted.create_thread(name="Order 7")
    assert thread.id == posted.id
    await thread.send("A reply")
    assert [one.content for one in fake.thread(message)] == ["A reply"]
    assert [one.content for one in fake.messages("support")] == [""]

    await posted.delete()
    assert fake.messages("support") == []
    assert await refused(posted.edit(view=Card())) == 10008
    assert [one.content for one in fake.thread(message)] == ["A reply"]
    assert fake.unknown_keys == []


async def test_ids_rise_and_hold_the_time(fake: FakeDiscord, bot: Bot) -> None:
    fake.world.clock = lambda: 1_700_000_000.5
    sent = [await place(bot, TEAM).send(str(number)) for number in range(3)]
    assert [one.created_at.timestamp() for one in sent] == [1_700_000_000.5] * 3
    assert sorted({one.id for one in sent}) == [one.id for one in sent]


async def test_history_is_read_before_after_and_around(fake: FakeDiscord, bot: Bot) -> None:
    sent = [await place(bot, TEAM).send(str(number)) for number in range(7)]
    fake.delete("team", str(sent[3].id))

    async def read(**where: Any) -> list[str]:
        return [one.content async for one in place(bot, TEAM).history(**where)]

    assert await read(limit=3) == ["6", "5", "4"]
    assert await read(before=sent[2]) == ["1", "0"]
    assert await read(after=sent[1], oldest_first=True) == ["2", "4", "5", "6"]
    assert await read(around=sent[2], limit=3) == ["4", "2", "1"]
    fake.faults.lag = 3600
    assert await read() == []
    assert "limit" in json.dumps((await ask(fake, "GET", f"/channels/{TEAM}/messages?limit=101"))[1])


async def test_a_nonce_makes_one_message_for_a_while(fake: FakeDiscord, bot: Bot) -> None:
    now = 1_700_000_000.0
    fake.world.clock = lambda: now
    first = await place(bot, TEAM).send("one", nonce="n1")
    assert (await place(bot, TEAM).send("other", nonce="n1")).id == first.id
    assert [(one.content, one.nonce) for one in fake.messages("team")] == [("one", "n1")]
    fake.delete("team", str(first.id))
    assert await refused(place(bot, TEAM).send("one", nonce="n1")) == 10008
    now += 121
    assert (await place(bot, TEAM).send("one", nonce="n1")).id != first.id
    assert await refused(place(bot, TEAM).send("one", nonce="n" * 26)) == 50035


async def test_mentions_call_only_whom_they_may(fake: FakeDiscord, bot: Bot) -> None:
    words = f"@everyone <@{HANA}> <@&{AGENTS}>"
    quiet = await place(bot, TEAM).send(words)
    assert fake.world.messages[str(quiet.id)].pinged == []
    _, told = await ask(fake, "POST", f"/channels/{TEAM}/messages", {"content": words})
    assert fake.world.messages[told["id"]].pinged == ["@everyone", HANA, AGENTS]
    await ask(fake, "PATCH", f"/channels/{TEAM}/messages/{quiet.id}", {"content": words})
    assert len(fake.world.messages[str(quiet.id)].pinged) == 3
    some = {"content": words, "allowed_mentions": {"parse": ["roles"], "users": [HANA]}}
    assert (await ask(fake, "POST", f"/channels/{TEAM}/messages", some))[1]["mention_roles"] == [AGENTS]
    both = {"content": words, "allowed_mentions": {"parse": ["users"], "users": [HANA]}}
    assert "mutually exclusive" in await faults_of(fake, both)


async def test_messages_of_others_cannot_be_edited_nor_read_without_the_intent(fake: FakeDiscord, bot: Bot) -> None:
    typed = fake.say("hana", "team", "Hello")
    message = await place(bot, TEAM).fetch_message(int(typed.id))
    assert (message.content, message.author.id) == ("", int(HANA))
    assert await refused(message.edit(content="x")) == 50005
    fake.world.privileged = 1 << 15
    assert (await place(bot, TEAM).fetch_message(int(typed.id))).content == "Hello"


# --- places and permissions ---------------------------------------------------------------------------------


async def test_what_is_not_allowed_in_a_channel_is_refused(fake: FakeDiscord, bot: Bot) -> None:
    there = await channel(bot, SUPPORT)
    posted = await there.send("x")
    fake.deny("support", "create_public_threads", "embed_links", "read_message_history")
    assert await refused(posted.create_thread(name="x")) == 50013
    assert await refused(there.send(embed=discord.Embed(title="x"))) == 50013
    await there.send("with words", embed=discord.Embed(title="x"))
    assert fake.messages("support")[-1].embeds == []
    assert [one async for one in there.history()] == []
    assert await refused(there.fetch_message(posted.id)) == 50001
    fake.deny("support", "send_messages")
    assert await refused(there.send("x")) == 50013
    await posted.edit(content="y")
    fake.kick_bot("support")
    assert await refused(posted.edit(content="z")) == 50001
    fake.invite_bot("support")
    await posted.edit(content="z")
    fake.faults.missing = ["send_messages"]
    assert await refused(place(bot, TEAM).send("x")) == 50013
    roles = await (await bot.fetch_guild(int(GUILD))).fetch_roles()
    assert not any(one.permissions.send_messages for one in roles)
    with pytest.raises(LookupError):
        fake.deny("support", "fly")


async def test_the_library_reckons_permissions_as_the_server_does(fake: FakeDiscord, bot: Bot) -> None:
    fake.deny("support", "send_messages", "embed_links")
    guild = await bot.fetch_guild(int(GUILD))
    me = await guild.fetch_member(int(BOT_USER))
    by_name = {one.name: one for one in await guild.fetch_channels()}
    assert sorted(by_name) == ["ideas", "returns", "support", "team"]
    told = by_name["support"].permissions_for(me)
    assert (told.view_channel, told.send_messages, told.embed_links) == (True, False, False)
    assert by_name["team"].permissions_for(me).send_messages
    assert by_name["ideas"].type is discord.ChannelType.forum


async def test_unknown_places_and_kinds_are_refused(fake: FakeDiscord, bot: Bot) -> None:
    posted = await place(bot, TEAM).send("x")
    assert await refused(place(bot, "999").send("x")) == 10003
    assert await refused(place(bot, IDEAS).send("x")) == 50008
    assert await refused(place(bot, TEAM).fetch_message(999)) == 10008
    fake.faults.refused = {TEAM: 50001}
    assert await refused(place(bot, TEAM).send("x")) == 50001
    fake.faults.refused = {}
    fake.remove_channel("team")
    assert await refused(posted.edit(content="y")) == 10003
    fake.kick_bot()
    assert await refused(bot.fetch_guild(int(GUILD))) == 10004
    assert await refused(place(bot, SUPPORT).send("x")) == 50001


async def test_threads_are_started_once_archived_and_opened_by_a_message(fake: FakeDiscord, bot: Bot) -> None:
    posted = await (await channel(bot, SUPPORT)).send("card")
    thread = await posted.create_thread(name="x" * 100)
    assert await refused(posted.create_thread(name="again")) == 160004
    inside = await thread.send("inside")
    await thread.edit(archived=True)
    (kept,) = fake.threads("support")
    assert (kept.is_archived, kept.id) == (True, str(posted.id))
    assert await refused(inside.edit(content="y")) == 50083
    assert await refused(thread.edit(name="other")) == 50083
    await posted.edit(content="the card itself is not in the thread")
    await thread.send("more")
    assert not kept.is_archived
    await thread.edit(archived=True)
    await thread.edit(archived=False, name="other")
    assert (kept.is_archived, kept.name) == (False, "other")
    fake.archive(kept.id, is_locked=True)
    fake.deny("support", "manage_threads")
    assert await refused(thread.send("y")) == 50083
    fake.archive(kept.id, False)
    fake.world.most_threads = 1
    other = await (await channel(bot, SUPPORT)).send("card")
    assert await refused(other.create_thread(name="x")) == 160006
    assert fake.unknown_keys == []


async def test_direct_messages_reach_those_who_take_them(fake: FakeDiscord, bot: Bot) -> None:
    hana = await bot.fetch_user(int(HANA))
    await hana.send("Only you")
    assert [one.content for one in fake.direct("hana")] == ["Only you"]
    assert [one.content for one in fake.messages("@hana")] == ["Only you"]
    fake.close_dm("hana")
    assert await refused(hana.send("x")) == 50007
    fake.open_dm("hana")
    fake.leave("hana")
    assert await refused(hana.send("x")) == 50278
    assert await refused((await bot.fetch_user(int(ALIEN))).send("x")) == 50278
    assert await refused((await bot.fetch_user(int(ROBOT))).send("x")) == 50007
    assert await refused(bot.fetch_user(999)) == 10013


async def test_people_have_roles_names_and_leave(fake: FakeDiscord, bot: Bot) -> None:
    guild = await bot.fetch_guild(int(GUILD))
    assert {one.name for one in await guild.fetch_roles()} == {"@everyone", "Agents", "Supervisors", "Desk"}
    ken = await guild.fetch_member(int(KEN))
    assert (ken.nick, ken.global_name, [one.id for one in ken.roles][1:]) == ("Ken", "Ken Miller", [int(AGENTS)])
    fake.give_role("ken", "Supervisors")
    fake.take_role("ken", "Agents")
    assert [one.name for one in (await guild.fetch_member(int(KEN))).roles][1:] == ["Supervisors"]
    fake.leave("ken")
    assert await refused(guild.fetch_member(int(KEN))) == 10007
    assert await refused(guild.fetch_member(int(ALIEN))) == 10007


async def test_the_token_is_asked_for(fake: FakeDiscord, bot: Bot) -> None:
    status, told = await ask(fake, "GET", "/users/@me", token="other")
    assert (status, told["code"], fake.invalid_requests) == (401, 0, 1)
    fake.faults.revoked = True
    assert await refused(bot.fetch_guild(int(GUILD))) == 0


# --- bodies -------------------------------------------------------------------------------------------------

GOOD_MODAL = {"type": 18, "label": "Text", "component": {"type": 4, "style": 1, "custom_id": "t"}}
BAD_MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"content": "x" * 2001}, "2000 or fewer"),
    ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, "6000"),
    ({"embeds": [{"fields": [{"name": "a", "value": " "}]}]}, "value"),
    ({"flags": V2, "content": "x", "components": [text("x")]}, "IS_COMPONENTS_V2"),
    ({"flags": V2, "embeds": [{"title": "x"}], "components": [text("x")]}, "IS_COMPONENTS_V2"),
    ({"flags": V2, "components": [{"type": CONTAINER, "components": [text("x")] * 40}]}, "cannot exceed 40"),
    ({"flags": V2, "components": [text("x" * 2000), text("x" * 2001)]}, "4000 characters"),
    ({"flags": V2, "components": [row(button("a"), button("a"))]}, "custom id cannot be duplicated"),
    ({"flags": V2, "components": [text("x") | {"id": 7}, text("y") | {"id": 7}]}, "Component id cannot be duplicated"),
    ({"flags": V2, "components": [row(button(None))]}, "custom id is required"),
    ({"flags": V2, "components": [row(button(label=""))]}, "label or an emoji"),
    ({"flags": V2, "components": [row(button(style=5))]}, "link button"),
    ({"flags": V2, "components": [text(" ")]}, "required"),
    ({"flags": V2, "components": [row(button("b"), {"type": 5, "custom_id": "a"})]}, "five buttons or one select"),
    ({"content": "x", "components": [text("x")]}, "Value must be one of {1}"),
    ({"content": "x", "components": [row(button(str(n))) for n in range(6)]}, "5 or fewer"),
    ({"content": "x", "components": [row({"type": 3, "custom_id": "a", "options": []})]}, "options"),
    (
        {"content": "x", "components": [row({"type": 5, "custom_id": "a", "required": True, "min_values": 0})]},
        "min_values of 0",
    ),
]


@pytest.mark.parametrize(("body", "words"), BAD_MESSAGES, ids=[words for _, words in BAD_MESSAGES])
async def test_documented_limits_of_messages_are_kept(fake: FakeDiscord, body: dict[str, Any], words: str) -> None:
    assert words in await faults_of(fake, body)
    assert fake.messages("support") == []


BAD_BY_SPEC: list[tuple[dict[str, Any], str]] = [
    ({"embeds": [{"title": "x" * 257}]}, '"title"'),
    ({"embeds": [{"title": "x"}] * 11}, "10 or fewer"),
    ({"content": "x", "components": [row(*[button(str(n)) for n in range(6)])]}, "5 or fewer"),
    ({"content": "x", "components": [row(button("c" * 101))]}, '"custom_id"'),
    ({"content": "x", "components": [row(button(label="x" * 81))]}, "80 or fewer"),
    (
        {"flags": V2, "components": [{"type": CONTAINER, "accent_color": 1 << 24, "components": [text("x")]}]},
        "16777215",
    ),
    ({"flags": V2, "components": [{"type": 99}]}, "components"),
    ({"content": 7}, "string"),
]


@pytest.mark.parametrize(("body", "words"), BAD_BY_SPEC, ids=[words for _, words in BAD_BY_SPEC])
async def test_the_description_is_kept(fake: FakeDiscord, body: dict[str, Any], words: str) -> None:
    need_specs()
    assert words in await faults_of(fake, body)


async def test_keys_that_nobody_knows_are_reported(fake: FakeDiscord) -> None:
    need_specs()
    status, _ = await ask(fake, "POST", f"/channels/{TEAM}/messages", {"content": "x", "contnet": "y"})
    assert (status, fake.unknown_keys) == (200, ["POST /channels/{channel_id}/messages: contnet"])


def test_an_answer_is_held_against_the_kind_that_it_is() -> None:
    need_specs()
    path = "/interactions/{interaction_id}/{interaction_token}/callback"
    modal = {"type": 9, "data": {"custom_id": "a", "title": "x" * 46, "components": [GOOD_MODAL]}}
    assert checked("POST", path, modal).faults == [("data/title", "Must be 45 or fewer in length.")]
    assert checked("POST", path, {"type": 3}).faults[0][0] == "type"
    numbers = {"type": 4, "data": {"content": "x", "allowed_mentions": {"users": [int(HANA)]}}}
    assert checked("POST", path, numbers).faults == []


@pytest.mark.parametrize("body", [{}, {"content": " \n"}, {"components": [row(button())]}, {"content": None}])
async def test_an_empty_message_is_refused(fake: FakeDiscord, body: dict[str, Any]) -> None:
    status, told = await ask(fake, "POST", f"/channels/{TEAM}/messages", body)
    assert (status, told["code"]) == (400, 50006)


async def test_a_v2_message_stays_one_and_an_edit_does_not_empty_it(fake: FakeDiscord, bot: Bot) -> None:
    card = await place(bot, TEAM).send(view=Card())
    path = f"/channels/{TEAM}/messages/{card.id}"
    for body, code in (({"content": "x"}, 50035), ({"flags": 0}, 50035), ({"components": []}, 50006)):
        status, told = await ask(fake, "PATCH", path, body)
        assert (status, told["code"]) == (400, code)
    plain = await place(bot, TEAM).send("plain")
    assert await refused(plain.edit(view=Card())) == 50035
    await plain.edit(content=None, view=Card())
    assert fake.messages("team")[1].flags == V2


def command(name: str = "queue", **more: object) -> dict[str, Any]:
    return {"name": name, "description": "x", "type": 1, **more}


def option(name: str = "name", **more: object) -> dict[str, Any]:
    return {"name": name, "description": "x", "type": 3, **more}


BAD_COMMANDS: list[tuple[list[dict[str, Any]], str]] = [
    ([command(str(n)) for n in range(101)], "Maximum number"),
    ([command("Queue")], "name is invalid"),
    ([command("two words")], "name is invalid"),
    ([command(description="")], "between 1 and 100"),
    ([command(description="x" * 101)], "100"),
    ([command(), command()], "must be unique"),
    ([command(options=[option("a"), option("b", required=True)])], "placed before"),
    ([command(options=[option("a"), option("a")])], "already exists"),
    ([command(options=[option(str(n)) for n in range(26)])], "25 or fewer"),
    ([command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])], "25 or fewer"),
    ([command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "a"}])])], "with choices"),
    ([command(name_localizations={"jp": "x"})], "locale"),
    ([command(options=[option(str(n), description_localizations={"ja": "x" * 100}) for n in range(25)])] * 1
     + [command("long", options=[option(f"o{n}", choices=[{"name": f"{c}" + "n" * 90, "value": f"{c}" + "v" * 90}
                                                          for c in range(25)]) for n in range(2)])], "8000"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), BAD_COMMANDS, ids=range(len(BAD_COMMANDS)))
async def test_commands_that_discord_would_not_take(fake: FakeDiscord, body: list[dict[str, Any]], words: str) -> None:
    assert words in await faults_of(fake, body, f"/applications/{APP}/guilds/{GUILD}/commands")
    assert fake.commands() == []


async def test_commands_are_kept_and_their_creates_counted(fake: FakeDiscord, bot: Bot) -> None:
    first = await bot.tree.sync()
    (kept,) = fake.commands("")
    assert [one["name"] for one in kept["options"]] == ["name", "who", "most"]
    again = await bot.tree.sync()
    assert ([one.id for one in again], fake.commands("")[0]["version"]) == ([first[0].id], kept["version"])
    assert [one.name for one in await bot.tree.fetch_commands()] == ["queue"]
    path = f"/applications/{APP}/commands"
    for batch in range(2):
        assert (await ask(fake, "PUT", path, [command(f"c{batch}-{n}") for n in range(99)]))[0] == 200
    assert (await ask(fake, "PUT", path, [command("one"), command("two")]))[1]["code"] == 30034
    assert (await ask(fake, "PUT", path, [command("one")]))[0] == 200


# --- what people do -----------------------------------------------------------------------------------------


async def test_a_command_is_typed_and_answered_for_one_alone(fake: FakeDiscord, live_bot: Bot) -> None:
    outcome = await fake.command("hana", "support", "/queue returns @ken 3")
    assert (outcome.kind, outcome.error) == ("message", "")
    asked = live_bot.done[0]
    assert asked.data is not None
    values = {one["name"]: one["value"] for one in asked.data["options"]}  # type: ignore[typeddict-item]
    assert (values, asked.locale) == ({"name": "returns", "who": KEN, "most": 3}, discord.Locale.japanese)
    assert isinstance(asked.user, discord.Member)
    assert [one.id for one in asked.user.roles][1:] == [int(AGENTS)]
    assert [one.content for one in fake.ephemerals("hana")] == ["Done"]
    assert (fake.messages("support"), fake.ephemerals("ken")) == ([], [])


async def test_a_command_that_is_not_there_cannot_be_used(fake: FakeDiscord, live_bot: Bot) -> None:
    for user, channel, line in (
        ("hana", "support", "/close"),
        ("hana", "@hana", "/queue"),
        ("alien", "support", "/queue"),
        ("hana", "@ken", "/queue"),
    ):
        with pytest.raises(LookupError):
            await fake.command(user, channel, line)
    outcome = await fake.command("hana", "support", "queue", {"most": "many"})
    assert (outcome.errors, live_bot.done) == ({"most": "no number"}, [])
    await live_bot.tree.sync()
    assert (await fake.command("hana", "@hana", "/queue")).kind == "message"
    assert live_bot.done[0].guild_id is None


async def test_a_button_opens_a_form_that_is_sent(fake: FakeDiscord, live_bot: Bot) -> None:
    async def answer(asked: discord.Interaction[Any]) -> None:
        if asked.type is discord.InteractionType.component:
            await asked.response.send_modal(Form(custom_id="reply:7"))
        else:
            await asked.response.edit_message(view=Card("Answered"))

    live_bot.answer = answer
    posted = await place(live_bot, SUPPORT).send(view=Card())
    opened = await fake.press("hana", "support", str(posted.id), "claim:7")
    assert opened.kind == "modal"
    (modal,) = fake.modals("hana")
    assert (modal.custom_id, modal.title, modal.message) == ("reply:7", "Reply", str(posted.id))
    missing = await fake.submit("hana", modal, {"text": "", "Kind": "Bill"})
    assert missing.errors == {"text": "required"}
    with pytest.raises(LookupError):
        await fake.submit("hana", modal, {"other": "x"})
    sent = await fake.submit("hana", modal, {"Kind": "Bill", "who": "ken"})
    assert (sent.kind, fake.modals("hana")) == ("update", [])
    told = live_bot.done[-1].data
    assert told is not None
    inner = [one["component"] for one in told["components"]]  # type: ignore[typeddict-item]
    assert [one.get("value", one.get("values")) for one in inner] == ["Dear", ["bill"], [KEN]]
    assert fake.messages("support")[0].text.startswith("Answered")
    assert fake.unknown_keys == []


async def test_a_select_is_chosen_in_and_an_ephemeral_answer_is_changed_in_place(
    fake: FakeDiscord, live_bot: Bot
) -> None:
    async def answer(asked: discord.Interaction[Any]) -> None:
        assert asked.data is not None
        name = str(asked.data["custom_id"])  # type: ignore[typeddict-item]
        if name.startswith("weight"):
            await asked.response.send_message(view=Card("Chosen"), ephemeral=True)
        else:
            await asked.response.edit_message(view=Card("Changed"))

    live_bot.answer = answer
    posted = await place(live_bot, SUPPORT).send(view=Card())
    await fake.choose("hana", "support", str(posted.id), "Weight", "High")
    assert live_bot.done[0].data["values"] == ["3"]  # type: ignore[index,typeddict-item]
    (shown,) = fake.ephemerals("hana")
    outcome = await fake.press("hana", "support", shown, "Claim")
    assert (outcome.kind, shown.text.split("\n")[0], shown.replaced) == ("update", "Changed", 1)
    for user, what, chosen in (("ken", "Claim", ""), ("hana", "Open", ""), ("hana", "Weight", "Huge")):
        with pytest.raises(LookupError):
            await fake.press(user, "support", shown, what, chosen=chosen)


async def test_autocomplete_offers_choices(fake: FakeDiscord, live_bot: Bot) -> None:
    async def answer(asked: discord.Interaction[Any]) -> None:
        if asked.type is discord.InteractionType.autocomplete:
            await asked.response.autocomplete([app_commands.Choice(name="Returns", value="returns")])

    live_bot.answer = answer
    outcome = await fake.autocomplete("hana", "support", "queue", "name", "ret")
    assert (outcome.kind, outcome.choices) == ("choices", [{"name": "Returns", "value": "returns"}])


async def test_the_same_thing_told_twice_has_one_answer(fake: FakeDiscord, live_bot: Bot) -> None:
    codes: list[int] = []

    async def answer(asked: discord.Interaction[Any]) -> None:
        try:
            await asked.response.send_message("Done")
        except discord.HTTPException as refusal:
            codes.append(refusal.code)

    live_bot.answer = answer
    await fake.command("hana", "support", "/queue", twice=True)
    await until(lambda: codes)
    assert (codes, len(fake.messages("support")), len(live_bot.done)) == ([40060], 1, 2)
    assert len({one.id for one in live_bot.done}) == 1


async def test_what_is_deferred_thinks_until_it_is_edited_or_followed_up(fake: FakeDiscord, live_bot: Bot) -> None:
    live_bot.answer = lambda asked: asked.response.defer(ephemeral=True, thinking=True)
    outcome = await fake.command("hana", "support", "/queue")
    (shown,) = fake.ephemerals("hana")
    assert (outcome.kind, shown.is_loading) == ("deferred", True)
    first = live_bot.done[0]
    await first.edit_original_response(view=Card("Late"))
    await first.followup.send("More", ephemeral=True)
    assert [one.text.split("\n")[0] for one in fake.ephemerals("hana")] == ["Late", "More"]
    assert not shown.is_loading
    await first.delete_original_response()
    assert [one.text for one in fake.ephemerals("hana")] == ["More"]
    assert await refused(first.edit_original_response(content="x")) == 10008

    await fake.command("ken", "support", "/queue")
    await live_bot.done[1].followup.send("Everybody?")
    assert [(one.content, one.is_loading) for one in fake.ephemerals("ken")] == [("Everybody?", False)]
    assert fake.messages("support") == []


async def test_who_answers_late_is_refused(fake: FakeDiscord, live_bot: Bot) -> None:
    live_bot.answer = nothing
    fake.patience = 0.05
    outcome = await fake.command("hana", "support", "/queue")
    assert (outcome.acked, outcome.error) == (None, "no_response")
    asked = live_bot.done[0]
    assert await refused(asked.response.send_message("x")) == 10062
    assert await refused(asked.followup.send("x")) == 10015


async def test_a_form_stays_open_when_nobody_answers(fake: FakeDiscord, live_bot: Bot) -> None:
    live_bot.answer = lambda asked: asked.response.send_modal(Form(custom_id="f"))
    modal = (await fake.command("hana", "support", "/queue")).modal
    assert modal is not None
    live_bot.answer = nothing
    fake.patience = 0.05
    assert (await fake.submit("hana", modal, {"kind": "bill"})).error == "no_response"
    assert fake.modals("hana") == [modal]
    await fake.close_view("hana", modal)
    assert fake.modals("hana") == []


async def test_a_token_lives_for_a_quarter_of_an_hour(fake: FakeDiscord, live_bot: Bot) -> None:
    now = 1_700_000_000.0
    fake.world.clock = lambda: now
    await fake.command("hana", "support", "/queue")
    now += 899
    await live_bot.done[0].followup.send("in time", ephemeral=True)
    now += 2
    assert await refused(live_bot.done[0].followup.send("late", ephemeral=True)) == 50027
    assert [one.content for one in fake.ephemerals("hana")] == ["Done", "in time"]


async def test_answers_of_the_wrong_kind_are_refused(fake: FakeDiscord, live_bot: Bot) -> None:
    live_bot.answer = nothing
    doing = asyncio.create_task(fake.command("hana", "support", "/queue"))
    await until(lambda: live_bot.done)
    asked = live_bot.done[0]
    path = f"/interactions/{asked.id}/{asked.token}/callback"
    eleven = {"custom_id": "a", "title": "x", "components": [GOOD_MODAL] * 6}
    for body in (
        {"type": 7, "data": {"content": "x"}},
        {"type": 8, "data": {"choices": []}},
        {"type": 5, "data": {"flags": V2}},
        {"type": 9, "data": eleven},
        {"type": 9, "data": {"custom_id": "a", "title": "x" * 46, "components": [GOOD_MODAL]}},
        {"type": 4, "data": {"content": "x" * 2001}},
    ):
        status, told = await ask(fake, "POST", path, body)
        assert (status, told["code"]) == (400, 50035), body
    assert (await ask(fake, "POST", f"/interactions/{asked.id}/other/callback", {"type": 5}))[1]["code"] == 10062
    assert (await ask(fake, "POST", path, {"type": 4, "data": {}}))[1]["code"] == 50006
    assert (await ask(fake, "POST", path, {"type": 4, "data": {"content": "x"}}))[0] == 204
    assert (await doing).kind == "message"


async def test_things_are_done_in_threads_and_in_direct_messages(fake: FakeDiscord, live_bot: Bot) -> None:
    posted = await place(live_bot, SUPPORT).send(view=Card())
    await posted.create_thread(name="x")
    await fake.command("hana", str(posted.id), "/queue")
    assert (live_bot.done[0].channel_id, type(live_bot.done[0].channel)) == (posted.id, discord.Thread)
    hana = await live_bot.fetch_user(int(HANA))
    card = await hana.send(view=Card())
    await fake.press("hana", "@hana", str(card.id), "Claim")
    assert (live_bot.done[1].guild_id, live_bot.done[1].user.id) == (None, int(HANA))


# --- the gateway --------------------------------------------------------------------------------------------


async def test_without_a_line_nobody_answers(fake: FakeDiscord, bot: Bot) -> None:
    await bot.tree.sync()
    fake.patience = 0.01
    assert (await fake.command("hana", "support", "/queue")).error == "no_response"


async def test_the_bot_hears_of_messages_and_threads(fake: FakeDiscord, live_bot: Bot) -> None:
    fake.say("hana", "support", "Hello")
    posted = await place(live_bot, SUPPORT).send("x")
    await posted.create_thread(name="x")
    await until(lambda: "THREAD_CREATE" in live_bot.heard)
    assert live_bot.heard[:4] == ["READY", "GUILD_CREATE", "MESSAGE_CREATE", "MESSAGE_CREATE"]


@pytest.mark.parametrize("way", ["reconnect", "resumable_session", "drop", "hang_up"])
async def test_what_was_missed_is_fetched_by_resuming(fake: FakeDiscord, live_bot: Bot, way: str) -> None:
    if way == "drop":
        fake.drop()
    elif way == "hang_up":
        await fake.hang_up(4000)
    else:
        await fake.refresh(way)
    outcome = await fake.command("hana", "support", "/queue")
    assert (outcome.kind, fake.gateway.identifies, fake.gateway.resumes) == ("message", 1, 1)
    assert "RESUMED" in live_bot.heard


async def test_a_lost_session_is_begun_anew(fake: FakeDiscord, live_bot: Bot) -> None:
    await fake.refresh("invalid_session")
    await until(lambda: fake.gateway.identifies == 2 and fake.gateway.open_ones)
    assert (await fake.command("hana", "support", "/queue")).kind == "message"
    fake.forget()
    fake.drop()
    await until(lambda: fake.gateway.identifies == 3 and fake.gateway.open_ones)
    assert fake.gateway.resumes == 1


async def test_a_black_hole_is_noticed_by_missing_acknowledgements(fake: FakeDiscord) -> None:
    fake.gateway.interval = 0.2
    async with Bot(heartbeat=0.5) as client:
        running = asyncio.create_task(client.start(TOKEN))
        async with asyncio.timeout(GUARD):
            await fake.gateway.connected_to(1)
            fake.deafen()
            await until(lambda: fake.gateway.resumes)
            await fake.gateway.connected_to(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert fake.gateway.identifies == 1


async def test_heartbeats_are_not_acknowledged_by_switch(fake: FakeDiscord) -> None:
    async with ClientSession() as session, session.ws_connect(fake.gateway_url) as line:
        assert (await line.receive_json())["op"] == 10
        await line.send_json({"op": 1, "d": None})
        assert (await line.receive_json())["op"] == 11
        fake.faults.unacked = True
        await line.send_json({"op": 1, "d": None})
        await line.send_json({"op": 2, "d": {"token": TOKEN, "intents": 1, "properties": {}}})
        assert (await line.receive_json())["t"] == "READY"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"op": 2, "d": {"token": "other", "intents": 1, "properties": {}}}, 4004),
        ({"op": 2, "d": {"token": TOKEN, "intents": 1 << 15, "properties": {}}}, 4014),
        ({"op": 2, "d": {"token": TOKEN, "intents": 1 << 40, "properties": {}}}, 4013),
        ({"op": 77, "d": None}, 4001),
        ({"op": 3, "d": {}}, 4003),
        ({"op": 3, "d": "x" * 4096}, 4002),
    ],
)
async def test_lines_are_closed_with_the_code_for_it(fake: FakeDiscord, said: dict[str, Any], code: int) -> None:
    async with ClientSession() as session, session.ws_connect(fake.gateway_url) as line:
        await line.receive_json()
        await line.send_json(said)
        await line.receive()
        assert (line.close_code, fake.gateway.closed) == (code, [code])


async def test_intents_that_are_not_granted_end_the_library(fake: FakeDiscord) -> None:
    intents = discord.Intents.default()
    intents.members = True
    async with Bot(intents) as client, asyncio.timeout(GUARD):
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(TOKEN)
    fake.world.privileged = 1 << 1
    assert (await ask(fake, "GET", "/applications/@me"))[1]["flags"] == 1 << 15
    async with Bot(intents) as client:
        running = asyncio.create_task(client.start(TOKEN))
        async with asyncio.timeout(GUARD):
            await client.wait_until_ready()
            fake.give_role("otto", "Agents")
            await until(lambda: "GUILD_MEMBER_UPDATE" in client.heard)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_too_many_identifies_reset_the_token(fake: FakeDiscord) -> None:
    fake.gateway.most_identifies = 1
    for code in (None, 4004):
        async with ClientSession() as session, session.ws_connect(fake.gateway_url) as line:
            await line.receive_json()
            await line.send_json({"op": 2, "d": {"token": TOKEN, "intents": 0, "properties": {}}})
            await line.receive()
            assert line.close_code == code
    assert (await ask(fake, "GET", "/gateway/bot"))[0] == 401


@pytest.mark.parametrize("kind", ["strange_event", "strange_op"])
async def test_strange_events_are_survived(fake: FakeDiscord, live_bot: Bot, kind: str) -> None:
    fake.mangle(kind)
    assert (await fake.command("hana", "support", "/queue")).kind == "message"


async def test_events_come_twice_or_break_the_line_by_switch(fake: FakeDiscord, live_bot: Bot) -> None:
    live_bot.answer = nothing
    fake.patience = 0.05
    fake.faults.double = 1
    await fake.command("hana", "support", "/queue")
    await until(lambda: len(live_bot.done) == 2)
    fake.set_faults(Faults(dropped=1))
    fake.say("hana", "support", "x")
    await until(lambda: fake.gateway.resumes)


# --- limits and faults --------------------------------------------------------------------------------------


async def test_limits_are_told_and_the_library_keeps_them(fake: FakeDiscord, bot: Bot) -> None:
    fake.set_faults(Faults(limits=True, second=0.02))
    for number in range(12):
        await place(bot, TEAM).send(str(number))
    assert len(fake.messages("team")) == 12
    assert (fake.too_fast, fake.invalid_requests) == (0, 0)


async def test_a_429_says_how_long_and_for_what(fake: FakeDiscord) -> None:
    fake.gate.grace = 0
    fake.set_faults(Faults(limited=1, retry_after=30, methods=["create_message"]))
    url = f"{fake.api_url}/channels/{TEAM}/messages"
    headers = {"Authorization": f"Bot {TOKEN}"}
    async with ClientSession() as session:
        for impatient in (0, 1):
            async with session.post(url, json={"content": "x"}, headers=headers) as answer:
                told = await answer.json()
                assert (answer.status, answer.headers["X-RateLimit-Scope"], answer.headers["Via"]) == (
                    429,
                    "user",
                    "1.1 google",
                )
                assert 0 < told["retry_after"] <= 30
                assert (told["global"], "Retry-After" in answer.headers) == (False, True)
            assert (fake.impatient, fake.invalid_requests) == (impatient, impatient + 1)
    assert (await ask(fake, "GET", f"/channels/{TEAM}/messages"))[0] == 200
    fake.set_faults(Faults(limited=1, retry_after=30, scope="global", methods=["create_message"]))
    await ask(fake, "POST", f"/channels/{TEAM}/messages", {"content": "x"})
    status, told = await ask(fake, "GET", f"/channels/{TEAM}/messages")
    assert (status, told["global"]) == (429, True)
    assert (await ask(fake, "POST", "/interactions/1/x/callback", {"type": 5}))[0] == 404
    before = fake.invalid_requests
    fake.set_faults(Faults(limited=1, scope="shared"))
    await ask(fake, "POST", f"/channels/{TEAM}/messages", {"content": "x"})
    assert fake.invalid_requests == before


async def test_the_library_waits_and_tries_again(fake: FakeDiscord, bot: Bot) -> None:
    fake.set_faults(Faults(limited=0.5, retry_after=0.01, seed=3))
    for number in range(5):
        await place(bot, TEAM).send(str(number))
    assert [one.content for one in fake.messages("team")] == list("01234")
    assert any(outcome == "429" for _, _, outcome in fake.answers)
    fake.set_faults(Faults(banned=True))
    assert await refused(place(bot, TEAM).send("x")) == 0


async def test_what_is_lost_was_done_once_by_its_nonce(fake: FakeDiscord, bot: Bot) -> None:
    fake.set_faults(Faults(lost=1, methods=["create_message"]))
    with pytest.raises(ClientError):
        await place(bot, TEAM).send("x", nonce="n")
    fake.set_faults(Faults())
    await place(bot, TEAM).send("x", nonce="n")
    assert [outcome for method, _, outcome in fake.answers if method == "create_message"] == ["lost", "ok"]
    assert len(fake.messages("team")) == 1


@pytest.mark.parametrize("faults", [Faults(reset=1), Faults(broken=1)])
async def test_what_was_not_done_is_not_there(fake: FakeDiscord, bot: Bot, faults: Faults) -> None:
    fake.set_faults(faults)
    with pytest.raises((ClientError, discord.DiscordServerError)):
        await place(bot, TEAM).send("x")
    assert fake.messages("team") == []


async def test_what_hangs_or_is_stuck_is_let_go(fake: FakeDiscord, bot: Bot) -> None:
    fake.faults.stuck = [TEAM]
    sending = asyncio.create_task(place(bot, TEAM).send("x"))
    await place(bot, SUPPORT).send("y")
    assert not sending.done()
    fake.release()
    await sending
    fake.set_faults(Faults(hang=1, methods=["create_message"]))
    sending = asyncio.create_task(place(bot, TEAM).send("z"))
    await place(bot, TEAM).fetch_message(int(fake.messages("team")[0].id))
    fake.set_faults(Faults())
    with pytest.raises(ClientError):
        await sending
    assert [one.content for one in fake.messages("team")] == ["x"]


async def test_bodies_are_answered_exactly_as_discord_does(fake: FakeDiscord) -> None:
    async with ClientSession() as session:
        async with session.get(f"{fake.api_url}/users/@me", headers={"Authorization": f"Bot {TOKEN}"}) as answer:
            assert (answer.headers["Content-Type"], (await answer.json())["id"]) == ("application/json", BOT_USER)
        async with session.get(f"{fake.api_url}/nowhere", headers={"Authorization": f"Bot {TOKEN}"}) as answer:
            assert (answer.status, (await answer.json())["message"]) == (404, "404: Not Found")


async def test_other_processes_act_and_see(fake: FakeDiscord, live_bot: Bot) -> None:
    async with ClientSession(fake.url) as session:

        async def post(path: str, **body: object) -> tuple[int, Any]:
            async with session.post(path, json=body) as answer:
                return answer.status, await answer.json()

        async def get(path: str) -> Any:
            async with session.get(path) as answer:
                return await answer.json()

        assert (await post("/act/command", user="hana", channel="support", name="/queue"))[1]["kind"] == "message"
        assert (await post("/act/command", user="nobody", channel="support", name="/queue"))[0] == 409
        assert (await post("/act/fly"))[0] == 404
        assert (await post("/act/deny", **{"*": ["support", "send_messages"]}))[0] == 200
        assert (await get("/see/ephemerals?user=hana"))[0]["content"] == "Done"
        assert (await get("/see/messages?channel=support")) == []
        assert (await get("/messages"))["identifies"] == 1
        await post("/faults", broken=1.0)
    assert (fake.faults.broken, await refused(place(live_bot, SUPPORT).send("x"))) == (1.0, 0)
    fake.say("otto", "team", "x")
    assert fake.messages("team")[0].user == OTTO


def test_what_is_live_is_found_in_every_part() -> None:
    quiet = discord.utils.escape_markdown("[a](b) *x* ") + "`@everyone <@1>` \\<@2> \\@here a.example"
    assert live(quiet) == []
    loud = [f"<@{HANA}>", "<#1>", "@here", "</queue:1>", "<t:1:R>", "](https://x.example)", "https://y.example/z"]
    assert live(" ".join(["[x" + one if one.startswith("]") else one for one in loud])) == loud
    assert live("", [row(button(None, url="https://z.example")), text("@everyone")]) == [
        "https://z.example",
        "@everyone",
    ]
    assert live("", (), [{"title": "<@1>", "footer": {"text": "<@2>"}}]) == ["<@1>"]


async def test_a_line_is_typed_by_the_order_of_the_options(fake: FakeDiscord) -> None:
    subs = [
        {"name": "list", "type": 1, "description": "x", "options": [option("queue"), option("rest")]},
        {"name": "move", "type": 1, "description": "x", "options": [option("to", type=7, required=True)]},
    ]
    ranks = [{"name": "High", "value": "3", "name_localizations": {"ja": "高"}}]
    flat = command(
        "set", options=[option("rank", choices=ranks, name_localizations={"ja": "順位"}), option("on", type=5)]
    )
    path = f"/applications/{APP}/guilds/{GUILD}/commands"
    assert (await ask(fake, "PUT", path, [command("inquiry", options=subs), flat]))[0] == 200
    registered = fake.commands()

    def sent(number: int, line: str) -> Any:
        return arguments(fake.world, registered[number], typed(registered[number], line))

    listed = sent(0, "/inquiry list 'two words' and all the rest")[0][0]
    assert (listed["name"], [one["value"] for one in listed["options"]]) == ("list", ["two words", "and all the rest"])
    assert sent(0, "/inquiry move #team")[0][0]["options"][0]["value"] == TEAM
    assert sent(0, "/inquiry move")[1] == {"to": "required"}
    assert sent(1, "/set on:true 順位:高")[0] == [
        {"name": "rank", "type": 3, "value": "3"},
        {"name": "on", "type": 5, "value": True},
    ]
    assert sent(1, "/set Huge")[1] == {"rank": "not one of the choices"}
    for line in ("/inquiry", "/inquiry close", "/set High true more"):
        with pytest.raises(LookupError):
            sent(int(line.startswith("/set")), line)
