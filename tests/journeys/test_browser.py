"""The whole journey in the real page: a mail, its card, a race, an assignment, a note, a reply; and kill -9."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.browser import CHROMIUM, HOW_TO_GET, NARROW, WIDE, Scheme, Sitter, chromium, seated
from tests.journeys.desk import Desk, settings_of
from tests.journeys.stage import WorkspaceStage
from tests.support.needs import need
from tests.support.texts import pattern

ROOT = Path(__file__).parents[2]
SUBJECTS = {"en": "My parcel has not arrived", "ja": "荷物がまだ届きません"}
LETTERS = {
    "en": "Hello,\n\nI ordered a blue kettle on the 3rd (order 20417), and it has not come yet.\n"
    "Where is it?\n\nAki Ito",
    "ja": "お世話になっております。伊藤です。\n\n3日に注文した青いやかん（注文番号 20417）が、まだ届いておりません。\n"
    "現在の配送状況を教えていただけますでしょうか。\n\n伊藤 明",
}
REPLIES = {"en": "It came today, but the lid is broken.", "ja": "本日届きましたが、ふたが割れていました。"}
NOTES = {"en": "Sent the tracking number.", "ja": "追跡番号をお送りしました。"}


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where screenshots go: var/screenshots when MADOGUCHI_SCREENSHOTS is set, so that people can look at them."""
    folder = ROOT / "var" / "screenshots" if os.environ.get("MADOGUCHI_SCREENSHOTS") else tmp_path / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    need("chromium", bool(CHROMIUM), HOW_TO_GET)
    async with chromium() as opened:
        yield opened


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", WIDE, "light"), ("ja", NARROW, "light"), ("ja", WIDE, "dark"), ("en", NARROW, "dark")],
)
async def test_the_whole_journey(
    browser: Browser, sqlite_url: str, tmp_path: Path, shots: Path, language: str, width: int, scheme: Scheme
) -> None:
    async with AsyncExitStack() as stack:
        desk = await _open(stack, sqlite_url, tmp_path, language)

        async def seat(handle: str, spoken: str) -> Sitter:
            return await stack.enter_async_context(seated(browser, desk.url, handle, spoken, shots, width, scheme))

        hana, ken = await seat("hana", "ja"), await seat("ken", "en")
        one, other = (ken, hana) if language == "en" else (hana, ken)
        await one.looks("empty")

        await one.writes_as_customer(LETTERS[language], SUBJECTS[language])
        await expect(one.card(1001)).to_contain_text(SUBJECTS[language])
        await expect(other.card(1001)).to_be_visible()
        await one.looks("card")

        winner, loser = await _race(one, other)
        name = desk.people[winner.handle].name
        await expect(loser.answer("claim.held", holder=name, inquiry=1001)).to_be_visible()
        await expect(winner.answer("claim.done", inquiry=1001)).to_be_visible()
        await loser.looks("race-lost")

        emma = await seat("emma", "en")
        await emma.types(f"/assign 1001 {loser.handle}")
        await expect(emma.answer("assign.done", inquiry=1001)).to_be_visible()
        await loser.goes_to(f"@{loser.handle}")
        told = loser.page.locator("#list .card-title", has_text=pattern(loser.text("whisper.assigned")))
        await expect(told).to_be_visible()
        await loser.looks("whisper")

        await loser.goes_to("support")
        await loser.button("resolve", loser.card(1001)).click()
        dialog = loser.page.locator("dialog")
        await dialog.locator("textarea[name=note]").fill(NOTES[language])
        await loser.looks("resolve-form")
        await dialog.locator("button[type=submit]").click()
        await expect(dialog).to_have_count(0)
        await expect(one.card(1001)).to_contain_text(NOTES[language])
        await expect(one.button("reopen", one.card(1001))).to_be_visible()
        await one.looks("resolved")

        await one.writes_as_customer(REPLIES[language], answers=SUBJECTS[language])
        await expect(one.card(1001)).to_contain_text(REPLIES[language])
        await expect(one.button("resolve", one.card(1001))).to_be_visible()
        await one.looks("reopened")
        await one.page.locator('#list [data-slot="thread"]').last.click()
        await expect(one.page.locator("#thread-list")).to_contain_text(REPLIES[language])
        await one.looks("thread")
        await one.page.locator("#close-thread").click()

        for line in ("/queue", "/show 1001", "/help"):
            await one.types(line)
            await expect(one.page.locator(".private").last).to_be_visible()
            await one.looks(line.split()[0].strip("/"))


