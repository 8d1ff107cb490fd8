"""Whispering: one piece of advice on its way to whoever is on the phone, or a note to whoever is not."""

from datetime import datetime

from bot.domain.advice import Advice
from bot.domain.advising import EVERY, fitted
from bot.domain.agent import Agent
from bot.domain.phone import PhoneCall
from bot.ports import Transaction


async def whisper(
    tx: Transaction,
    to: Agent,
    text: str,
    at: datetime,
    sender: Agent | None = None,
    call: PhoneCall | None = None,
    rule: int | None = None,
) -> tuple[Advice, str]:
    """Give advice in a call, or (`call` None) a note; answers with it, and with the words for which it had no room.

    It is in a message by the commit, and the sender sees what becomes of it. What a person says answers the help
    that was asked for in the call. Who may, and whether there is anything to say, is asked before; whoever wants to
    be sure that the call still goes on locks its agent first.
    """
    words = fitted(text)
    given = Advice(to=to, text=words.kept, at=at, sender=sender, rule=rule, call=call.id if call else None)
    kept = await tx.advice.give(given, call.inquiry if call else None)
    await bind(tx, to, at)
    if call and sender:
        for asked in await tx.help_requests.of_call(call.id):
            if (answered := asked.answered(sender, at)) is not asked:
                await tx.help_requests.save(asked, answered)
    await tx.advice.say_receipts(kept)
    if call:
        await tx.phone.say_boards()
    return kept, words.left


async def bind(tx: Transaction, to: Agent, at: datetime) -> None:
    """Put what is queued for somebody into messages, by what they want to be left alone by at that moment.

    Who wants no advice gets none, on a call either. In the quiet hours of their day only notes wait.
    """
    quiet = (await tx.absences.quiet([to.id])).get(to.id)
    notes_from = quiet.ends_after(at, to.time_zone) if quiet else None
    await tx.advice.bind(to.id, EVERY, await tx.advice.undisturbed_until(to.id), notes_from)
