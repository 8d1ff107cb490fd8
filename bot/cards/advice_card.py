"""What somebody on the phone is whispered: the words first and large, then who says it and what to press."""

from collections.abc import Sequence

from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text
from bot.domain.advice import Advice, AdviceState, Token
from bot.translator import Speaker

PRESSES = {
    AdviceState.QUEUED: (Token.SEEN, Token.USED, Token.HELPED, Token.NOT_NOW),
    AdviceState.DELIVERED: (Token.SEEN, Token.USED, Token.HELPED, Token.NOT_NOW),
    AdviceState.SEEN: (Token.USED, Token.HELPED, Token.NOT_NOW),
    AdviceState.NOT_NOW: (Token.USED, Token.HELPED),
    AdviceState.USED: (Token.HELPED,),
    AdviceState.HELPED: (),
    AdviceState.WITHDRAWN: (),
}
"""What says more than was said already."""
PRESSED = (AdviceState.SEEN, AdviceState.NOT_NOW, AdviceState.USED, AdviceState.HELPED)
FULL_STOPS = "。．"


def advice_card(pieces: Sequence[Advice], is_live: bool, say: Speaker) -> Card:
    """One message: a piece, or several as rows. `is_live`: the call goes on, and help may be asked for.

    Raises ValueError when there are no pieces.
    """
    if not pieces:
        raise ValueError("advice says something")
    gone = [one for one in pieces if one.state is AdviceState.WITHDRAWN]
    shown = [one for one in pieces if one.state is not AdviceState.WITHDRAWN]
    if not shown:
        text = _withdrawn(gone[0], is_live, say)
        return Card(title=text, tone=Tone.QUIET, summary=text)
    if len(shown) == 1:
        return _single(shown[0], is_live, say)
    heading = say("advice.several", number=say.number(len(shown)))
    return Card(
        title=heading,
        tone=_tone(shown),
        items=tuple(_item(one, say) for one in shown),
        buttons=_help(shown[0], is_live, say),
        summary=" · ".join(said(one, say) for one in shown),
    )


def said(one: Advice, say: Speaker) -> str:
    """The words of a piece in one line."""
    return " ".join(one.text.split("\n")) or say("advice.erased")


def from_whom(one: Advice, say: Speaker) -> Text:
    """Who says it, and when: a person, or a rule that somebody laid down before; notes say that they are notes."""
    if one.rule is not None:
        return say.text("advice.prepared", at=say.at(one.at))
    key = "advice.note" if one.call is None else "advice.from"
    return say.text(key, person=one.sender.name if one.sender else "", at=say.at(one.at))


def _single(one: Advice, is_live: bool, say: Speaker) -> Card:
    first, *more = (one.text or say("advice.erased")).split("\n")
    return Card(
        title=first if more else first.rstrip(FULL_STOPS) or first,
        tone=_tone([one]),
        badge=_badge(one, say),
        lines=tuple((line,) for line in more),
        buttons=(*_buttons(one, say), *_help(one, is_live, say)),
        footer=_footer(one, say),
        summary=said(one, say),
    )


def _item(one: Advice, say: Speaker) -> Item:
    state = (f" · {say(f'advice.state.{one.state}')}",) if one.state in PRESSED else ()
    return Item((said(one, say),), (*from_whom(one, say), *state), buttons=_buttons(one, say))


def _footer(one: Advice, say: Speaker) -> Text:
    """Who says it, without what the badge says already."""
    if one.state in PRESSED:
        return from_whom(one, say)
    if one.rule is not None:
        return (say.at(one.at),)
    return say.text("advice.from", person=one.sender.name if one.sender else "", at=say.at(one.at))


def _badge(one: Advice, say: Speaker) -> str:
    """What was pressed, else what it is where that is not advice of somebody's."""
    if one.state in PRESSED:
        return say(f"choice.{one.state}")
    if one.rule is not None:
        return say("advice.is_prepared")
    return say("advice.is_note") if one.call is None else ""


def _tone(pieces: Sequence[Advice]) -> Tone:
    return Tone.QUIET if all(one.is_seen for one in pieces) else Tone.NEW


def _buttons(one: Advice, say: Speaker) -> tuple[Button, ...]:
    return tuple(
        Button(
            say(f"choice.{token}"),
            call("advice", advice=str(one.id), token=token.value),
            Style.PRIMARY if token is Token.SEEN else Style.NORMAL,
        )
        for token in (PRESSES[one.state] if one.text else ())
    )


def _help(one: Advice, is_live: bool, say: Speaker) -> tuple[Button, ...]:
    if not is_live or one.call is None:
        return ()
    return (Button(say("button.help_me"), call("help_me", call=str(one.call)), Style.QUIET),)


def _withdrawn(one: Advice, is_live: bool, say: Speaker) -> str:
    is_ended = one.call is not None and not is_live
    return say("advice.over" if is_ended else "advice.taken_back")
