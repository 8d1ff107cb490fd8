"""Calls and whispers on every platform: who is on the phone, what reaches them, and what its sender sees of that."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence

import aiohttp

from tests.journeys.conftest import OpenDesk
from tests.journeys.desk import Desk
from tests.journeys.driver import Person, SeenCard, until
from tests.support.texts import says

NUMBER = "090-1234-5678"
HINT = "090-••••-5678"
"""As much of the number as a board shows."""
SECRET = "a-secret-of-the-telephone-system"
ADVICE = "The return is free: send the label at once"


async def told(person: Person, *words: str) -> SeenCard:
    """The newest direct message with all these words, as soon as there is one."""
    return await _found(person, lambda: person.whispers, words)


async def on_board(desk: Desk, *words: str) -> SeenCard:
    """The board in the channel, as soon as it says all that."""
    return await _found(desk.emma, lambda: desk.support.cards, ("On the phone now", *words))


async def _found(person: Person, seen: Callable[[], Sequence[SeenCard]], words: Sequence[str]) -> SeenCard:
    def there() -> SeenCard:
        found = [card for card in seen() if all(word in card.words for word in words)]
        if not found:
            raise LookupError
        return found[-1]

    return await until(person.platform, there, lambda: "\n\n".join(card.words for card in seen()))


async def on_the_phone(desk: Desk, about: str = "returns question") -> SeenCard:
    """Ken talks with somebody, Emma looks at the board; what Ken is told of the call."""
    await desk.emma.types("/board here")
    await on_board(desk, "Nobody is on the phone")
    await desk.ken.types(f"/phone start {NUMBER} {about}")
    return await told(desk.ken, NUMBER)


async def whispered(desk: Desk, text: str = ADVICE) -> SeenCard:
    """Emma presses Whisper on the board and says something."""
    board = await on_board(desk, HINT)
    await desk.emma.clicks_for_form("whisper", on=board, of="Ken")
    return await desk.emma.fills(text=text)


async def test_advice_reaches_who_is_on_the_phone_and_its_sender_sees_what_became_of_it(desk: Desk) -> None:
    await on_the_phone(desk)
    board = await on_board(desk, "Ken Miller", "returns question")
    assert NUMBER not in board.words

    sent = await whispered(desk)
    assert says(sent.title, "en", "whisper.sent", person="Ken Miller")
    advice = await told(desk.ken, ADVICE)
    assert {"advice", "help_me"} == set(advice.verbs)
    await told(desk.emma, ADVICE, "Delivered")
    await desk.ken.clicks("Used", on=advice)
    await desk.ken.clicks("Seen", on=advice)

    await told(desk.emma, ADVICE, "Used")
    await on_board(desk, "used")
    assert not any(ADVICE in card.words for card in desk.support.cards if card.title.startswith("#"))


async def test_what_worked_becomes_an_article_that_the_next_call_finds(desk: Desk) -> None:
    await on_the_phone(desk)
    await whispered(desk)
    await desk.ken.clicks("Helped", on=await told(desk.ken, ADVICE))

    call = await told(desk.ken, "On the phone")
    await desk.ken.clicks("phone_end", on=call)
    over = await told(desk.ken, "Talked with", ADVICE)
    form = await desk.ken.clicks_for_form("Make an article", on=over)
    await desk.ken.fills(form, question="Is a return free?")
    waiting = await desk.emma.types("/article")
    draft = await desk.emma.clicks("article", on=waiting, of="Is a return free?")
    await desk.emma.clicks("article_approve", on=draft)
    await desk.ken.clicks_for_form("Settled", on=over)
    await desk.ken.fills()

    await desk.support.until(lambda channel: channel.card("#1001").badge == "Resolved")
    async with asyncio.timeout(60):
        while True:  # the index follows within about a second, and tells nobody
            await desk.ken.types("/phone start 03-1234-5678 Is a return free")
            call = await told(desk.ken, "On the phone", "03-1234-5678")
            if "Is a return free?" in call.words:
                break
            await desk.ken.types("/phone end")
            await asyncio.sleep(0.3)
    used = await desk.ken.clicks("article_use", on=call)
    assert used.copy == ADVICE


async def test_a_telephone_system_tells_of_calls_by_itself(open_desk: OpenDesk) -> None:
    desk = await open_desk(TELEPHONY__SECRET=SECRET)
    await desk.emma.types("/board here")
    await desk.ken.types("/phone line 201")

    await rings(desk, "started")
    await rings(desk, "started")
    call = await told(desk.ken, NUMBER)
    await on_board(desk, "Ken Miller", HINT, "1 call")
    await rings(desk, "ended", duration=125)

    await told(desk.ken, "Talked with", "2 minutes")
    await on_board(desk, "Nobody is on the phone")
    assert [card for card in desk.ken.whispers if NUMBER in card.words][-1].message == call.message
    details = await desk.ken.types("/show 1001")
    assert "by phone" in details.words


async def rings(desk: Desk, event: str, **more: object) -> None:
    """What a telephone system sends."""
    told = {"id": "call-1", "event": event, "from": "+819012345678", "to": "+81311112222", "agent": "201", **more}
    body, at = json.dumps(told).encode(), str(int(time.time()))
    sign = hmac.new(SECRET.encode(), b"v1:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Telephone-Timestamp": at,
        "X-Telephone-Signature": f"v1={sign}",
    }
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{desk.url}/telephony/events", data=body, headers=headers) as answer,
    ):
        assert answer.status == 204, await answer.text()


async def test_help_is_asked_for_and_given(desk: Desk) -> None:
    call = await on_the_phone(desk)
    form_or_card = await desk.ken.types("/help me May we pay for the return?")
    assert "Emma" in form_or_card.words
    asked = await told(desk.emma, "May we pay for the return?")

    form = await desk.emma.clicks_for_form("whisper", on=asked)
    await desk.emma.fills(form, text=ADVICE)

    await told(desk.ken, ADVICE)
    await told(desk.emma, "is advising")
    assert "help_me" in call.verbs


async def test_whoever_is_on_no_call_is_offered_a_note(desk: Desk) -> None:
    offered = await desk.emma.types(f"/whisper Ken {ADVICE}")
    assert says(offered.title, "en", "whisper.no_call_now", person="Ken Miller")
    assert not any(ADVICE in card.words for card in desk.ken.whispers)

    if offered.copy:  # too long for a button here: it is there to be copied
        await desk.emma.clicks_for_form("whisper", on=offered)
        await desk.emma.fills(text=offered.copy)
    else:
        await desk.emma.clicks("whisper", on=offered)

    await told(desk.ken, ADVICE, "Note")


async def test_agents_do_not_whisper_and_strangers_see_no_board(desk: Desk) -> None:
    await on_the_phone(desk)
    refused = await desk.hana.types(f"/whisper Ken {ADVICE}")
    assert not any(ADVICE in card.words for card in desk.ken.whispers)
    assert says(refused.title, "ja", "whisper.not_yours", person="Ken Miller") or "Ken" in refused.words
    board = await desk.hana.types("/board")
    assert HINT not in board.words
