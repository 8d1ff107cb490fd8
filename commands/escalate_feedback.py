"""Feed back: whoever asked for help says whether the answer helped."""

from bot.call import Call
from bot.cards.escalation_forms import feedback_form
from bot.cards.word import word
from bot.chat.card import Tone
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.errors import Refusal
from bot.escalating import asked_for

HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
WORDS_LENGTH = 500
"""Characters of what somebody says about an answer."""


async def escalate_feedback(call: Call) -> Answer:
    """Keep it, once; of an answer that did not help, the form asks what was missing."""
    before = await asked_for(call)
    given = call.text("verdict")
    if given not in (HELPFUL, NOT_HELPFUL):
        raise Refusal("rate.verdict", given=given)
    after = before.feed_back(given == HELPFUL, call.text("feedback")[:WORDS_LENGTH], call.agent, call.act.at)
    if given == NOT_HELPFUL and "feedback" not in call.options:
        return feedback_form(before, call.say)
    await call.tx.escalations.save(before, after)
    person = before.answered_by.name if before.answered_by else ""
    return word(call.say("escalation.thanks", person=person), Tone.DONE)


COMMAND = Command(
    "escalate_feedback",
    escalate_feedback,
    (
        Option("escalation", Kind.NUMBER, required=True),
        Option("verdict", Kind.CHOICE, required=True, choices=(HELPFUL, NOT_HELPFUL)),
        Option("feedback", Kind.TEXT),
    ),
)
