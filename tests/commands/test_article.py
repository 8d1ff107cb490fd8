"""Articles, as people use them: written, made of advice, approved by one press, found, used, and reviewed."""

from datetime import timedelta

import pytest

from adapters.slack.render import message_of, modal_of
from bot.chat.card import Card, Form
from bot.chat.invocation import LONGEST_CALL, Answer, pressed
from bot.chat.text import words
from bot.domain.advice import Advice, Receipt, Token
from bot.domain.article import Article, ArticleState
from bot.ports import Handle
from storage.database import Database
from tests.adapters.discord_pictures import drawn, wrong_with_message
from tests.builders import a_message, an_article, opened
from tests.commands.test_find import HOSTILE, caught_up
from tests.commands.window import Window, labels, said
from tests.fakes.slack_blocks import wrong_in_message
from tests.support.clock import MORNING
from tests.support.texts import says

LINK = "https://desk.example.com"
GIFT = {
    "question": "May a gift come back?",
    "situation": "The buyer is somebody else.",
    "words": "Yes, within 30 days: we refund the buyer.",
    "kind": "answer",
    "language": "en",
}


def card(answer: Answer) -> Card:
    """The card, once Slack and Discord have taken it."""
    assert isinstance(answer, Card), answer
    assert wrong_in_message(message_of(answer, LINK).blocks) == []
    assert wrong_with_message(drawn(answer)) == []
    assert all(len(one.call) <= LONGEST_CALL for one in answer.buttons)
    return answer


def form(answer: Answer) -> Form:
    assert isinstance(answer, Form), answer
    assert len(answer.inputs) <= 5
    assert modal_of(answer, "{}")
    return answer


def button(answer: Answer, verb: str) -> str:
    """The call of the button with that verb, on the card or in its rows."""
    assert isinstance(answer, Card)
    every = [*answer.buttons, *(one.button for one in answer.items if one.button)]
    return next(one.call for one in every if pressed(one.call)[0] == verb)


async def written(window: Window, user: str = "ken", **other: str) -> Card:
    """The card of a draft that somebody has just written."""
    asked = form(await window.types(user, "/article add"))
    return card(await window.fills(user, asked, **GIFT | other))


async def approved(window: Window, **other: str) -> Card:
    """One of Ken's that Emma has approved."""
    return card(
        await window.presses("emma", button(await written(window, **other), "article_edit").replace("edit", "approve"))
    )


async def stored(database: Database, id_: int = 1) -> Article:
    async with database.snapshot() as tx:
        found = await tx.articles.get(id_)
    assert found
    return found


async def helped(database: Database, token: Token = Token.HELPED, number: int | None = None) -> int:
    """A piece of Emma's advice to Ken, and what he told of it."""
    async with database.transaction() as tx:
        ken, emma = [await tx.agents.by_handle(Handle("workspace", one)) for one in ("ken", "emma")]
        assert ken
        piece = await tx.advice.give(Advice(to=ken, sender=emma, text="Within 30 days, Ms Ito.", at=MORNING), number)
        await tx.advice.tell(piece.id, Receipt(token, MORNING))
    return piece.id


async def test_a_draft_waits_and_is_shown_to_nobody_else(window: Window, database: Database) -> None:
    draft = await written(window)
    assert says(words(draft.lines[0]), "en", "article.kept")
    assert labels(draft) == ["article_edit", "article_retire"]
    assert (await stored(database)).state is ArticleState.DRAFT
    await caught_up(database)
    assert says(said(await window.types("hana", "/article id:1")), "ja", "article.unknown")
    assert card(await window.types("hana", "/article")).items == ()
    assert words(card(await window.types("ken", "/article")).items[0].text) == GIFT["question"]
    assert said(await window.types("emma", "/find gift")) != GIFT["question"]


