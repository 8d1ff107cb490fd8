"""What an agent presses under advice, out of order, twice, and after a restart, comes to the same everywhere."""

import pytest
import sqlalchemy as sa

from bot.app import system_clock
from storage.database import Database
from storage.tables import receipt
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack
from tests.journeys.conftest import Setting
from tests.journeys.desk import Desk
from tests.journeys.discord_driver import DiscordStage
from tests.journeys.driver import Person, SeenButton, SeenCard, until
from tests.journeys.slack_driver import SlackStage
from tests.support.texts import says

ADVICE = "The return is free: send the label at once"


async def told(person: Person, *words: str) -> SeenCard:
    """The newest direct message with all these words, as soon as there is one."""

    def there() -> SeenCard:
        found = [card for card in person.whispers if all(word in card.words for word in words)]
        if not found:
            raise LookupError
        return found[-1]

    return await until(person.platform, there, lambda: "\n\n".join(card.words for card in person.whispers))


async def whispered(desk: Desk) -> SeenCard:
    """Emma has told Ken something, who is on the phone; what he sees of it."""
    await desk.ken.types("/phone start 090-1234-5678 returns")
    await desk.emma.types(f"/whisper Ken {ADVICE}")
    await told(desk.emma, ADVICE, "Delivered")
    return await told(desk.ken, ADVICE)


async def listed(desk: Desk, state: str) -> None:
    """Wait until Emma's only list says that this became of it, and of nothing else."""

    def there() -> bool:
        [one] = [card for card in desk.emma.whispers if says(card.title, "en", "receipts.title")]
        [row] = one.rows
        return says(row.detail, "en", f"receipts.{state}")

    await until(desk.platform, there, lambda: "\n\n".join(card.words for card in desk.emma.whispers))


async def kept(desk: Desk) -> dict[str, object]:
    """All that was told of the advice, and when."""
    database = Database(desk.environment["DATABASE_URL"], system_clock)
    try:
        async with database.snapshot() as tx:
            rows = (await tx.session.run(sa.select(receipt.c.token, receipt.c.at))).all()
    finally:
        await database.close()
    assert len({row.token for row in rows}) == len(rows)
    return {row.token: row.at for row in rows}


async def test_presses_out_of_order_twice_and_after_a_restart_say_the_strongest_thing(desk: Desk) -> None:
    advice = await whispered(desk)

    assert says((await desk.ken.clicks("Helped", on=advice)).title, "en", "advice.told.helped")
    await listed(desk, "helped")
    assert says((await desk.ken.clicks("Seen", on=advice)).title, "en", "advice.told.seen")
    first = await kept(desk)
    await desk.restart()
    await desk.ken.clicks("Helped", on=advice)
    await desk.ken.clicks("Used", on=advice)
    await desk.ken.clicks("Not now", on=advice)
    await desk.restart()

    await listed(desk, "helped")
    again = await kept(desk)
    assert set(again) == {"delivered", "seen", "used", "helped", "not_now"}
    assert {token: again[token] for token in first} == first
    [card] = [one for one in desk.ken.whispers if ADVICE in one.words]
    assert (card.message, card.verbs) == (advice.message, ["help_me"])


async def test_a_card_from_before_a_restart_is_answered_after_it_and_after_the_call(desk: Desk) -> None:
    advice = await whispered(desk)
    await desk.restart()
    await desk.ken.types("/phone end")
    await desk.restart()

    await desk.ken.clicks("Used", on=advice)

    await listed(desk, "used")
    assert set(await kept(desk)) == {"delivered", "used"}


@pytest.fixture
def chat(setting: Setting) -> FakeSlack | FakeDiscord:
    assert isinstance(setting.stage, SlackStage | DiscordStage)
    return setting.stage.slack if isinstance(setting.stage, SlackStage) else setting.stage.discord


@pytest.mark.parametrize(
    "setting", ["slack_by_socket-postgresql", "slack_by_http-sqlite", "discord-postgresql"], indirect=True
)
async def test_an_event_that_comes_twice_is_one_press(desk: Desk, chat: FakeSlack | FakeDiscord) -> None:
    advice = await whispered(desk)
    used = button(advice, "Used")

    await chat.press(desk.ken.handle, "@ken", advice.message, used.call, twice=True)
    await listed(desk, "used")
    first = (await kept(desk))["used"]
    await chat.press(desk.ken.handle, "@ken", advice.message, used.call, twice=True)
    await chat.press(desk.ken.handle, "@ken", advice.message, button(advice, "Helped").call, twice=True)

    await listed(desk, "helped")
    now = await kept(desk)
    assert (set(now), now["used"]) == ({"delivered", "used", "helped"}, first)


def button(card: SeenCard, label: str) -> SeenButton:
    return next(one for one in card.buttons if one.label == label)
