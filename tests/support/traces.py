"""Sixty facts about one person, planted wherever a desk keeps anything, and the search for what is left of them."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email.header import Header
from email.message import Message as Mail
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from adapters.mail.forms import form_rules
from adapters.mail.mime import read_mail
from adapters.mail.rules import Rules
from bot.app import system_clock
from bot.domain.care import extend, tag, wait
from bot.domain.customer import Identity, IdentityKind
from bot.domain.escalation import Escalation, For, Help, Post, Urgency
from bot.domain.events import Act
from bot.domain.folding import grams
from bot.domain.inquiry import Change, Inquiry, Status
from bot.domain.message import Message, RawMail
from bot.domain.policy import Target
from bot.intake import Intake, ReadMail
from bot.nudges import Nudges
from bot.ports import Handle
from storage.database import Database
from tests.builders import a_message
from tests.support.meter import Counts
from tests.support.readers import ReadBy

ADDRESS, SECOND = "hotaru.mizuno@example.com", "hotaru-private@example.net"
PHONE = "+819055512345"
NAME = "水野蛍"
FORM = "form@shop.example.com"
RULES = Rules(own_lists=(), forms=form_rules(FORM))
CHARSETS = ("utf-8", "iso-2022-jp", "cp932", "euc-jp")

FACTS = {
    "name": NAME,
    "kana": "ミズノホタル",
    "address": ADDRESS,
    "second address": SECOND,
    "second name": "Hotaru Mizuno-Kirsch",
    "subject utf-8": "陶器の小鉢が割れて届いた件",
    "body utf-8": "桔梗模様の小鉢が三枚割れていました",
    "phone in a text": "090-5551-2345",
    "file name": "割れた小鉢の写真.jpg",
    "file content": "JPEG-of-the-broken-bowl",
    "message id": "bowl-20260401@hotaru.example.com",
    "subject iso-2022-jp": "配達時間の変更希望",
    "body iso-2022-jp": "夜勤のため午前中は不在です",
    "phone wide": "０９０\u2212５５５１\u2212２３４５",
    "subject cp932": "請求書の宛名",
    "body cp932": "宛名を株式会社蛍窯に直してください",
    "phone with brackets": "(090)5551-2345",
    "body euc-jp": "返金先は柏木銀行です",
    "subject ascii": "Wedding present for Marguerite",
    "body ascii": "It must reach Villa Sorbier before Saturday",
    "signature": "Kilnhouse Nr. 17, Tajimi",
    "reply": "実は左手が不自由なので開けられません",
    "reply file": "診断書.pdf",
    "late reply": "Please ring twice, the bell is broken",
    "later reply": "My neighbour Oddvar may take it",
    "answer subject": "Re: your bowls, Ms Mizuno",
    "answer": "We send three new bowls to Tajimi",
    "unrelated answer": "Happy birthday, dear Ms Mizuno",
    "robot subject": "Out of office until the kiln opening",
    "robot body": "Bin bis zum Ofenfest verreist",
    "folded": "Seventh mail about the bowls in an hour",
    "form body": "ギフト包装の藤色は選べますか",
    "form name": "みずの ほたる",
    "second subject": "Question from my other mailbox",
    "second body": "The kiln shrinks everything by a tenth",
    "second message id": "other-7@hotaru.example.net",
    "phone": PHONE,
    "phone inquiry": "電話で怒っていた理由は父の形見だから",
    "phone subject": "電話：形見の茶碗",
    "tag": "vip-陶芸家",
    "second tag": "sorbier",
    "caution": "すぐ大声になるため上長が対応",
    "note": "娘さんの名は小春",
    "second note": "Prefers to be called in the evening",
    "resolution note": "三枚を無償で再送した",
    "second resolution note": "Waived the fee for Marguerite",
    "described": "水野ほたる様",
    "other's thread": "I am Aki's sister, the vase was mine",
    "two characters": "鱚鰻",
    "unread pending": "This letter is still on its way to the thread",
    "inquiry tag": "ofen-explosion",
    "waiting for": "窯元の砥部さんの返事",
    "extension reason": "Her kiln inspector is on Shikoku until Monday",
    "answered how": "彼女の職場に電話した",
    "follow-up note": "お母様の退院後にもう一度",
    "later follow-up note": "Ask Oddvar for the spare key",
    "escalation content": "お客様は弁護士の雲井先生を立てるそうです",
    "escalation tried": "Offered a voucher for the autumn fair, twice",
    "escalation answer": "全額返金し、雲井先生に書面を送ること",
    "escalation feedback": "She wept with relief",
}
assert len(FACTS) == 60


def mail(
    subject: str, body: str, charset: str = "utf-8", sender: tuple[str, str] = (NAME, ADDRESS), **headers: str
) -> bytes:
    """A mail in a charset, as programs write it; `files` may follow by `with_file`."""
    made = MIMEText(body, "plain", charset)
    return _addressed(made, subject, charset, sender, headers)


def with_file(subject: str, body: str, name: str, content: bytes, **headers: str) -> bytes:
    """The same with a file."""
    made = MIMEMultipart()
    made.attach(MIMEText(body, "plain", "utf-8"))
    file = MIMEApplication(content)
    file.add_header("Content-Disposition", "attachment", filename=name)
    made.attach(file)
    return _addressed(made, subject, "utf-8", (NAME, ADDRESS), headers)


def _addressed(made: Mail, subject: str, charset: str, sender: tuple[str, str], headers: Mapping[str, str]) -> bytes:
    made["From"] = formataddr(sender, charset)
    made["Subject"] = Header(subject, charset).encode()
    made["To"] = "support@shop.example.com"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made.as_bytes()


class Planting:
    """Plants the facts in a store, as a running desk would."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.numbers: dict[str, int] = {}
        self.contents: list[bytes] = []
        self._uids = 0
        self._intake = Intake(database, ReadBy(read), system_clock, Counts(), flood=5)

    async def arrives(self, content: bytes, name: str = "", sent: bool = False) -> None:
        """A mail comes in; `name` is how the inquiry that it opens is called from now on."""
        self._uids += 1
        self.contents.append(content)
        raw = RawMail("box", "1", str(self._uids), content, system_clock(), sent)
        async with self.database.transaction() as tx:
            [stored] = await tx.mails.store("support", [raw])
        await self._intake.take([ReadMail(stored, read(content))])
        async with self.database.snapshot() as tx:
            record = next(one for one in await tx.mails.listed(None, 100) if one.id == stored.id)
        if name:
            assert record.number
            self.numbers[name] = record.number

    async def letters(self) -> None:
        """The mails that open inquiries, and what comes by other ways."""
        fact = FACTS
        body = f"{fact['body utf-8']}\n{fact['phone in a text']} {fact['two characters']}"
        first = with_file(
            fact["subject utf-8"], body, fact["file name"], fact["file content"].encode(),
            Message_ID=f"<{fact['message id']}>",
        )  # fmt: skip
        await self.arrives(first, "bowls")
        for charset, also in (("iso-2022-jp", "phone wide"), ("cp932", "phone with brackets")):
            text = f"{fact[f'body {charset}']}\n{fact[also]}"
            await self.arrives(mail(fact[f"subject {charset}"], text, charset), charset)
        await self.arrives(mail("返金", fact["body euc-jp"], "euc-jp"), "refund")
        signed = f"{fact['body ascii']}\n\n-- \n{fact['signature']}\n"
        await self.arrives(mail(fact["subject ascii"], signed, "us-ascii", ("Mizuno", ADDRESS)), "present")
        await self.arrives(mail(fact["folded"], fact["folded"]))
        robot = mail(fact["robot subject"], fact["robot body"], Auto_Submitted="auto-replied", Precedence="bulk")
        await self.arrives(robot)
        form = f"お名前：{fact['form name']}\nメールアドレス：{SECOND}\nお問い合わせ内容：{fact['form body']}\n"
        await self.arrives(mail("お問い合わせフォーム", form, sender=("Shop", FORM)), "form")
        other = f"<{fact['second message id']}>"
        sender = (fact["second name"], SECOND)
        await self.arrives(
            mail(fact["second subject"], fact["second body"], "us-ascii", sender, Message_ID=other), "second"
        )
        birthday = mail("Congratulations", fact["unrelated answer"], sender=("Support", "support@shop.example.com"))
        await self.arrives(birthday.replace(b"support@shop.example.com\n\n", f"{ADDRESS}\n\n".encode()), sent=True)

    async def answers(self, *facts: str, file: str = "") -> None:
        """The person writes again in the inquiry about the bowls."""
        answers = f"<{FACTS['message id']}>"
        for fact in facts:
            content = mail("Re: bowls", FACTS[fact], In_Reply_To=answers)
            if file:
                content = with_file("Re: bowls", FACTS[fact], FACTS[file], b"%PDF", In_Reply_To=answers)
            await self.arrives(content)

    async def is_answered(self) -> None:
        """The team answers by its own mail program."""
        answer = mail(
            FACTS["answer subject"], FACTS["answer"], sender=("Support", "support@shop.example.com"),
            In_Reply_To=f"<{FACTS['message id']}>",
        )  # fmt: skip
        await self.arrives(answer, sent=True)

    async def writes_in_others(self, message_id: str) -> None:
        """The person has a part in somebody else's inquiry."""
        await self.arrives(mail("Re: vase", FACTS["other's thread"], In_Reply_To=f"<{message_id}>"))

    async def is_known(self) -> int:
        """What the team writes down; answers with the person."""
        fact = FACTS
        async with self.database.transaction() as tx:
            hana = await tx.agents.by_handle(Handle("slack", "hana"))
            act = Act(system_clock(), "slack", hana)
            said = a_message(
                subject=fact["phone subject"], text=fact["phone inquiry"], reply_text=fact["phone inquiry"],
                from_address=PHONE, from_name=NAME, message_id="",
            )  # fmt: skip
            called = await tx.inquiries.record("support", said, act)
            self.numbers["call"] = called.number
        async with self.database.transaction() as tx:
            mails = [await tx.customers.by_identity(Identity(IdentityKind.MAIL, one)) for one in (ADDRESS, SECOND)]
            phone = await tx.customers.by_identity(Identity(IdentityKind.PHONE, PHONE))
            person, second = mails
            assert person
            assert second
            assert phone
            await tx.customers.describe(person, fact["described"], "", "ja", ["old-tag"], act)
            await tx.customers.caution(person, fact["caution"], act)
            await tx.customers.note(person, fact["note"], act)
            await tx.customers.note(second, fact["second note"], act)
            await tx.customers.merge(second, person, act)
            await tx.customers.merge(phone, person, act)
            await tx.customers.describe(person, NAME, fact["kana"], "ja", [fact["tag"], fact["second tag"]], act)
        for name, note in (("bowls", "resolution note"), ("present", "second resolution note")):
            async with self.database.transaction() as tx:
                inquiry = await tx.inquiries.get(self.numbers[name])
                assert inquiry
                await tx.inquiries.save(inquiry.resolve(fact[note], act))
        async with self.database.transaction() as tx:
            assert hana
            await tx.mails.offer(self.numbers["bowls"], hana.id, timedelta(minutes=5))
        return person

    async def is_cared_for(self) -> None:
        """What people do about open inquiries, and ask one another; `experts` is where they are asked."""
        fact, now = FACTS, system_clock()
        async with self.database.transaction() as tx:
            hana, ken = [await tx.agents.by_handle(Handle("slack", one)) for one in ("hana", "ken")]
            assert hana
            assert ken
            act = Act(now, "slack", ken)
            until = now + timedelta(days=3)

            async def save(name: str, change: Callable[[Inquiry], Change]) -> None:
                inquiry = await tx.inquiries.get(self.numbers[name])
                assert inquiry
                await tx.inquiries.save(change(inquiry))

            await save("refund", lambda one: tag(one, [fact["inquiry tag"]], act))
            status = Status.WAITING_ON_THIRD_PARTY
            await save("refund", lambda one: wait(one, status, until, fact["waiting for"], act))
            hours = timedelta(hours=2)
            await save("cp932", lambda one: extend(one, Target.RESOLUTION, hours, fact["extension reason"], act))
            await save("cp932", lambda one: one.answer(act, "Ken", one.waiting_since, by_hand=fact["answered how"]))
            for at, note in ((now - hours, "follow-up note"), (until, "later follow-up note")):
                await tx.follow_ups.add(self.numbers["cp932"], hana.id, at, fact[note], now)
            posts = (Post(For.HELPERS, "slack", "experts"),)
            asked = {"cp932": "escalation content", "call": "escalation content", "vase": "other's thread"}
            for name in sorted(asked.keys() & self.numbers.keys()):
                one = await tx.escalations.ask(
                    Escalation(
                        number=self.numbers[name],
                        at=now,
                        asker=hana,
                        help=Help.ANSWER,
                        urgency=Urgency.NORMAL,
                        content=fact[asked[name]],
                        tried=fact["escalation tried"] if name != "vase" else "",
                        criterion=fact["escalation tried"] if name != "vase" else "",
                        posts=posts,
                    )
                )
                if name == "cp932":
                    direct = Post(For.ANSWERED, "slack", "@hana")
                    after = one.give_answer(fact["escalation answer"], None, ken, now).telling([direct])
                    after = after.feed_back(True, fact["escalation feedback"], hana, now)
                    await tx.escalations.save(one, replace(after, version=one.version + 1))
        await Nudges(self.database, Counts()).tick()

    async def indexed(self) -> None:
        """The search has caught up."""
        while True:
            async with self.database.transaction() as tx:
                if not await tx.search.catch_up(100):
                    return


