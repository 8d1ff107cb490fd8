"""Filling: which template somebody means, and what an inquiry says for its variables."""

import re
from dataclasses import replace

from bot.call import Call
from bot.chat.text import one_line, shorten
from bot.domain.errors import Refusal
from bot.domain.inquiry import Inquiry
from bot.domain.template import NAME_LENGTH, Template, plain_name
from bot.ports import Queue
from bot.translator import known_zone

_ID = "id:"
_KANA = re.compile("[ぁ-ゖァ-ヺｦ-ﾟ]")
ENOUGH = 20
"""Letters by which a language without accents is taken for English."""


async def meant(call: Call) -> list[Template]:
    """The variants of the template that a call names, the retired ones as well; one of them where a button names it.

    Raises Refusal when there is none.
    """
    given = call.text("template")
    if one := await by_button(call):
        return [one]
    found = await call.tx.templates.variants(plain_name(given))
    if not found:
        raise Refusal("template.unknown", given=shorten(one_line(given), NAME_LENGTH))
    return found


async def by_button(call: Call) -> Template | None:
    """The one template that a button names (`bot.cards.template_card.by_id`); None where words were typed.

    Raises Refusal when there is none of that id.
    """
    given = call.text("template")
    id_ = given.removeprefix(_ID)
    if not (given.startswith(_ID) and id_.isdecimal() and id_.isascii() and len(id_) < 10):
        return None
    found = await call.tx.templates.get(int(id_))
    if found is None:
        raise Refusal("template.unknown", given=given)
    return found


async def wished(call: Call, inquiry: Inquiry | None) -> tuple[str, str]:
    """For which queue and in which language a template is wanted.

    With an inquiry: its queue, and the customer's language, else the one in which it is written, else the queue's.
    Without: any, and the reader's language.
    """
    if inquiry is None:
        return "", call.say.language
    person = await call.tx.customers.person(inquiry.customer.id)
    if person and person.language:
        return inquiry.queue, person.language
    queue = await _queue(call, inquiry)
    written = written_in(f"{inquiry.subject}\n{inquiry.excerpt}")
    return inquiry.queue, written or (queue.language if queue else call.say.language)


def written_in(text: str) -> str:
    """ "ja" for a text with kana in it, "en" for one in plain Latin letters; empty where nothing is sure."""
    if _KANA.search(text):
        return "ja"
    letters = [one for one in text if one.isalpha()]
    return "en" if len(letters) >= ENOUGH and all(one.isascii() for one in letters) else ""


async def known_values(call: Call, template: Template, inquiry: Inquiry | None) -> dict[str, str]:
    """What is known for a template's variables, by name; nothing for a customer who gave no name."""
    values = {"agent_name": call.agent.name}
    if inquiry is None:
        return values | {"today": call.say.today(template.language)}
    queue, customer = await _queue(call, inquiry), inquiry.customer
    say = replace(call.say, time_zone=known_zone(queue.time_zone)) if queue else call.say
    return values | {
        "customer_name": customer.name if customer.name != customer.address else "",
        "inquiry_number": str(inquiry.number),
        "subject": one_line(inquiry.subject),
        "queue": inquiry.queue,
        "today": say.today(template.language),
    }


async def _queue(call: Call, inquiry: Inquiry) -> Queue | None:
    return await call.tx.queues.get(inquiry.queue)
