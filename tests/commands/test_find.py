"""Find, as people use it: words in their sentence, filters, pages, and what leads on from there."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.render import message_of
from bot.cards.find_card import PAGE
from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import LONGEST_CALL, Answer, Invocation, pressed
from bot.chat.text import words
from bot.domain.template import Draft
from storage.database import Database
from tests.adapters.discord_pictures import drawn, wrong_with_message
from tests.adapters.test_slack_hostile import live
from tests.builders import a_message, a_queue, an_act, opened
from tests.commands.window import Window, current, labels, rows, said
from tests.fakes.slack_blocks import wrong_in_message
from tests.support.clock import MORNING, Clock
from tests.support.texts import says

RETURN = "お世話になっております。昨日買ったﾌﾟﾘﾝﾀｰが動きません。返品の送料はいくらですか。どうぞよろしくお願いします。"
LINK = "https://desk.example.com"
HOSTILE = [
    "<!channel> @here @everyone <@U123>", "*bold* _it_ `code` ||x|| # h", "[a](https://evil.example)",
    "'; DROP TABLE inquiry; --", '" OR 1=1 NEAR( AND', "a* NOT b", "%_%", "{words} {0} %s",
    "\u202egpj.exe\u2066", "\u200b\ufeffa",
    "é\u0301" * 50, "👩‍👩‍👧‍👦" * 40, "あ" * 3000, "a" * 3000, "a " * 1500, "\0 \ud800 a", "<script>alert(1)</script>",
]  # fmt: skip


async def caught_up(database: Database) -> None:
    """The index holds all that was written."""
    async with database.transaction() as tx:
        while await tx.search.catch_up(1000):
            pass


async def known(database: Database) -> None:
    """An inquiry in Japanese, one in English that Ken resolved, a template, and a note on the first customer."""
    first, second = await opened(
        database,
        a_message(subject="プリンターの件", text=RETURN, reply_text=RETURN, from_name="伊藤 亜紀"),
        a_message(
            subject="Invoice", text="Please send invoice 4711 again.", reply_text="", from_address="bo@example.com"
        ),
    )
    async with database.transaction() as tx:
        agents = {agent.name: agent for agent in await tx.agents.all()}
        ken = agents["Ken Miller"]
        resolved = second.resolve("Sent invoice 4711 by mail", an_act(ken, 30))
        await tx.inquiries.save(resolved)
        draft = Draft(
            "late-parcel", "ja", "荷物の遅れ", "{customer_name} 様\n\n荷物の遅れをお詫びし、送料を返金します。"
        )
        await tx.templates.add(draft, ken, MORNING)
        await tx.customers.note(first.customer.id, "送料はいつも当社の負担", an_act(ken))
    await caught_up(database)


def details(answer: Answer) -> list[str]:
    """The second lines of the rows."""
    assert isinstance(answer, Card), answer
    return [words(item.detail) for item in answer.items]


def calls(answer: Answer) -> list[tuple[str, dict[str, str]]]:
    """What the buttons of the rows do."""
    assert isinstance(answer, Card), answer
    return [pressed(item.button.call)[:2] for item in answer.items if item.button]


def found(answer: Answer) -> set[str]:
    """Which inquiries stand in the rows."""
    return {word for row in rows(answer) for word in row.replace("【", " ").split() if word.startswith("#")}


def fits(answer: Answer) -> Card:
    """The card, once Slack and Discord have taken it and nothing in it lives."""
    assert isinstance(answer, Card), answer
    message = message_of(answer, LINK)
    assert wrong_in_message(message.blocks) == []
    assert live(message) == []
    assert wrong_with_message(drawn(answer)) == []
    return answer


@pytest.mark.parametrize(("user", "language", "marks"), [("hana", "ja", "【】"), ("ken", "en", "«»")])
async def test_what_is_found_stands_in_its_sentence(
    window: Window, database: Database, user: str, language: str, marks: str
) -> None:
    await known(database)
    answer = fits(await window.types(user, "/find プリンター 返品"))

    assert says(answer.title, language, "find.title", count=1, words="プリンター 返品")
    sentence = "昨日買った【ﾌﾟﾘﾝﾀｰ】が動きません。【返品】の送料はいくらですか。"
    assert sentence.replace("【", marks[0]).replace("】", marks[1]) in details(answer)[0]
    [row] = rows(answer)
    assert "#1001" in row
    assert window.speaker(language)("choice.inquiry") in row
    assert "伊藤 亜紀" in details(answer)[0]
    assert calls(answer) == [("show", {"inquiry": "1001"})]


async def test_answers_templates_and_notes_are_found_and_lead_on(window: Window, database: Database) -> None:
    await known(database)
    [button] = calls(await window.types("ken", "/find 4711 kind:answer"))
    assert button == ("show", {"inquiry": "1002"})
    [button] = calls(await window.types("ken", "/find お詫び"))
    assert button == ("template", {"template": "late-parcel"})
    [button] = calls(await window.types("ken", "/find いつも当社"))
    assert button == ("customer", {"customer": f"id:{(await current(database, 1001)).customer.id}"})
    everything = fits(await window.types("hana", "/find 送料"))
    assert {verb for verb, _ in calls(everything)} == {"show", "template", "customer"}


FILTERED = [
    ("invoice 4711 kind:answer", {"answer"}),
    ("kind:inquiry invoice 4711", {"inquiry"}),
    ("4711 kind：answer", {"answer"}),
    ("4711 status:resolved kind:inquiry", {"inquiry"}),
    ("4711 status:new", set()),
    ("4711 status:resolved person:ken kind:inquiry", {"inquiry"}),
    ("4711 person:me kind:inquiry", {"inquiry"}),
    ("4711 person:hana kind:inquiry", set()),
    ("4711 queue:support kind:inquiry", {"inquiry"}),
    ("4711 queue:returns kind:inquiry", set()),
    ("4711 since:today kind:inquiry", {"inquiry"}),
    ("4711 since:2026-04-01 until:2026-04-01 kind:inquiry", {"inquiry"}),
    ("4711 until:2026-03 kind:inquiry", set()),
    ("4711 since:2026-04-02 kind:inquiry", set()),
    ("4711 since:30d until:today kind:inquiry", {"inquiry"}),
]


@pytest.mark.parametrize(("line", "kinds"), FILTERED, ids=[line for line, _ in FILTERED])
async def test_filters_narrow_down(window: Window, database: Database, line: str, kinds: set[str]) -> None:
    await known(database)
    await a_queue(database, "returns")
    answer = fits(await window.types("ken", f"/find {line}"))
    say = window.speaker("en")
    assert {row.partition(" · ")[0] for row in rows(answer)} == {say(f"choice.{kind}") for kind in kinds}


async def test_filters_come_as_options_of_their_own_or_among_the_words(window: Window, database: Database) -> None:
    await known(database)
    for options in (
        {"words": "4711", "kind": "answer", "since": "3d"},
        {"words": "4711 kind:answer", "since": "3d"},
        {"words": "since:3d 4711 kind:answer"},
        {"words": "4711 kind:answer since:3d", "kind": "inquiry"},
    ):
        answer = await window.call(Invocation("workspace", "ken", "find", options=options))
        assert answer is not None
        assert calls(answer) == [("show", {"inquiry": "1002"})], options


async def test_statuses_and_kinds_as_people_call_them(window: Window, database: Database) -> None:
    await known(database)
    assert calls(await window.types("hana", "/find 4711 status:解決済み kind:回答")) == [("show", {"inquiry": "1002"})]
    assert calls(await window.types("ken", "/find 4711 status:Resolved kind:Answer")) == [("show", {"inquiry": "1002"})]


async def test_days_begin_where_the_asker_is(window: Window, database: Database, clock: Clock) -> None:
    await known(database)  # at ten in Tokyo, on the first of April
    clock.set(datetime(2026, 4, 1, 14, 59, tzinfo=UTC))
    assert len(rows(await window.types("ken", "/find 4711 kind:inquiry since:today"))) == 1
    clock.forward(timedelta(minutes=2))  # past midnight in Tokyo, the same day in London
    assert rows(await window.types("ken", "/find 4711 kind:inquiry since:today")) == []
    assert len(rows(await window.types("ken", "/find 4711 kind:inquiry since:yesterday until:yesterday"))) == 1


async def test_pages_hold_everything_once_and_keep_the_filters(window: Window, database: Database) -> None:
    texts = [f"返品の件 {number}" for number in range(2 * PAGE + 2)]
    await opened(database, *(a_message(subject=text, text=text, reply_text=text) for text in texts))
    await caught_up(database)

    answer = fits(await window.types("ken", "/find 返品 queue:support kind:inquiry since:2026-03-01"))
    assert says(answer.title, "en", "find.title", count=2 * PAGE + 2)
    seen = [found(answer)]
    while on := [one for one in answer.buttons if one.label == window.speaker("en")("find.on")]:
        assert len(on[0].call) <= LONGEST_CALL
        answer = fits(await window.presses("ken", on[0].call))
        seen.append(found(answer))
    assert [len(one) for one in seen] == [PAGE, PAGE, 2]
    assert len(set().union(*seen)) == 2 * PAGE + 2
    [back] = answer.buttons
    assert pressed(back.call)[1] == {
        "words": "返品", "queue": "support", "kind": "inquiry", "since": "2026-03-01", "page": "2",
    }  # fmt: skip
    assert found(await window.presses("ken", back.call)) == seen[1]
    assert found(await window.types("ken", "/find 返品 page:900000")) == seen[2]


async def test_what_no_button_can_carry_is_asked_for_by_hand(window: Window, database: Database) -> None:
    text = " ".join(f"言葉{number}" for number in range(1, 13))
    await opened(database, *(a_message(subject="返品", text=text, reply_text=text) for _ in range(PAGE + 1)))
    await caught_up(database)
    line = f"/find {text} queue:support status:new since:2026-03-01 until:2026-10-01"

    answer = fits(await window.types("ken", line))
    assert labels(answer) == []
    assert window.speaker("en")("find.by_hand", page=2) in words(answer.footer)
    last = await window.types("ken", f"{line} page:2")
    assert len(rows(last)) == 1
    assert not found(answer) & found(last)


@pytest.mark.parametrize(("user", "language"), [("hana", "ja"), ("ken", "en")])
async def test_nothing_found_says_what_may_help(window: Window, database: Database, user: str, language: str) -> None:
    await known(database)
    say = window.speaker(language)
    steps = {"存在しない": "find.other", "存在 しない": "find.fewer", "4711 status:new": "find.unfilter"}
    answers = [fits(await window.types(user, f"/find {line}")) for line in steps]
    for answer, step in zip(answers, steps.values(), strict=True):
        assert says(answer.title, language, "find.none")
        assert answer.tone is not Tone.ALERT
        assert (say(step),) in answer.lines
    [button] = answers[-1].buttons
    assert found(await window.presses(user, button.call)) == {"#1002"}


async def test_without_words_a_form_asks_for_them(window: Window, database: Database) -> None:
    await known(database)
    form = await window.types("ken", "/find kind:answer")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["words"]
    assert calls(await window.fills("ken", form, words="invoice\n4711")) == [("show", {"inquiry": "1002"})]
    assert says(said(await window.types("ken", "/find kind:answer status：new ！？")), "en", "find.words")


@pytest.mark.parametrize("name", ["queue", "person", "status", "kind", "since", "until", "page"])
@pytest.mark.parametrize("language", ["en", "ja"])
async def test_hostile_filters_are_refused_in_words(
    window: Window, database: Database, name: str, language: str
) -> None:
    await window.types("ken", f"/language {language}")
    for given in HOSTILE:
        asked = Invocation("workspace", "ken", "find", options={"words": "parcel", name: given})
        answer = await window.call(asked)
        assert isinstance(answer, Card)
        assert answer.tone is Tone.ALERT, given
        assert not says(answer.title, language, "refused.bug"), given
        fits(answer)


@pytest.mark.parametrize("user", ["hana", "ken"])
async def test_hostile_words_and_texts_stay_words(window: Window, database: Database, user: str) -> None:
    texts = [text.encode(errors="replace").decode().replace("\0", "") for text in HOSTILE]
    await opened(
        database,
        *(
            a_message(subject=f"返品 {text}"[:900], from_name=text[:200], text=f"{text} 返品 {text}", reply_text="")
            for text in texts
        ),
    )
    async with database.transaction() as tx:
        for number, text in enumerate(texts):
            await tx.customers.note((await current(database, 1001 + number)).customer.id, f"{text} 返品", an_act(None))
    await caught_up(database)

    for page in range(1, 7):
        answer = fits(await window.types(user, f"/find 返品 page:{page}"))
        for item in answer.items:
            assert "返品" in words((*item.text, *item.detail))
    for text in HOSTILE:
        answer = fits(await window.types(user, f"/find {text}"))
        assert not says(answer.title, "ja" if user == "hana" else "en", "refused.bug"), text
    assert (await current(database, 1001)).subject.startswith("返品")
