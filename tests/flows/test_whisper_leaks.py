"""What the team says to one another during a call never reaches a customer, nor any place that is not meant for it.

Every whisper, note, prepared advice, call for help and draft carries a word of its own, and all that the desk puts out
is searched for these words.
"""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession

from adapters.mail.mime import read_mail
from adapters.operations.metrics import Metrics
from adapters.operations.server import Server
from bot.chat.card import Form
from bot.chat.invocation import Answer, Invocation
from bot.domain.message import RawMail
from bot.erasure import Erasing
from bot.health import Health
from bot.intake import Intake, ReadMail
from bot.phone_watch import PhoneWatch
from bot.ports import Place
from bot.translator import Translator
from storage.tables import mail_content, message
from tests.commands.window import Window, said
from tests.flows.phone_office import PhoneOffice, a_phone_office
from tests.support.readers import ReadBy
from tests.support.rehearsal import OneByOne
from tests.support.traces import found_in, mail

CALLER = "ito@example.com"
CANARIES = {
    "whisper": "canary-wren 代品を送ると伝える",
    "waiting whisper": "canary-finch 返金は店長まで",
    "withdrawn whisper": "canary-robin 本人確認を先に",
    "whisper to a closed door": "canary-swift 折り返しを約束する",
    "whisper by a reply": "canary-heron 送料は当方で",
    "note": "canary-eagle 明日の朝に見ておく",
    "prepared": "canary-crane 回収の対象か型番を聞く",
    "prepared, off": "canary-raven 割引は案内しない",
    "help": "canary-stork どちらで対応しますか",
    "more help": "canary-egret 店長は不在です",
    "draft": "canary-quail 割れ物は写真を待たない",
}
FOR_CUSTOMERS = ("mails", "letters", "export", "queue channel")
ELSEWHERE = ("logs", "metrics", "health")
TO_KEN, TO_EMMA, TO_MIA, ON_BOARD = "@ken", "@emma", "@mia", "supervisors"


@dataclass
class Desk:
    """A whole desk, and all that it has shown so far: a card that is drawn anew was read before."""

    office: PhoneOffice
    logs: pytest.LogCaptureFixture
    metrics: Metrics = field(default_factory=Metrics)
    shown: dict[str, set[str]] = field(default_factory=dict)
    number: int = 0

    @property
    def window(self) -> Window:
        return Window(self.office.database, self.office.time, self.metrics)

    async def arrives(self, subject: str, text: str, sent: bool = False, **headers: str) -> None:
        """A mail of the customer's, or one that the team `sent` them."""
        sender = ("Support", "support@shop.example.com") if sent else ("Ms Ito", CALLER)
        content = mail(subject, text, sender=sender, **headers)
        raw = RawMail("box", "1", subject, content, self.office.time(), sent)
        async with self.office.database.transaction() as tx:
            [stored] = await tx.mails.store("support", [raw])
        await Intake(self.office.database, ReadBy(read_mail), self.office.time, self.metrics, flood=5).take(
            [ReadMail(stored, read_mail(content))]
        )

    async def types(self, who: str, line: str) -> Answer:
        answer = await self.window.types(who, line)
        await self.delivers()
        return answer

    async def delivers(self, seconds: float = 0) -> None:
        """So much later the watch has looked and all that is due is in chat."""
        office = self.office
        office.time.forward(timedelta(seconds=seconds))
        await PhoneWatch(office.database, self.metrics).tick()
        platforms: dict[str, Any] = {"workspace": office.platform}
        desk = (office.database, platforms, Translator(), office.time, self.metrics)
        await OneByOne(*desk, rests=(0.01,)).empty()
        for one in office.chat.messages:
            self.shown.setdefault(one.channel, set()).add(json.dumps(one.card, ensure_ascii=False))

    def seen(self, *channels: str) -> set[str]:
        """The canaries that stood in these channels at any time."""
        return found_in([text.encode() for one in channels for text in self.shown.get(one, ())], CANARIES)

    async def found(self) -> dict[str, set[str]]:
        """The canaries in all that is not between people of the team, by where they are."""
        office = self.office
        async with office.database.snapshot() as tx:
            mails = (await tx.session.run(sa.select(mail_content.c.content))).scalars().all()
            letters = (await tx.session.run(sa.select(message.c.subject, message.c.text))).all()
            inquiry = await tx.inquiries.get(self.number)
        assert inquiry
        export = await Erasing(office.database, "JP").everything(inquiry.customer.id)
        health, metrics = await self._operations()
        blobs = {
            "mails": [bytes(one) for one in mails],
            "letters": [f"{row.subject}\n{row.text}".encode() for row in letters],
            "export": [json.dumps(export, ensure_ascii=False, default=str).encode()],
            "queue channel": [text.encode() for text in self.shown["support"]],
            "logs": [f"{one.getMessage()} {one.__dict__} {one.exc_info}".encode() for one in self.logs.records],
            "metrics": [metrics],
            "health": [health],
        }
        assert all(any(one for one in each) for each in blobs.values()), "nothing is searched in vain"
        return {where: found_in(each, CANARIES) for where, each in blobs.items()}

    async def _operations(self) -> tuple[bytes, bytes]:
        """What operators' pages tell."""
        health = Health(self.office.database, (), (self.office.platform,), self.office.time)
        server = Server("127.0.0.1", 0, health.parts, self.metrics, ())
        port = await server.open()
        try:
            async with ClientSession() as session:
                answers = [await session.get(f"http://127.0.0.1:{port}/{page}") for page in ("healthz", "metrics")]
                told = [await one.read() for one in answers]
        finally:
            await server.close()
        return told[0], told[1]


