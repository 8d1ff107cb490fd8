"""In the real page: commands of two words, values after a name, and a text that is copied with one press."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.journeys.browser import CHROMIUM, HOW_TO_GET, NARROW, WIDE, Scheme, Sitter, chromium, seated
from tests.journeys.desk import Desk, settings_of
from tests.journeys.driver import finds
from tests.journeys.stage import WorkspaceStage
from tests.support.needs import need

HOSTILE = "Aki <b>Ito</b> ```"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    need("chromium", bool(CHROMIUM), HOW_TO_GET)
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with one inquiry, and the starter set of templates."""
    stage = WorkspaceStage()
    settings = settings_of(tmp_path, sqlite_url, stage, ("support",), ("hana", "ken", "emma"), DEFAULT_LANGUAGE="en")
    async with AsyncExitStack() as stack:
        opened = Desk(tmp_path, settings, stage, is_apart=True)
        await opened.start()
        stack.push_async_callback(opened.stop)
        await opened.customer(HOSTILE, "ito@example.com").writes()
        await opened.support.shows("#1001")
        await finds(opened.ken, "/customer Aki", "ito@example.com")
        yield opened


def offered(one: Sitter) -> Locator:
    return one.page.locator("#composer [role=option]")


async def test_a_command_of_two_words_is_completed_and_then_its_values(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    async with seated(browser, desk.url, "emma", "en", tmp_path) as emma:
        keys, box = emma.page.keyboard, emma.page.locator("#composer textarea")
        await box.focus()
        await keys.type("/te")
        await expect(offered(emma)).to_have_count(2)
        await keys.type("mpl")
        await expect(offered(emma).nth(1)).to_contain_text("/template ")
        await keys.type("ate edi")
        await expect(offered(emma)).to_have_count(1)
        await expect(offered(emma)).to_contain_text("/template edit")
        await keys.press("Tab")
        await expect(box).to_have_value("/template edit ")
        await keys.type("late deliv")
        await expect(offered(emma)).to_contain_text("late-delivery")
        await keys.press("Tab")
        await expect(box).to_have_value("/template edit late-delivery ")
        await keys.press("Enter")
        await emma.page.locator(".private .item button").first.click()
        await expect(emma.page.locator("dialog textarea[name=body]")).to_have_value(re.compile("{customer_name}"))


@pytest.mark.parametrize(
    ("typed", "label", "completed"),
    [
        ("/find parcel queue:s", "support", "/find parcel queue:support "),
        ("/find 返品 person：mill", "Ken Miller", '/find 返品 person："Ken Miller" '),
        ("/assign 1001 Ken M", "Ken Miller", "/assign 1001 Ken Miller "),
        ("／history　ito", "ito@example.com", "／history　ito@example.com "),
        ("/customer note customer:ito", "ito@example.com", "/customer note customer:ito@example.com "),
    ],
)
async def test_values_are_completed_by_place_and_by_name(
    browser: Browser, desk: Desk, tmp_path: Path, typed: str, label: str, completed: str
) -> None:
    async with seated(browser, desk.url, "ken", "en", tmp_path) as ken:
        box = ken.page.locator("#composer textarea")
        await box.focus()
        await ken.page.keyboard.type(typed)
        await expect(offered(ken).first).to_contain_text(label)
        await ken.page.keyboard.press("Tab")
        await expect(box).to_have_value(completed)


@pytest.mark.parametrize(
    ("handle", "language", "width", "scheme"), [("ken", "en", WIDE, "dark"), ("hana", "ja", NARROW, "light")]
)
async def test_a_text_is_copied_as_it_stands_by_keyboard_alone(
    browser: Browser, desk: Desk, tmp_path: Path, handle: str, language: str, width: int, scheme: Scheme
) -> None:
    async with seated(browser, desk.url, handle, language, tmp_path, width, scheme) as one:
        await one.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await one.types("/template closing-follow-up 1001")
        box = one.page.locator(".private figure.copy")
        text = await box.locator("pre").inner_text()
        assert HOSTILE in text
        await one.looks("copy")

        button = box.get_by_role("button", name=one.text("page.copy.do"), exact=True)
        await button.focus()
        await one.page.keyboard.press("Enter")
        await expect(box.get_by_role("button")).to_have_text(one.text("page.copy.done"))
        await expect(one.page.locator("#live")).to_have_text(one.text("page.copy.done"))
        assert await one.page.evaluate("navigator.clipboard.readText()") == text
        await expect(button).to_have_text(one.text("page.copy.do"))


async def test_a_browser_that_keeps_its_clipboard_to_itself_has_the_text_marked(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    async with seated(browser, desk.url, "ken", "en", tmp_path) as ken:
        await ken.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        await ken.types("/template closing-follow-up 1001")
        box = ken.page.locator(".private figure.copy")
        text = await box.locator("pre").inner_text()
        await box.get_by_role("button").click()
        assert (await ken.page.evaluate("getSelection().toString()")).strip() == text.strip()
        await expect(box.get_by_role("button")).to_have_text(ken.text("page.copy.done"))

        await ken.page.evaluate("document.execCommand = () => false")
        await expect(box.get_by_role("button")).to_have_text(ken.text("page.copy.do"))
        await box.get_by_role("button").click()
        await expect(box.locator(".copy-hint")).to_have_text(ken.text("page.copy.failed"))