def read(content: bytes) -> Message:
    """What a mail says, forms understood."""
    return read_mail(content, RULES)


def spellings(fact: str) -> Iterator[bytes]:
    """How a fact may stand in bytes: in every charset, as JSON writes it, in base64, and as the index cuts it."""
    yield fact.encode()
    yield json.dumps(fact)[1:-1].encode()
    yield json.dumps(json.dumps(fact)[1:-1])[1:-1].encode()
    yield " ".join(grams(fact)).encode()
    for charset in CHARSETS:
        try:
            raw = fact.encode(charset)
        except UnicodeEncodeError:
            continue
        yield raw.removeprefix(b"\x1b$B").removesuffix(b"\x1b(B")
        for skipped in range(3):
            whole = base64.b64encode(b"\0" * skipped + raw)
            yield whole[4 if skipped else 0 : len(whole) // 4 * 4 - 4]


def found_in(blobs: Iterable[bytes], facts: dict[str, str] | None = None) -> set[str]:
    """The names of the facts that stand in any of these bytes."""
    every = list(blobs)
    return {
        name
        for name, fact in (facts or FACTS).items()
        if any(spelling in blob for spelling in set(spellings(fact)) if len(spelling) > 3 for blob in every)
    }


async def kept_by(database: Database) -> list[bytes]:
    """All that a database keeps: a SQLite file with its log as raw bytes, each value of each row of PostgreSQL."""
    path = make_url(database.url).database
    if database.is_sqlite:
        assert path
        return files_of(Path(path))
    engine = database._reader
    names = sa.text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
    async with engine.connect() as connection:
        kept: list[bytes] = []
        for table in list((await connection.execute(names)).scalars()):
            for row in (await connection.execute(sa.text(f'SELECT * FROM "{table}"'))).all():
                kept += [bytes(one) if isinstance(one, bytes | memoryview) else _written(one) for one in row]
        return kept


def files_of(path: Path) -> list[bytes]:
    """A SQLite file and its log, byte by byte."""
    return [file.read_bytes() for file in (path, path.with_name(path.name + "-wal")) if file.exists()]


def _written(value: object) -> bytes:
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)).encode()
