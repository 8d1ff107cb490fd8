"""People at the real page: Chromium, one browser context a person, checked by axe-core wherever they stop to look."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.journeys.driver import PATIENCE
from tests.support.texts import pattern, template

Scheme = Literal["light", "dark"]

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
HOW_TO_GET = "install the package chromium (Debian), so that it is on the PATH"
WIDE, NARROW = 1280, 390
HEIGHTS = {WIDE: 800, NARROW: 844}
UNTRANSLATED = """
[...document.querySelectorAll("[aria-label]")].map((node) => node.getAttribute("aria-label"))
    .concat(document.body.innerText.split("\\n"))
    .filter((words) => /^(page|card|button|claim)\\.\\w+/.test(words))
"""
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    expect.set_options(timeout=PATIENCE * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True, slots=True)
class Sitter:
    """A person before a page of their own. Everything that they see there is in their language."""

    handle: str
    language: str
    page: Page
    shots: Path

    @property
    def is_narrow(self) -> bool:
        size = self.page.viewport_size
        return size is not None and size["width"] == NARROW

    def text(self, key: str) -> str:
        """One of the page's texts, as this person reads it."""
        return template(self.language, key)

    def card(self, number: int) -> Locator:
        """The inquiry's card in the channel; answers to one person are not counted."""
        return self.page.locator("#list > li:not(.private) article.card", has_text=f"#{number} ")

    def answer(self, key: str, **details: object) -> Locator:
        """What only this person is told: the catalogue's text of that name."""
        return self.page.locator(".private .card-title").filter(has_text=pattern(self.text(key), **details))

    def button(self, verb: str, on: Locator) -> Locator:
        """A button by its verb, whatever its words."""
        return on.locator(f'button[data-slot^="{verb}"]')

    async def types(self, line: str) -> None:
        """A line into the channel's box, and Enter."""
        box = self.page.locator("#composer textarea")
        await box.fill(line)
        await box.press("Escape")
        await box.press("Enter")
        await expect(box).to_have_value("")

    async def goes_to(self, channel: str) -> None:
        """Open a channel in the list at the side; where that is a drawer, open the drawer first."""
        if self.is_narrow:
            await self.page.locator("#open-nav").click()
        await self.page.locator(f'#sidebar a[data-channel="{channel}"]').click()
        await expect(self.page.locator(f'#sidebar a[data-channel="{channel}"]')).to_have_attribute(
            "aria-current", "page"
        )

    async def writes_as_customer(self, text: str, subject: str = "", answers: str = "") -> None:
        """Fill in the panel as a customer; `answers` is the subject of a mail to answer."""
        await self.opens_customer_panel()
        dialog = self.page.locator("dialog")
        if answers:
            option = dialog.locator("select[name=answers] option", has_text=answers).first
            await dialog.locator("select[name=answers]").select_option(await option.get_attribute("value"))
        else:
            await dialog.locator("input[name=subject]").fill(subject)
        await dialog.locator("textarea[name=text]").fill(text)
        await self.looks("customer")
        await dialog.locator("button[type=submit]").click()
        await expect(dialog).to_have_count(0)

    async def opens_customer_panel(self) -> None:
        if self.is_narrow:
            await self.page.locator("#open-nav").click()
        await self.page.locator("#write").click()
        await expect(self.page.locator("dialog")).to_be_visible()

    async def looks(self, state: str) -> None:
        """Check what is on the screen for accessibility, and keep a picture of it."""
        found = await violations(self.page)
        assert found == [], f"{state}: {found}"
        assert await self.page.evaluate(UNTRANSLATED) == [], f"{state} shows names of texts"
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state} is too wide"
        size = self.page.viewport_size
        await self.page.screenshot(path=self.shots / f"{state}-{size and size['width']}-{self.language}.png")


@asynccontextmanager
async def seated(
    browser: Browser, url: str, handle: str, language: str, shots: Path, width: int = WIDE, scheme: Scheme = "light"
) -> AsyncIterator[Sitter]:
    """Somebody opens the page in #support in a browser of their own; errors of the page fail the test."""
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale=language,
        timezone_id="Asia/Tokyo",
    )
    await context.add_init_script(AXE)
    faults: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(f"{url}/?me={handle}&channel=support")
    await expect(page.locator("#app[data-ready]")).to_be_visible()
    yield Sitter(handle, language, page, shots)
    await context.close()
    assert faults == []


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands, one line a fault."""
    found = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{rule['id']}: {rule['help']}: {[node['html'][:200] for node in rule['nodes']]}"
        for rule in found["violations"]
    ]
