"""In the real page: a chart is drawn in proportion, can be read aloud, and holds nothing that is a mark."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from adapters.workspace.render import card_json
from bot.chat.card import Bar, Card, Chart, Tone
from tests.journeys.browser import CHROMIUM, HOW_TO_GET, NARROW, WIDE, Scheme, chromium, seated
from tests.journeys.desk import Desk, settings_of
from tests.journeys.stage import WorkspaceStage
from tests.support.needs import need

HOSTILE = "<img src=x onerror=alert(1)> " + "名" * 30
PARTS = (("Overdue", Tone.ALERT), ("Due today", Tone.WAITING), ("Later", Tone.OPEN))
BARS = (
    Bar("Hana", (30, 60, 90), "+2"),
    Bar("ケン・ミラー", (0, 20, 70), "−1"),
    Bar(HOSTILE, (1, 0, 0)),
    Bar("Emma", (0, 0, 0)),
)
DRAW = """async (card) => {
    const { cardNode } = await import("/static/card.js");
    const row = document.createElement("li");
    row.append(cardNode(card, () => {}, 3));
    document.querySelector("#list").append(row);
}"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    need("chromium", bool(CHROMIUM), HOW_TO_GET)
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    stage = WorkspaceStage()
    settings = settings_of(tmp_path, sqlite_url, stage, ("support",), ("hana", "ken"), DEFAULT_LANGUAGE="en")
    async with AsyncExitStack() as stack:
        opened = Desk(tmp_path, settings, stage, is_apart=True)
        await opened.start()
        stack.push_async_callback(opened.stop)
        yield opened


@pytest.mark.parametrize(
    ("handle", "language", "width", "scheme"), [("ken", "en", WIDE, "light"), ("hana", "ja", NARROW, "dark")]
)
async def test_bars_are_as_long_as_their_amounts_and_told_as_text(
    browser: Browser, desk: Desk, tmp_path: Path, handle: str, language: str, width: int, scheme: Scheme
) -> None:
    async with seated(browser, desk.url, handle, language, tmp_path, width, scheme) as one:
        await one.page.evaluate(DRAW, card_json(Card("This morning", chart=Chart(HOSTILE, PARTS, BARS))))
        chart = one.page.locator("figure.chart")
        await expect(chart.locator("figcaption")).to_have_text(HOSTILE)
        await expect(chart.locator(".chart-legend li")).to_have_text([name for name, _ in PARTS])
        await expect(chart.locator("th")).to_have_text([bar.label for bar in BARS])
        await expect(chart.locator(".chart-total")).to_have_text(["180", "90", "1", "0"])
        first = chart.locator("tr").first
        await expect(first.locator(".chart-part")).to_have_text(["Overdue 30", "Due today 60", "Later 90"])
        longest, half = [await chart.locator(".chart-bar").nth(place).bounding_box() for place in (0, 1)]
        assert longest
        assert half
        assert half["width"] / longest["width"] == pytest.approx(0.5, abs=0.05)
        await expect(chart.locator("img")).to_have_count(0)
        await one.looks("chart")