async def test_by_keyboard_alone(browser: Browser, sqlite_url: str, tmp_path: Path, shots: Path) -> None:
    async with AsyncExitStack() as stack:
        desk = await _open(stack, sqlite_url, tmp_path, "en")
        await desk.customer().writes()
        await desk.support.shows("#1001")
        ken = await stack.enter_async_context(seated(browser, desk.url, "ken", "en", shots))
        keys, box = ken.page.keyboard, ken.page.locator("#composer textarea")

        await _tab_to(ken, '[data-slot^="claim:1001"]')
        await ken.looks("focus")
        await keys.press("Enter")
        await expect(ken.answer("claim.done", inquiry=1001)).to_be_visible()
        await expect(ken.page.locator("#list li:focus, #list li :focus")).to_have_count(1)

        await _tab_to(ken, "#composer textarea")
        await keys.type("/reso")
        await expect(ken.page.locator("#composer [role=option]")).to_have_count(1)
        await ken.looks("completion")
        await keys.press("Tab")
        await expect(box).to_have_value("/resolve ")
        await keys.type("10")
        await expect(ken.page.locator("#composer [role=option]")).to_contain_text("#1001")
        await keys.press("Tab")
        await expect(box).to_have_value("/resolve 1001 ")
        await keys.press("Enter")
        await expect(ken.page.locator("dialog textarea")).to_be_focused()
        await keys.type("Sent a new lid.")
        await keys.press("Escape")
        await expect(ken.page.locator("dialog")).to_have_count(0)
        await expect(box).to_be_focused()

        for _ in range(5):  # the focus alone is not enough: a box without its caret takes no letters
            await keys.type("/resolve 1001")
            await keys.press("Enter")
            await expect(ken.page.locator("dialog textarea")).to_have_value("Sent a new lid.")
            await keys.press("Escape")
            await expect(box).to_be_focused()
        await keys.type("/resolve 1001")
        await keys.press("Enter")
        await expect(ken.page.locator("dialog textarea")).to_be_focused()
        await keys.press("Control+Enter")
        await expect(ken.answer("resolve.done", inquiry=1001)).to_be_visible()
        await expect(ken.card(1001)).to_contain_text("Sent a new lid.")


async def test_a_page_recovers_by_itself_from_kill_9(
    browser: Browser, sqlite_url: str, tmp_path: Path, shots: Path
) -> None:
    async with AsyncExitStack() as stack:
        desk = await _open(stack, sqlite_url, tmp_path, "en")
        await desk.customer().writes()
        ken = await stack.enter_async_context(seated(browser, desk.url, "ken", "en", shots))
        await ken.button("claim", ken.card(1001)).click()
        await expect(ken.button("release", ken.card(1001))).to_be_visible()
        await ken.page.locator("#composer textarea").fill("half a sentence")

        await desk.crash()
        await expect(ken.page.locator("#offline")).to_be_visible()
        await ken.looks("offline")
        await desk.customer().writes("While the window was closed")
        await desk.start()

        await expect(ken.card(1002)).to_be_visible()
        await expect(ken.page.locator("#offline")).to_be_hidden()
        await expect(ken.card(1001)).to_have_count(1)
        await expect(ken.page.locator("#composer textarea")).to_have_value("half a sentence")
        await ken.button("release", ken.card(1001)).click()
        await expect(ken.answer("release.done", inquiry=1001)).to_be_visible()
        await expect(ken.button("claim", ken.card(1001))).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("en", WIDE), ("ja", NARROW)])
async def test_home_and_the_form_that_records_an_inquiry(
    browser: Browser, sqlite_url: str, tmp_path: Path, shots: Path, language: str, width: int
) -> None:
    async with AsyncExitStack() as stack:
        desk = await _open(stack, sqlite_url, tmp_path, language)
        handle = "ken" if language == "en" else "hana"
        one = await stack.enter_async_context(seated(browser, desk.url, handle, language, shots, width))
        await one.types("/home")
        home = one.page.locator(".private article.card")
        await expect(home.locator(".item-heading")).to_have_count(3)
        await expect(home.locator(".item-plain")).to_have_count(3)
        await one.looks("home-empty")

        await one.button("new", home).click()
        dialog = one.page.locator("dialog")
        await dialog.locator("input[name=customer]").fill("Aki Ito <ito@example.com>")
        await dialog.locator("textarea[name=text]").fill(LETTERS[language])
        await one.looks("record")
        await dialog.locator("button[type=submit]").click()
        await expect(one.answer("new.done", inquiry=1001, queue="support")).to_be_visible()
        await expect(one.card(1001)).to_be_visible()

        await one.types("/home")
        await expect(home.last.locator(".item:not(.item-plain)")).to_have_count(1)
        await one.looks("home")


async def _open(stack: AsyncExitStack, database_url: str, folder: Path, language: str) -> Desk:
    stage = WorkspaceStage()
    settings = settings_of(folder, database_url, stage, ("support",), ("hana", "ken"), DEFAULT_LANGUAGE=language)
    desk = Desk(folder, settings, stage, is_apart=True)
    await desk.start()
    stack.push_async_callback(desk.stop)
    return desk


async def _race(one: Sitter, other: Sitter) -> tuple[Sitter, Sitter]:
    """Both press Claim on the card that they see; the winner first. Whose press counts is the desk's affair."""
    # Held by their elements: the card may be drawn anew between the two presses, and a press still counts.
    buttons = [await sitter.button("claim", sitter.card(1001)).element_handle() for sitter in (one, other)]
    await asyncio.gather(*(button.dispatch_event("click") for button in buttons))
    for sitter in (one, other):
        await expect(sitter.page.locator(".private .card-title")).to_be_visible()
    won = await one.answer("claim.done").count()
    return (one, other) if won else (other, one)


async def _tab_to(sitter: Sitter, selector: str) -> None:
    """Press Tab until that has the focus."""
    passed = []
    for _ in range(60):
        if await sitter.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        passed.append((await sitter.page.evaluate("document.activeElement.outerHTML"))[:100])
        await sitter.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {selector}, only {passed}")
