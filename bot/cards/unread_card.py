"""What a second supervisor hears of advice that stays unread: whose it is, to whom, for how long, and its words."""

from bot.cards.caller import CallerView
from bot.cards.erased_card import erased_card
from bot.cards.help_card import advising_buttons, talking_with
from bot.chat.card import Card, Tone
from bot.chat.text import Text
from bot.domain.advice import Advice, AdviceState
from bot.domain.phone import PhoneCall
from bot.translator import Speaker


def unread_card(advice: Advice, call: PhoneCall, caller: CallerView, region: str, say: Speaker) -> Card:
    """That it is not read, as long as that matters; then that it was seen or withdrawn, or that the call is over."""
    if caller.inquiry and caller.inquiry.erased_at:
        return erased_card(caller.inquiry, say)
    is_unread = is_still_unread(advice, call)
    heading = _heading(advice, call, say)
    return Card(
        title=heading,
        tone=Tone.WAITING if is_unread else Tone.DONE if advice.is_seen else Tone.QUIET,
        lines=(_sent(advice, say), *(talking_with(call, caller, region, say) if is_unread else ())),
        quote=advice.text,
        is_ours=True,
        buttons=advising_buttons(call, is_unread, say),
        summary=heading,
    )


def is_still_unread(advice: Advice, call: PhoneCall) -> bool:
    """Whether there is still something to be done about it."""
    return call.is_live and not advice.is_seen and advice.state is not AdviceState.WITHDRAWN


def _heading(advice: Advice, call: PhoneCall, say: Speaker) -> str:
    reader = advice.to.name
    if advice.is_seen:
        return say("unread.seen", person=reader)
    if advice.state is AdviceState.WITHDRAWN:
        return say("unread.withdrawn", person=reader)
    if not call.is_live:
        return say("unread.over", person=reader)
    if advice.sender:
        return say("unread.title", person=reader, sender=advice.sender.name)
    return say("unread.title_prepared", person=reader)


def _sent(advice: Advice, say: Speaker) -> Text:
    if advice.seen_at:
        return say.text("unread.seen_at", at=say.at(advice.seen_at))
    return say.text("unread.sent", since=say.since(advice.at))
