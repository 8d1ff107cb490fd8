"""The command line, `python -m bot COMMAND`: it opens the desk, and answers what its operator asks."""

import argparse
import asyncio
import errno
import gc
import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.arguments import parser

if TYPE_CHECKING:
    from bot.app import App

Command = Callable[[argparse.Namespace], int]

VERSION = "0.1.0"


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command line; answers with the exit status."""
    given = parser(VERSION).parse_args(arguments)
    try:
        return _COMMANDS[given.command](given)
    except KeyboardInterrupt:
        return 130


def _in_words(command: Command) -> Command:
    """The command, telling in a sentence what settings or a database keep it from doing."""

    def told(given: argparse.Namespace) -> int:
        from bot.ports import StoreDown

        try:
            return command(given)
        except (StoreDown, RuntimeError, OSError, ValueError) as error:
            print(f"{_why(error)}\n`python -m bot doctor` checks everything.", file=sys.stderr)
            return 1

    return told


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "HTTP_PORT is in use: Madoguchi runs already, or another program has it. Stop that, or set another port."
    return str(error)


def _run(_given: argparse.Namespace) -> int:
    gc.disable()  # while what stays is loaded: looking for rubbish among it takes a tenth of the start
    from adapters.operations.logs import set_up_logs
    from bot.app import App
    from bot.settings import read_settings

    settings = read_settings()
    set_up_logs(settings.log_level, settings.log_format == "json", settings.secrets)
    app = App(settings)
    gc.freeze()
    gc.enable()
    asyncio.run(_serve(app, lambda: print(_welcome(app), flush=True)))
    return 0


async def _serve(app: "App", ready: Callable[[], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no signal handlers in its loop
            loop.add_signal_handler(name, stop.set)
    await app.run(stop, ready)


def _welcome(app: "App") -> str:
    address = f"http://{app.settings.http_host}:{app.port}/"
    lines = ["Madoguchi is open."]
    if app.workspace:
        lines.append(f"  The workspace: {address}")
    lines += [f"  Mail for {queue}: drop it into {folder}/new" for queue, folder in app.settings.spool_folders]
    lines += [f"  Health: {address}healthz", "  Stop with Ctrl-C."]
    return "\n".join(lines)


def _doctor(_given: argparse.Namespace) -> int:
    from bot.doctor import examine
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        print(f"✗ settings: {error}\n  Mend it in .env or the environment; .env.example describes each setting.")
        return 1
    findings = asyncio.run(examine(settings))
    for finding in findings:
        print(finding)
    return 0 if all(finding.well for finding in findings) else 1


def _manifest_slack(_given: argparse.Namespace) -> int:
    from adapters.slack.manifest import EVENTS_PATH, ManifestCommand, ManifestWords, manifest
    from bot.settings import read_settings
    from bot.translator import Translator
    from commands import COMMANDS

    settings = read_settings()
    slack, request_url = settings.slack, ""
    if slack.signing_secret and not slack.app_token:
        if settings.public_url.startswith("https://"):
            request_url = settings.public_url + EVENTS_PATH
        else:
            print("This is for Socket Mode; for HTTP, set PUBLIC_URL to an https address.", file=sys.stderr)
    texts = Translator().texts(settings.default_language, "")
    told = [
        ManifestCommand(one.name, texts[f"command.{one.name}"], texts[f"example.{one.name}"].partition(" ")[2])
        for one in COMMANDS
    ]
    words = ManifestWords(texts["manifest.about"], texts["manifest.shortcut"], texts["manifest.shortcut_about"])
    print(json.dumps(manifest(told, slack.prefix, request_url, words), ensure_ascii=False, indent=2))
    return 0


def _manifest_discord(_given: argparse.Namespace) -> int:
    from bot.settings import read_settings

    discord = read_settings().discord
    if not discord.is_on:
        print("Set DISCORD__TOKEN first: the link is made from it. docs/discord.md shows where it is.", file=sys.stderr)
        return 1
    if not discord.application_id:
        print("DISCORD__TOKEN does not begin with the bot's ID, as tokens do: copy it again.", file=sys.stderr)
        return 1
    from adapters.discord.manifest import invitation

    print(invitation(discord.application_id, discord.guild))
    return 0


def _mail_inspect(given: argparse.Namespace) -> int:
    from adapters.mail.inspect import inspect_mail
    from adapters.mail.mime import UnreadableMail

    try:
        told = inspect_mail(given.file.read_bytes())
    except (OSError, UnreadableMail) as error:
        print(f"{given.file} cannot be read: {error}", file=sys.stderr)
        return 1
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _mail_list(given: argparse.Namespace) -> int:
    from bot.operator import mails
    from bot.settings import read_settings

    for line in asyncio.run(mails(read_settings(), given.outcome, given.limit)):
        print(line)
    return 0


def _outbox_retry(_given: argparse.Namespace) -> int:
    from bot.operator import retry
    from bot.settings import read_settings

    count = asyncio.run(retry(read_settings()))
    print(f"{count} messages will be tried again.")
    return 0


def _templates_import(given: argparse.Namespace) -> int:
    from bot.operator import import_templates
    from bot.settings import read_settings
    from bot.template_files import FilesWrong

    try:
        imported = asyncio.run(import_templates(read_settings(), given.path))
    except FilesWrong as error:
        print(f"{error}\nNothing was changed. Mend this and import again.", file=sys.stderr)
        return 1
    for remark in imported.remarks:
        print(remark, file=sys.stderr)
    put = imported.put
    print(f"{put.added} new, {put.changed} changed, {put.same} the same")
    return 0


def _templates_export(given: argparse.Namespace) -> int:
    from bot.operator import export_templates
    from bot.settings import read_settings

    count = asyncio.run(export_templates(read_settings(), given.path))
    print(f"{count} templates written to {given.path}")
    return 0


def _levels_import(given: argparse.Namespace) -> int:
    from bot.level_desk import import_levels, told
    from bot.level_file import LevelsWrong
    from bot.settings import read_settings

    try:
        laid = asyncio.run(import_levels(read_settings(), given.path))
    except LevelsWrong as error:
        wrong = "\n".join(told(given.path, error.problems))
        print(f"{wrong}\nNothing was changed. Mend this and import again.", file=sys.stderr)
        return 1
    for remark in laid.remarks:
        print(remark, file=sys.stderr)
    names = ", ".join(one.name for one in laid.levels.levels) or "none"
    print(f"Version {laid.version} holds{'' if laid.is_new else ' as before'}; policies: {names}")
    return 0


def _levels_export(given: argparse.Namespace) -> int:
    from bot.level_desk import export_levels
    from bot.settings import read_settings

    text = asyncio.run(export_levels(read_settings()))
    if given.path == "-":
        sys.stdout.buffer.write(text.encode())
    else:
        Path(given.path).write_bytes(text.encode())
        print(f"The service levels are written to {given.path}")
    return 0


def _levels_preview(given: argparse.Namespace) -> int:
    from bot.level_desk import Asked, preview_levels
    from bot.settings import read_settings

    asked = Asked(given.when, given.queue, tuple(given.tag), tuple(given.rank), given.language)
    for line in asyncio.run(preview_levels(read_settings(), asked)):
        print(line)
    return 0


def _erase(given: argparse.Namespace) -> int:
    from getpass import getuser

    from bot.domain.errors import Conflict
    from bot.personal import erase
    from bot.settings import read_settings

    ask = input if sys.stdin.isatty() else None
    try:
        return asyncio.run(erase(read_settings(), given.customer, given.by or getuser(), given.yes, print, ask))
    except Conflict as error:
        print(f"Nothing was erased, others were at work on it ({error}). Try again.", file=sys.stderr)
        return 1


def _export(given: argparse.Namespace) -> int:
    from bot.personal import export
    from bot.settings import read_settings

    def told(line: str) -> None:
        print(line, file=sys.stderr)

    return asyncio.run(export(read_settings(), given.customer, given.output, told, print))


_COMMANDS: dict[str, Command] = {
    "run": _in_words(_run),
    "doctor": _doctor,
    "manifest slack": _in_words(_manifest_slack),
    "manifest discord": _in_words(_manifest_discord),
    "mail inspect": _mail_inspect,
    "mail list": _in_words(_mail_list),
    "outbox retry": _in_words(_outbox_retry),
    "templates import": _in_words(_templates_import),
    "templates export": _in_words(_templates_export),
    "levels import": _in_words(_levels_import),
    "levels export": _in_words(_levels_export),
    "levels preview": _in_words(_levels_preview),
    "erase": _in_words(_erase),
    "export": _in_words(_export),
}


if __name__ == "__main__":
    sys.exit(main())
