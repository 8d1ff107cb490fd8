"""Answer an escalation: the answer goes to whoever asked, and into the timeline of the inquiry."""

from bot.call import Call
from bot.cards.escalation_forms import answer_form
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.domain.escalation import For, Help, Verdict
from bot.domain.events import EventKind
from bot.escalating import asked_for, post_to

ANSWER_LENGTH = 2800
"""Characters of an answer that its message shows whole."""


async def escalate_answer(call: Call) -> Answer:
    """Keep the answer and tell it; where an approval is wanted, with yes or no."""
    before = await asked_for(call)
    before.must_be_theirs(call.agent)
    text = call.text("answer")[:ANSWER_LENGTH]
    verdict = next((one for one in Verdict if one == call.text("verdict")), None)
    if verdict is None and (before.help is Help.APPROVAL or not text):
        return answer_form(before, call.say)
    inquiry = await call.tx.inquiries.get(before.number)
    if inquiry is None:
        raise Refusal("refused.no_inquiry", inquiry=before.number)
    after = before.give_answer(text, verdict, call.agent, call.act.at)
    after = after.telling(await post_to(call.tx, after, For.ANSWERED))
    told = [call.say(f"escalation.verdict.{verdict}")] if verdict else []
    details: dict[str, object] = {"by": call.agent.name, "note": ": ".join(filter(None, (*told, text)))}
    await call.tx.inquiries.save(inquiry.changed(call.act, EventKind.ADVISED, details))
    await call.tx.escalations.save(before, after)  # the inquiry first, as whoever resolves it does
    return word(call.say("escalation.sent", person=before.asker.name), Tone.DONE)


COMMAND = Command("escalate_answer", escalate_answer, (Option("escalation", Kind.NUMBER, required=True),))