async def test_one_press_approves_it_and_everybody_finds_it(window: Window, database: Database) -> None:
    await written(window)
    listed = card(await window.types("emma", "/article"))
    opened_ = card(await window.presses("emma", button(listed, "article")))
    assert labels(opened_) == ["article_approve", "article_edit", "article_retire"]
    shown = card(await window.presses("emma", button(opened_, "article_approve")))
    assert says(words(shown.lines[0]), "en", "article.approved_now")
    one = await stored(database)
    assert (one.state, one.review_on) == (ArticleState.APPROVED, (MORNING + timedelta(days=365)).date())
    await caught_up(database)
    for line in ("/article gift", "/article ＧＩＦＴ come back", "/article may gifts be returned by coming back"):
        assert card(await window.types("hana", line)).title == GIFT["question"]
    found = card(await window.types("hana", "/find refund kind:article"))
    assert card(await window.presses("hana", button(found, "article"))).quote == GIFT["words"]
    again = card(await window.presses("emma", button(opened_, "article_approve")))
    assert says(words(again.lines[0]), "en", "article.approved_already")


async def test_a_supervisors_home_says_what_waits(window: Window) -> None:
    before = card(await window.types("emma", "/home"))
    await written(window)
    after = card(await window.types("emma", "/home"))
    assert after.items[:-1] == before.items
    assert words(after.items[-1].text) == "1 article waits for your approval"
    assert words(card(await window.presses("emma", button(after, "article"))).items[0].text) == GIFT["question"]
    assert len(card(await window.types("ken", "/home")).items) == len(before.items)


async def test_a_supervisors_own_draft_is_approved_by_one_press_too(window: Window, database: Database) -> None:
    draft = await written(window, "emma")
    await window.presses("emma", button(draft, "article_approve"))
    assert (await stored(database)).state is ArticleState.APPROVED


async def test_its_words_are_ready_to_copy_and_counted(window: Window, database: Database) -> None:
    shown = await approved(window)
    used = card(await window.presses("hana", button(shown, "article_use")))
    assert used.copy == GIFT["words"]
    await window.presses("hana", button(shown, "article_use"))
    assert (await stored(database)).uses == 2


async def test_an_owners_edit_waits_while_the_old_words_are_shown(window: Window, database: Database) -> None:
    shown = await approved(window)
    asked = form(await window.presses("ken", button(shown, "article_edit")))
    pending = card(await window.fills("ken", asked, **GIFT | {"words": "Yes, within 60 days."}))
    assert pending.quote == "Yes, within 60 days."
    assert card(await window.types("hana", "/article id:1")).quote == GIFT["words"]
    used = card(await window.types("hana", "/article_use id:1"))
    assert used.copy == GIFT["words"]
    await window.presses("emma", button(card(await window.types("emma", "/article id:1")), "article_approve"))
    assert card(await window.types("hana", "/article id:1")).quote == "Yes, within 60 days."
    same = form(await window.types("ken", "/article_edit id:1"))
    unchanged = card(await window.fills("ken", same, **{one.name: one.value for one in same.inputs}))
    assert says(words(unchanged.lines[0]), "en", "article.unchanged")
    assert (await stored(database)).version == 2


async def test_two_who_edit_at_once_lose_nothing(window: Window, database: Database) -> None:
    shown = await approved(window)
    kens, emmas = [form(await window.presses(one, button(shown, "article_edit"))) for one in ("ken", "emma")]
    await window.fills("emma", emmas, **GIFT | {"words": "Yes, within 90 days."})
    again = form(await window.fills("ken", kens, **GIFT | {"words": "Yes, always."}))
    assert "+ Yes, within 90 days." in again.intro
    assert {one.name: one.value for one in again.inputs}["words"] == "Yes, always."
    assert (await stored(database)).latest.words == "Yes, within 90 days."
    card(await window.fills("ken", again, **{one.name: one.value for one in again.inputs}))
    assert (await stored(database)).latest.words == "Yes, always."


async def test_what_changed_since_it_was_seen_is_not_approved(window: Window, database: Database) -> None:
    await written(window)
    seen = card(await window.types("emma", "/article id:1"))
    asked = form(await window.types("ken", "/article_edit id:1"))
    await window.fills("ken", asked, **GIFT | {"words": "Never."})
    answer = card(await window.presses("emma", button(seen, "article_approve")))
    assert says(words(answer.lines[0]), "en", "article.look_again")
    assert (answer.quote, (await stored(database)).state) == ("Never.", ArticleState.DRAFT)
    await window.presses("emma", button(answer, "article_approve"))
    assert (await stored(database)).state is ArticleState.APPROVED


