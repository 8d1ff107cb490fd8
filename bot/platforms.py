"""The chat platforms, made from settings: the embedded workspace, Slack and Discord."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.workspace.guard import refuse_beyond_loopback
from adapters.workspace.hints import CommandHint, DeliverMail, OptionHint
from adapters.workspace.people import SAMPLE_PEOPLE
from adapters.workspace.platform import Workspace
from bot.call import Call
from bot.chat.command import SWALLOWING, Command, Kind, Option
from bot.ports import ChatPlatform, Clock, Directory, Healable, Store
from bot.settings import Settings
from bot.translator import LANGUAGES, Translator
from commands import COMMANDS
from storage.leases import Leases

if TYPE_CHECKING:
    from adapters.discord.app_commands import CommandShape
    from adapters.discord.config import DiscordConfig
    from adapters.discord.platform import Discord
    from adapters.slack.config import SlackConfig
    from adapters.slack.platform import Slack


COMPLETED = frozenset(Kind) - {Kind.TEXT, Kind.WORD, Kind.NUMBER, Kind.MEMBER}
"""Kinds of options whose values the desk knows."""
FROM_MESSAGE = "new"
"""The command that can be begun from any message."""


class Platforms:
    """The platforms that the settings switch on; they work between `open` and `close`."""

    def __init__(
        self,
        settings: Settings,
        translator: Translator,
        store: Store,
        leases: Leases,
        clock: Clock,
        deliver_mail: DeliverMail | None,
    ) -> None:
        self.workspace = _workspace(settings, translator, clock, deliver_mail) if settings.has_workspace else None
        self.slack = _slack(settings, translator, clock) if settings.slack.is_on else None
        self.discord = _discord(settings, translator, store, leases, clock) if settings.discord.is_on else None
        self._all = [one for one in (self.workspace, self.slack, self.discord) if one]

    @property
    def all(self) -> list[ChatPlatform]:
        """Every platform, to be served."""
        return [*self._all]

    @property
    def directories(self) -> list[Directory]:
        """Those that know their people better than our own list does."""
        return [one for one in (self.slack, self.discord) if one]

    @property
    def healable(self) -> list[Healable]:
        """Those that may hold a message twice."""
        return [self.slack] if self.slack else []

    def routes(self) -> list[web.RouteDef]:
        """What they serve on our web server."""
        return [route for one in self._all for route in one.routes()]

    async def open(self) -> None:
        """Open what they keep and connect what they need; one that cannot be reached yet keeps trying by itself."""
        for one in self._all:
            await one.open()

    async def close(self) -> None:
        """Close them, the one opened last first. Before the web server's own clean-up."""
        for one in reversed(self._all):
            await one.close()


class Identifies:
    """Counts in the database how often any of our processes introduced itself to a gateway."""

    def __init__(self, store: Store, source: str, clock: Clock) -> None:
        self._store = store
        self._source = source
        self._clock = clock

    async def note(self) -> int:
        """Note one more, now; says how many there were in the last 24 hours. Raises StoreDown."""
        async with self._store.transaction() as tx:
            await tx.arrivals.first(self._source, token_hex(16))
            return await tx.arrivals.count(self._source, self._clock() - timedelta(days=1))


def slack_config(settings: Settings) -> "SlackConfig":
    """Slack as the adapter wants it told. Raises ValueError with a sentence."""
    from adapters.slack.config import SlackConfig

    slack = settings.slack
    return SlackConfig(
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        signing_secret=slack.signing_secret,
        prefix=slack.prefix,
        settle=timedelta(seconds=slack.settle_seconds),
        api_url=slack.api_url,
        link_base=_link_base(settings),
        connections=slack.connections,
        verbs=tuple(command.name for command in COMMANDS),
    )


def discord_config(settings: Settings) -> "DiscordConfig":
    """Discord as the adapter wants it told. Raises ValueError with a sentence."""
    from adapters.discord.config import DiscordConfig

    discord = settings.discord
    return DiscordConfig(
        token=discord.token,
        guild=discord.guild,
        agent_roles=discord.agent_roles,
        supervisor_roles=discord.supervisor_roles,
        api_url=discord.api_url,
        gateway_url=discord.gateway_url,
        link_base=_link_base(settings),
        settle=timedelta(seconds=discord.settle_seconds),
    )


def _link_base(settings: Settings) -> str:
    return settings.public_url or f"http://{settings.http_host}:{settings.http_port}"


def _slack(settings: Settings, translator: Translator, clock: Clock) -> "Slack":
    from adapters.slack.platform import Slack  # only where it is on: it costs a part of the start

    return Slack(slack_config(settings), lambda language: translator.texts(language, "platform."), clock)


def _discord(settings: Settings, translator: Translator, store: Store, leases: Leases, clock: Clock) -> "Discord":
    from adapters.discord.platform import Discord  # only where it is on: it costs a part of the start

    return Discord(
        discord_config(settings),
        command_shapes(COMMANDS, translator),
        lambda language: translator.texts(language, "platform."),
        clock,
        leases,
        Identifies(store, "discord identify", clock),
    )


def command_shapes(commands: Sequence[Command[Call]], translator: Translator) -> "list[CommandShape]":
    """The commands as Discord registers them, with their words in every language."""
    from adapters.discord.app_commands import CommandShape, OptionShape

    texts = {language: translator.texts(language, "") for language in LANGUAGES}

    def words(key: str) -> dict[str, str]:
        return {language: known[key] for language, known in texts.items() if key in known}

    return [
        CommandShape(
            command.name,
            words(f"command.{command.name}"),
            tuple(
                OptionShape(
                    option.name,
                    option.kind,
                    option.required,
                    tuple((value, words(f"choice.{value}")) for value in option.choices),
                    words(f"option.{option.name}"),
                    words(f"hint.{command.name}.{option.name}"),
                )
                for option in command.options
            ),
            words("manifest.shortcut") if command.name == FROM_MESSAGE else {},
        )
        for command in commands
    ]


def _workspace(settings: Settings, translator: Translator, clock: Clock, deliver_mail: DeliverMail | None) -> Workspace:
    refuse_beyond_loopback(settings.http_host)
    return Workspace(
        settings.data_folder,
        settings.workspace_channels,
        SAMPLE_PEOPLE,
        deliver_mail if settings.spool_folders else None,
        clock,
        lambda language: translator.texts(language, "page."),
        lambda language: command_hints(COMMANDS, translator, language),
        tuple(queue for queue, _ in settings.spool_folders),
    )


def command_hints(commands: Sequence[Command[Call]], translator: Translator, language: str) -> list[CommandHint]:
    """The commands as the workspace's page offers them."""
    texts: Mapping[str, str] = translator.texts(language, "")
    return [
        CommandHint(
            command.name,
            texts[f"command.{command.name}"],
            texts[f"example.{command.name}"],
            tuple(_option_hint(command, option, texts) for option in command.options),
        )
        for command in commands
    ]


def _option_hint(command: Command[Call], option: Option, texts: Mapping[str, str]) -> OptionHint:
    last = [one for one in command.options if not one.named][-1:]
    return OptionHint(
        option.name,
        texts[f"option.{option.name}"],
        option.required,
        option.kind in COMPLETED,
        option.named,
        option in last and option.kind in SWALLOWING,
    )
