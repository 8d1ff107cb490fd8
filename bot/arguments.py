"""The arguments of the command line: which commands there are, and what each of them takes."""

import argparse
from pathlib import Path


def parser(version: str) -> argparse.ArgumentParser:
    """Reads a command line; `command` says which command it is ("mail list"), beside what it takes."""
    parser = argparse.ArgumentParser("python -m bot", description="Madoguchi: one window for every inquiry.")
    parser.add_argument("--version", action="version", version=f"Madoguchi {version}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="open the window: take in mail and serve the team's chat")
    run.set_defaults(command="run")

    doctor = commands.add_parser("doctor", help="say what is set up wrongly, and how to mend it")
    doctor.set_defaults(command="doctor")

    manifest = commands.add_parser("manifest", help="print what a platform must be told").add_subparsers(
        required=True, metavar="{slack,discord}"
    )
    slack = manifest.add_parser("slack", help="print the app manifest that Slack asks for, as JSON")
    slack.set_defaults(command="manifest slack")
    discord = manifest.add_parser("discord", help="print the link that invites the bot, and what it asks for")
    discord.set_defaults(command="manifest discord")

    mail = commands.add_parser("mail", help="look at mail").add_subparsers(required=True, metavar="WHAT")
    inspect = mail.add_parser("inspect", help="print how a mail file is understood, as JSON")
    inspect.add_argument("file", type=Path)
    inspect.set_defaults(command="mail inspect")
    listed = mail.add_parser("list", help="list the newest mails and what became of them")
    listed.add_argument("--outcome", choices=("opened", "joined", "robot", "unreadable"))
    listed.add_argument("--limit", type=int, default=50)
    listed.set_defaults(command="mail list")

    outbox = commands.add_parser("outbox", help="messages on their way").add_subparsers(required=True, metavar="WHAT")
    retry = outbox.add_parser("retry", help="try again what a platform refused, once the cause is mended")
    retry.set_defaults(command="outbox retry")

    _templates(commands)
    _levels(commands)

    erase = commands.add_parser("erase", help="erase everything that is held about a customer, for good")
    erase.add_argument("customer", metavar="CUSTOMER", help="an address, a phone number, a name, or '#1042'")
    erase.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
    erase.add_argument("--by", default="", metavar="NAME", help="who does it, when not the user of this computer")
    erase.set_defaults(command="erase")
    export = commands.add_parser("export", help="print everything that is held about a customer, as JSON")
    export.add_argument("customer", metavar="CUSTOMER", help="an address, a phone number, a name, or '#1042'")
    export.add_argument("--output", type=Path, metavar="FILE", help="write it there")
    export.set_defaults(command="export")
    return parser


def _templates(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    templates = commands.add_parser("templates", help="templates as files").add_subparsers(
        required=True, metavar="{import,export}"
    )
    taken = templates.add_parser("import", help="add and change templates by a CSV file or a folder of Markdown files")
    taken.add_argument("path", type=Path, metavar="PATH")
    taken.set_defaults(command="templates import")
    given = templates.add_parser("export", help="write all templates into a CSV file or a folder of Markdown files")
    given.add_argument("path", type=Path, metavar="PATH")
    given.set_defaults(command="templates export")


def _levels(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    levels = commands.add_parser("levels", help="service levels as a YAML file").add_subparsers(
        required=True, metavar="{import,export,preview}"
    )
    taken = levels.add_parser("import", help="lay down the service levels of a YAML file, once all of it is right")
    taken.add_argument("path", type=Path, metavar="FILE")
    taken.set_defaults(command="levels import")
    given = levels.add_parser("export", help="write the service levels into a YAML file")
    given.add_argument("path", metavar="FILE", help="- prints them")
    given.set_defaults(command="levels export")
    shown = levels.add_parser("preview", help="say by when a mail would be due")
    shown.add_argument("when", metavar="WHEN", help="when it comes: 'fri 17:35', '2026-12-28 11:00'")
    shown.add_argument("--queue", default="", metavar="QUEUE", help="of which queue, when not the first")
    shown.add_argument("--tag", action="append", default=[], metavar="TAG", help="a tag of the inquiry")
    shown.add_argument("--rank", action="append", default=[], metavar="RANK", help="a rank of the customer")
    shown.add_argument("--language", default="", metavar="LANGUAGE", help="the customer's language: ja, en")
    shown.set_defaults(command="levels preview")