@pytest.fixture
async def desk(database_url: str, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Desk]:
    caplog.set_level(logging.INFO)
    async with a_phone_office(database_url) as office:
        async with office.database.transaction() as tx:
            await tx.queues.show("support", Place("workspace", "support"))
            await tx.phone.show_board(Place("workspace", ON_BOARD))
        one = Desk(office, caplog)
        await one.arrives("Broken bowls", "Three bowls are broken. Please call.", Message_ID="<bowls@example.com>")
        async with office.database.snapshot() as tx:
            [inquiry], _ = await tx.inquiries.waiting(None, 0, 10)
        one.number = inquiry.number
        yield one


async def plays(desk: Desk) -> None:
    """A call in which all is said that can be said, and what comes after it."""
    word, window = CANARIES, desk.window
    await prepares(desk, "Recall", word["prepared"], turned_on=True)
    await prepares(desk, "Discount", word["prepared, off"], turned_on=False)
    await desk.types("ken", f"/phone_start {CALLER} Broken bowls")
    await desk.types("emma", f"/whisper ken {word['whisper']}")
    await desk.types("ken", f"/help_me {word['help']}")
    await desk.types("ken", f"/help_me {word['more help']}")
    await window.call(_reply(word["whisper by a reply"]))
    await desk.delivers(11)
    await desk.types("emma", f"/whisper ken {word['withdrawn whisper']}")
    await desk.types("ken", "/hush 30m")
    await desk.types("emma", f"/whisper ken {word['waiting whisper']}")
    await desk.types("emma", f"/whisper person:hana note:yes text:{word['note']}")
    await desk.delivers(70)
    async with desk.office.database.snapshot() as tx:
        [live] = await tx.phone.live()
        every = {one.text: one.id for one in await tx.advice.of_call(live.call.id)}
    await desk.types("ken", f"/advice {every[word['whisper']]} helped")
    await desk.types("emma", f"/advice_withdraw {every[word['withdrawn whisper']]}")
    desk.office.chat.faults.closed.append("@hana")
    await desk.types("hana", "/phone_start 0312345678 Something else")
    await desk.types("emma", f"/whisper hana {word['whisper to a closed door']}")
    await desk.types("ken", "/phone_end settled note:We send new bowls")
    form = await desk.types("ken", f"/article_draft {every[word['whisper']]}")
    assert isinstance(form, Form)
    inputs = {one.name: one.value for one in form.inputs} | {"question": "割れ物", "words": word["draft"]}
    await window.fills("ken", form, **inputs)
    bowls = "<bowls@example.com>"
    await desk.arrives("Re: Broken bowls", "New bowls are on their way.", sent=True, In_Reply_To=bowls)
    await desk.arrives("Thanks", "Thank you for the call.", In_Reply_To=bowls)
    await desk.delivers(600)


async def prepares(desk: Desk, name: str, text: str, turned_on: bool) -> None:
    form = await desk.types("emma", "/prepared_set")
    given = {"name": name, "text": text, "words": "bowls", "labels": "", "when": "any"}
    await desk.window.fills("emma", form, **given)
    if turned_on:
        assert said(await desk.types("emma", f"/prepared_switch {name}")) == f"{name} is on"


def _reply(text: str) -> Invocation:
    """Words in the thread under the board."""
    return Invocation("workspace", "emma", "whisper", "emma", ON_BOARD, "", options={"reply": text})


async def test_what_is_whispered_stays_among_the_team_and_reaches_it(desk: Desk) -> None:
    await plays(desk)
    assert await desk.found() == {where: set() for where in (*FOR_CUSTOMERS, *ELSEWHERE)}
    # The search is not blind: each word was said, and stood where it is meant to.
    assert {"whisper", "prepared", "whisper by a reply"} - desk.seen(TO_KEN) == set()
    assert {"whisper", "waiting whisper", "note", "whisper by a reply"} - desk.seen(TO_EMMA) == set()
    assert {"help", "more help"} - desk.seen(TO_EMMA, TO_MIA, ON_BOARD) == set()
    assert "whisper" in desk.seen(ON_BOARD)
    assert "prepared, off" not in desk.seen(*desk.shown)
    async with desk.office.database.snapshot() as tx:
        articles, _ = await tx.articles.listed(None, 0, 10)
        calls = await tx.phone.of_inquiry(desk.number)
        kept = {one.text for call in calls for one in await tx.advice.of_call(call.id)}
    assert [one.latest.words for one in articles] == [CANARIES["draft"]]
    assert {CANARIES[name] for name in ("whisper", "waiting whisper", "withdrawn whisper", "prepared")} - kept == set()


async def test_words_that_get_out_are_found_wherever_they_are(desk: Desk) -> None:
    """The control: somebody sends the customer what was whispered, and a line and a label tell more than they may."""
    leak = CANARIES["whisper"]
    await desk.arrives("Re: Broken bowls", leak, sent=True, In_Reply_To="<bowls@example.com>")
    await desk.delivers()
    logging.getLogger("bot").info("said", extra={"why": CANARIES["note"]})
    desk.metrics.count("madoguchi_commands_total", verb=CANARIES["help"])
    found = await desk.found()
    assert found == {
        **{where: {"whisper"} for where in FOR_CUSTOMERS},
        "logs": {"note"},
        "metrics": {"help"},
        "health": set(),
    }
