"""Cards, forms and answers as JSON for the page."""

from adapters.workspace.text import parts
from bot.chat.card import Button, Card, Chart, Choice, Form, Input, Item
from bot.chat.invocation import Answer


def card_json(card: Card) -> dict[str, object]:
    """Everything that a card says; texts are lists of strings and moments, see `parts`."""
    return {
        "title": card.title,
        "tone": card.tone.value,
        "badge": card.badge,
        "lines": [parts(line) for line in card.lines],
        "fields": [{"label": field.label, "value": parts(field.value)} for field in card.fields],
        "quote": card.quote,
        "ours": card.is_ours,
        "copy": card.copy,
        "chart": _chart(card.chart) if card.chart else None,
        "items": [_item(item) for item in card.items],
        "buttons": [_button(button) for button in card.buttons],
        "footer": parts(card.footer),
        "summary": card.summary or card.title,
    }


def form_json(form: Form) -> dict[str, object]:
    """A form with its inputs; submitting it makes `call` again."""
    return {
        "title": form.title,
        "call": form.call,
        "intro": form.intro,
        "inputs": [_input(each) for each in form.inputs],
        "submit": form.submit,
        "cancel": form.cancel,
    }


def answer_json(answer: Answer) -> dict[str, object]:
    """What only the person who asked sees: `{"card": ...}` or `{"form": ...}`."""
    return {"form": form_json(answer)} if isinstance(answer, Form) else {"card": card_json(answer)}


def choice_json(choice: Choice) -> dict[str, object]:
    """A value to choose, with its label."""
    return {"value": choice.value, "label": choice.label}


def _chart(chart: Chart) -> dict[str, object]:
    """Amounts without what is less than nothing, as many in each bar as the chart has parts."""
    count = len(chart.parts)
    return {
        "title": chart.title,
        "parts": [{"label": label, "tone": tone.value} for label, tone in chart.parts],
        "bars": [
            {"label": bar.label, "parts": [max(0, one) for one in bar.parts[:count]], "note": bar.note}
            for bar in chart.bars
        ],
    }


def _button(button: Button) -> dict[str, object]:
    return {"label": button.label, "call": button.call, "style": button.style.value}


def _item(item: Item) -> dict[str, object]:
    return {
        "text": parts(item.text),
        "detail": parts(item.detail),
        "button": _button(item.button) if item.button else None,
        "buttons": [_button(button) for button in item.buttons],
        "heading": item.heading,
        "link": {"label": item.link.label, "path": item.link.path} if item.link else None,
    }


def _input(each: Input) -> dict[str, object]:
    return {
        "name": each.name,
        "label": each.label,
        "kind": each.kind.value,
        "required": each.required,
        "value": each.value,
        "hint": each.hint,
        "choices": [choice_json(choice) for choice in each.choices],
    }
