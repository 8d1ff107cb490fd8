"""Whom words begin with: names whole and in part, with marks and without, in both languages."""

import pytest

from bot.domain.addressed import addressed
from bot.domain.agent import Agent

SATO, KEN, KENJI, ANN = Agent(1, "佐藤 花"), Agent(2, "Ken Miller"), Agent(3, "Kenji Ito"), Agent(4, "A Berg")
TEAM = (SATO, KEN, KENJI, ANN)


@pytest.mark.parametrize(
    ("text", "agent", "rest"),
    [
        ("@ken offer a refund", KEN, "offer a refund"),
        ("Ken Miller: offer a refund", KEN, "offer a refund"),
        ("Ken Miller offer a refund", KEN, "offer a refund"),
        ("kenji offer a refund", KENJI, "offer a refund"),
        ("Ken", KEN, ""),
        ("花さん、返金できます", SATO, "返金できます"),
        ("＠佐藤　返金できます", SATO, "返金できます"),
        ("佐藤 花 返金できます", SATO, "返金できます"),
        ("@A offer a refund", ANN, "offer a refund"),
    ],
)
def test_a_name_at_the_beginning(text: str, agent: Agent, rest: str) -> None:
    assert addressed(text, TEAM) == (agent, rest)


@pytest.mark.parametrize("text", ["A refund is possible", "Kent is a town", "花束は返品できます", "offer it, Ken", ""])
def test_what_only_looks_like_one(text: str) -> None:
    assert addressed(text, TEAM) == (None, text)


def test_of_two_who_are_called_so_nobody_is_meant() -> None:
    assert addressed("Ken, offer it", (KEN, Agent(5, "Ken Sato"))) == (None, "Ken, offer it")
