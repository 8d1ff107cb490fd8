"""Make an article of advice: words that worked on the phone, looked over and kept as a draft."""

from dataclasses import replace

from bot.call import Call
from bot.cards.article_card import article_card
from bot.cards.article_forms import Typed, draft_form
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.advice import Advice
from bot.domain.agent import Role
from bot.domain.article import Article, Wording
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.domain.learning import draft_of
from bot.filling import written_in
from bot.knowing import is_for, kind_of, language_of, must_be_sound


async def article_draft(call: Call) -> Answer:
    """The draft to be looked over, then kept; who asks again is shown the one that there is."""
    id_ = call.number("advice", 0)
    piece = await call.tx.advice.get(id_) if id_ > 0 else None
    if piece is None or not _is_concerned(call, piece):
        raise Refusal("article.no_advice")
    if made := await call.tx.articles.of_advice(piece.id):
        if not is_for(made, call):
            raise Refusal("article.made_already")
        return article_card(made, call.agent, call.say, call.say("article.exists"))
    number = await call.tx.advice.number_of(piece.id)
    inquiry = await call.tx.inquiries.get(number) if number else None
    draft = await _drafted(call, piece, inquiry)
    if "words" not in call.options:
        typed = Typed(draft.latest, draft.kind, draft.language)
        return draft_form(piece.id, typed, call.say)
    wording = Wording(call.text("question"), call.text("words"), call.text("situation")).plain()
    must_be_sound(wording)
    kept = replace(draft, kind=kind_of(call, draft.kind), language=language_of(call), latest=wording)
    made = await call.tx.articles.add(kept, call.agent, call.act.at, number)
    return article_card(made, call.agent, call.say, call.say("article.kept"))


def _is_concerned(call: Call, piece: Advice) -> bool:
    """Whoever was advised, whoever advised, and supervisors."""
    people = [piece.to.id, *([piece.sender.id] if piece.sender else [])]
    return call.agent.id in people or call.agent.may(Role.SUPERVISOR)


async def _drafted(call: Call, piece: Advice, inquiry: Inquiry | None) -> Article:
    """Raises Refusal when its words were not used."""
    question, situation = (inquiry.subject, inquiry.excerpt) if inquiry and not inquiry.erased_at else ("", "")
    names: list[str] = []
    if inquiry:
        person = await call.tx.customers.person(inquiry.customer.id)
        names = [inquiry.customer.name, *((person.name, person.kana) if person else ())]
    language = written_in(f"{piece.text}\n{situation}") or call.say.language
    draft = draft_of(piece, question, situation, language, names, call.region)
    if draft is None:
        raise Refusal("article.not_used")
    return draft


COMMAND = Command("article_draft", article_draft, (Option("advice", Kind.NUMBER, required=True),))
