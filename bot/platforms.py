"""The chat platforms, made from settings: the embedded workspace, and Slack."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.workspace.guard import refuse_beyond_loopback
from adapters.workspace.hints import CommandHint, DeliverMail, OptionHint
from adapters.workspace.people import SAMPLE_PEOPLE
from adapters.workspace.platform import Workspace
from bot.call import Call
from bot.chat.command import Command, Kind
from bot.ports import ChatPlatform, Clock, Directory, Healable
from bot.settings import Settings
from bot.translator import Translator
from commands import COMMANDS

if TYPE_CHECKING:
    from adapters.slack.config import SlackConfig
    from adapters.slack.platform import Slack


class Platforms:
    """The platforms that the settings switch on; they work between `open` and `close`."""

    def __init__(
        self, settings: Settings, translator: Translator, clock: Clock, deliver_mail: DeliverMail | None
    ) -> None:
        self.workspace = _workspace(settings, translator, clock, deliver_mail) if settings.has_workspace else None
        self.slack = _slack(settings, translator, clock) if settings.slack.is_on else None

    @property
    def all(self) -> list[ChatPlatform]:
        """Every platform, to be served."""
        return [one for one in (self.workspace, self.slack) if one]

    @property
    def directories(self) -> list[Directory]:
        """Those that know their people better than our own list does."""
        return [self.slack] if self.slack else []

    @property
    def healable(self) -> list[Healable]:
        """Those that may hold a message twice."""
        return [self.slack] if self.slack else []

    def routes(self) -> list[web.RouteDef]:
        """What they serve on our web server."""
        return [route for one in (self.workspace, self.slack) if one for route in one.routes()]

    async def open(self) -> None:
        """Open what they keep and connect what they need; one that cannot be reached yet keeps trying by itself."""
        for one in (self.workspace, self.slack):
            if one:
                await one.open()

    async def close(self) -> None:
        """Close them, the one opened last first. Before the web server's own clean-up."""
        for one in (self.slack, self.workspace):
            if one:
                await one.close()


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
        link_base=settings.public_url or f"http://{settings.http_host}:{settings.http_port}",
        connections=slack.connections,
        verbs=tuple(command.name for command in COMMANDS),
    )


def _slack(settings: Settings, translator: Translator, clock: Clock) -> "Slack":
    from adapters.slack.platform import Slack  # only where it is on: it costs a part of the start

    return Slack(slack_config(settings), lambda language: translator.texts(language, "platform."), clock)


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
            tuple(
                OptionHint(
                    option.name,
                    texts[f"option.{option.name}"],
                    option.required,
                    option.kind in (Kind.INQUIRY, Kind.PERSON, Kind.QUEUE, Kind.CHOICE),
                )
                for option in command.options
                if not option.named
            ),
        )
        for command in commands
    ]
