"""The card of a help request: who on a call asks for advice about what, and who is advising by now."""

from dataclasses import dataclass

from bot.cards.caller import CallerView
from bot.cards.erased_card import erased_card
from bot.cards.inquiry_card import title as inquiry_title
from bot.chat.card import Button, Card, Style, Tone
from bot.chat.invocation import call as pressing
from bot.chat.text import Text, one_line, shorten
from bot.domain.help_request import HelpRequest, HelpState
from bot.domain.phone import PhoneCall
from bot.domain.phoning import masked
from bot.translator import Speaker

NAME_LENGTH, REASON_LENGTH = 20, 120
"""Characters of a caller's name, where no number says who it is, and of why they need care."""


@dataclass(frozen=True, slots=True)
class HelpView:
    """A help request with what its card needs.

    `is_inner`: only one person of the team reads it. In a channel it says what the call is about, and not with whom.
    """

    request: HelpRequest
    call: PhoneCall
    caller: CallerView
    is_inner: bool
    region: str = ""


def help_card(view: HelpView, say: Speaker) -> Card:
    """What the message says by now: that advice is wanted, who gives it, or that the call is over."""
    inquiry = view.caller.inquiry
    if inquiry and inquiry.erased_at:
        return erased_card(inquiry, say)
    heading = _heading(view, say)
    about = inquiry_title(inquiry, say) if inquiry else ""
    is_wanted = view.call.is_live and view.request.is_open
    return Card(
        title=heading,
        tone=Tone.ALERT if is_wanted else Tone.DONE if view.request.answered_by else Tone.QUIET,
        badge=say("help_me.experts_asked") if is_wanted and view.request.state is HelpState.EXPERTS else "",
        lines=(*_since(view, say), *(((about,),) if about else ()), *_talk(view, say)),
        quote=view.request.text,
        is_ours=True,
        buttons=advising_buttons(view.call, is_wanted, say),
        summary=" · ".join(filter(None, (heading, about))),
    )


def advising_buttons(call: PhoneCall, is_urgent: bool, say: Speaker) -> tuple[Button, ...]:
    """To whisper, as long as the call lasts, and to look at it."""
    style = Style.PRIMARY if is_urgent else Style.NORMAL
    whisper = Button(say("button.whisper"), pressing("whisper", call=str(call.id)), style)
    details = Button(say("button.show"), pressing("phone", call=str(call.id)), Style.QUIET)
    return (whisper, details) if call.is_live else (details,)


def talking_with(call: PhoneCall, caller: CallerView, region: str, say: Speaker) -> tuple[Text, ...]:
    """With whom somebody talks, as little as is needed, and since when; nothing when the call is over."""
    if not call.is_live or call.started_at is None:
        return ()
    known = masked(call.caller.number, region) or shorten(one_line(caller.name), NAME_LENGTH)
    whom = known or say("help_me.unknown")
    return (say.text("help_me.talks", caller=whom, since=say.since(call.started_at)),)


def _heading(view: HelpView, say: Speaker) -> str:
    one, asker = view.request, view.request.asker.name
    if one.answered_by:
        key = "help_me.advising" if view.call.is_live else "help_me.advised"
        return say(key, person=one.answered_by.name, asker=asker)
    return say("help_me.wanted" if view.call.is_live else "help_me.over", person=asker)


def _since(view: HelpView, say: Speaker) -> tuple[Text, ...]:
    at = view.request.answered_at
    return (say.text("help_me.since", at=say.at(at)),) if at and view.call.is_live else ()


def _talk(view: HelpView, say: Speaker) -> tuple[Text, ...]:
    if not view.is_inner:
        began = view.call.started_at
        return (say.text("help_me.began", since=say.since(began)),) if began and view.call.is_live else ()
    reason = shorten(one_line(view.caller.caution), REASON_LENGTH)
    is_wanted = reason and view.call.is_live
    care: tuple[Text, ...] = ((say("help_me.caution", reason=reason),),) if is_wanted else ()
    return (*talking_with(view.call, view.caller, view.region, say), *care)
