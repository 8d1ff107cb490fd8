"""How commands are called in Slack: each has a name that Slack leaves to apps, and no two have the same."""

import pytest

from adapters.slack.names import LONGEST, RESERVED, names
from commands import COMMANDS

VERBS = [command.name for command in COMMANDS if "_" not in command.name]


def test_a_command_is_called_by_its_verb() -> None:
    assert names(["queue", "claim"]) == {"queue": "queue", "claim": "claim"}


def test_a_prefix_goes_before_the_verb() -> None:
    assert names(["queue", "help"], "desk-") == {"queue": "desk-queue", "help": "desk-help"}


def test_a_verb_of_two_words_is_typed_after_the_name_of_the_first() -> None:
    assert names(["template", "template_edit"], "desk-") == {"template": "desk-template"}
    assert list(names((command.name for command in COMMANDS), "desk-")) == VERBS


@pytest.mark.parametrize("verb", ["search", "status", "open", "who", "call", "away", "list", "topic", "remind"])
def test_what_slack_keeps_for_itself_gets_a_name_of_its_own(verb: str) -> None:
    assert names([verb]) == {verb: f"madoguchi-{verb}"}


def test_a_prefix_may_make_a_name_that_slack_keeps() -> None:
    assert names(["move", "open"], "re") == {"move": "madoguchi-move", "open": "reopen"}


@pytest.mark.parametrize("prefix", ["", "desk-", "re", "un", "madoguchi-", "x" * 20])
def test_every_command_of_the_registry_has_a_name_of_its_own(prefix: str) -> None:
    named = names(VERBS, prefix)
    assert list(named) == VERBS
    assert len(set(named.values())) == len(VERBS)
    assert RESERVED.isdisjoint(named.values())
    assert max(len(f"/{name}") for name in named.values()) <= 32


@pytest.mark.parametrize(
    ("verb", "prefix"), [("queue", "x" * (LONGEST - 4)), ("queue", "Desk-"), ("queue", "desk "), ("queue", "窓口")]
)
def test_a_name_that_slack_cannot_take_is_told(verb: str, prefix: str) -> None:
    with pytest.raises(ValueError, match=f"Slack cannot take /{prefix}{verb} as a command"):
        names([verb], prefix)


def test_the_longest_name_is_taken() -> None:
    assert names(["queue"], "x" * (LONGEST - 5))["queue"] == "x" * 26 + "queue"


def test_two_commands_of_one_name_are_told() -> None:
    with pytest.raises(ValueError, match="/madoguchi-search would be the command of search and of another"):
        names(["search", "madoguchi-search"])
