"""The versions of a template: who wrote each and why, and what changed between two of them."""

from collections.abc import Sequence
from itertools import islice

from bot.cards.template_card import by_id, where
from bot.chat.card import Button, Card, Item, Tone
from bot.chat.invocation import call
from bot.chat.text import shorten
from bot.domain.template import Template, TemplateVersion, difference
from bot.translator import Speaker

SHOWN = 12
"""The newest versions that are listed."""
PIECES, PIECE_LENGTH = 40, 300
"""How much of a difference is shown: pieces, and characters of each."""
WHY_LENGTH = 120


def versions_card(
    template: Template,
    versions: Sequence[TemplateVersion],
    before: TemplateVersion,
    after: TemplateVersion,
    say: Speaker,
) -> Card:
    """Every version, the newest first, and below a heading what changed from one to another."""
    title = say("template.versions", title=template.title)
    is_one = before.version == after.version
    told = after.body if is_one else difference_in_words(before, after, say)
    heading = say("template.difference", before=before.version, after=after.version)
    if is_one:
        heading = say("template.first") if len(versions) == 1 else say("template.text_of", version=after.version)
    return Card(
        title=title,
        tone=Tone.QUIET,
        lines=(
            (f"{template.name} · {where(template, say)}",),
            (heading,),
        ),
        quote=told,
        is_ours=True,
        items=tuple(_item(template, one, say) for one in versions[:SHOWN]),
        summary=title,
    )


def difference_in_words(before: TemplateVersion, after: TemplateVersion, say: Speaker) -> str:
    """What changed between two versions, a line for each piece: "- " what is gone, "+ " what is new."""
    pieces = difference(f"{before.title}\n{before.body}", f"{after.title}\n{after.body}")
    lines = [_line(mark, piece) for mark, piece in islice(pieces, PIECES)]
    if len(pieces) > PIECES:
        lines.append("…")
    return "\n".join(lines) or say("template.same")


def _line(mark: str, piece: str) -> str:
    return mark if mark == "…" else f"{mark} {shorten(piece, PIECE_LENGTH)}"


def _item(template: Template, one: TemplateVersion, say: Speaker) -> Item:
    who = one.agent.name if one.agent else say("template.nobody")
    when = say.text("template.version", version=one.version, person=who, at=say.at(one.at))
    named = {"from": str(max(1, one.version - 1)), "to": str(one.version)}
    label = say("template.look" if one.version > 1 else "template.body")
    look = Button(label, call("template_versions", None, None, template=by_id(template), **named))
    return Item(when, (shorten(one.why, WHY_LENGTH),) if one.why else (), look)