async def test_a_draft_is_made_of_advice_once(window: Window, database: Database) -> None:
    text = "Hello, this is Ms Ito (ito@example.com, 090-1234-5678). May it come back?"
    (inquiry,) = await opened(database, a_message(subject="A gift", text=text, reply_text=text))
    piece = await helped(database, number=inquiry.number)
    asked = form(await window.presses("ken", f"article_draft:::advice={piece}"))
    values = {one.name: one.value for one in asked.inputs}
    assert (values["question"], values["words"], values["language"]) == ("A gift", "Within 30 days, ….", "en")
    assert not any(one in values["situation"] for one in ("Ito", "ito@", "090"))
    kept = card(await window.fills("ken", asked, **values))
    draft = await stored(database)
    assert (draft.owner and draft.owner.name, draft.advice, draft.state) == ("Emma Clark", piece, ArticleState.DRAFT)
    assert said(kept) == "A gift"
    second = card(await window.presses("emma", f"article_draft:::advice={piece}"))
    assert says(words(second.lines[0]), "en", "article.exists")
    await window.presses("emma", button(second, "article_approve"))
    third = card(await window.fills("ken", asked, **values | {"words": "Other words."}))
    assert (third.quote, (await stored(database)).version) == ("Within 30 days, ….", 1)


@pytest.mark.parametrize("token", [Token.SEEN, Token.NOT_NOW, Token.DELIVERED])
async def test_advice_that_was_not_used_becomes_nothing(window: Window, database: Database, token: Token) -> None:
    piece = await helped(database, token)
    assert says(said(await window.presses("ken", f"article_draft:::advice={piece}")), "en", "article.not_used")


async def test_it_retires_and_comes_back(window: Window, database: Database) -> None:
    shown = await approved(window)
    retired = card(await window.presses("emma", button(shown, "article_retire")))
    assert labels(retired) == ["article_retire"]
    assert says(said(await window.types("hana", "/article id:1")), "ja", "article.unknown")
    await window.presses("emma", button(retired, "article_retire"))
    assert card(await window.types("hana", "/article id:1")).title == GIFT["question"]


async def test_lists_turn_their_pages_and_say_what_waits(window: Window, database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(19):
            await tx.articles.add(an_article(f"Question {number}?").approve(MORNING.date()), None, MORNING)
        await tx.articles.add(an_article("Waiting?"), None, MORNING)
    first = card(await window.types("emma", "/article"))
    assert words(first.items[0].text) == "Waiting?"
    assert len(first.items) == 8
    turn = next(one.call for one in first.buttons if "page=2" in one.call)
    second = card(await window.presses("emma", turn))
    third = card(await window.types("emma", "/article page:3"))
    titles = {words(one.text) for page in (first, second, third) for one in page.items}
    assert len(titles) == 20
    assert card(await window.types("emma", "/article page:99")).items == third.items
    assert "Waiting?" not in {words(one.text) for one in card(await window.types("hana", "/article")).items}


async def test_articles_stand_beside_past_answers_and_on_details(window: Window, database: Database) -> None:
    await approved(window)
    (one,) = await opened(database, a_message(subject="A gift", text="May my gift come back?", reply_text=""))
    await caught_up(database)
    for line in (f"/similar {one.number}", f"/show {one.number}"):
        answer = card(await window.types("ken", line))
        used = card(await window.presses("ken", button(answer, "article_use")))
        assert used.copy == GIFT["words"]
        assert labels(used) == ["article", "show"]
    (other,) = await opened(database, a_message(subject="Sundays", text="Are you open?", reply_text=""))
    await caught_up(database)
    assert card(await window.types("ken", f"/show {other.number}")).items[0].button is None


@pytest.mark.parametrize("text", HOSTILE)
async def test_nothing_that_anybody_writes_breaks_it(window: Window, database: Database, text: str) -> None:
    shown = card(
        await window.fills("emma", await window.types("emma", "/article_add"), **GIFT | {"words": text or "-"})
    )
    card(await window.presses("emma", button(shown, "article_edit").replace("edit", "approve")))
    card(await window.types("emma", "/article_use id:1"))
    card(await window.types("emma", f"/article {text}"))
