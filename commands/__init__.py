"""What a person can ask: one verb a file, and this index of them."""

from bot.call import Call
from bot.chat.command import Command
from commands import (
    agent,
    assign,
    claim,
    help,
    home,
    language,
    link,
    new,
    original,
    queue,
    release,
    reopen,
    resolve,
    retry,
    robots,
    route,
    show,
    team,
)

COMMANDS: tuple[Command[Call], ...] = (
    queue.COMMAND,
    home.COMMAND,
    new.COMMAND,
    show.COMMAND,
    claim.COMMAND,
    release.COMMAND,
    assign.COMMAND,
    resolve.COMMAND,
    reopen.COMMAND,
    robots.COMMAND,
    original.COMMAND,
    language.COMMAND,
    link.COMMAND,
    team.COMMAND,
    agent.COMMAND,
    route.COMMAND,
    retry.COMMAND,
    help.COMMAND,
)
"""In the order in which help lists them. The names are free on every platform: Slack keeps some for itself."""
