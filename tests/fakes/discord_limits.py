"""What Discord documents and its OpenAPI file does not say: limits of messages, modals and their components."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.discord_components import (
    BUTTON,
    LABEL,
    LINK_STYLE,
    PREMIUM_STYLE,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    walk,
)

Wrong = Iterator[tuple[str, str]]
LONGEST, MOST_TEXT, MOST_EMBED_TEXT = 2000, 4000, 6000
MOST_COMPONENTS, MOST_ROWS, MOST_INPUTS = 40, 5, 5
INLINE = {BUTTON, LABEL, TEXT_INPUT, *SELECTS}
"""Components that stand in a row or a label, never on the top level of a message."""


def wrong_in_message(body: Mapping[str, Any], is_v2: bool, former: Mapping[str, Any] | None = None) -> Wrong:
    """The faults of a message's body; `former` is what an edited message had: content, embeds, is_v2."""
    had = former or {}
    content = body["content"] if "content" in body else had.get("content")
    embeds = body["embeds"] if "embeds" in body else had.get("embeds")
    if len(str(body.get("content") or "").strip()) > LONGEST:
        yield "content", f"Must be {LONGEST} or fewer in length."
    if is_v2:
        for name, value in (("content", content), ("embeds", embeds), ("poll", body.get("poll"))):
            if value:
                yield name, f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        if body.get("sticker_ids"):
            yield "sticker_ids", "The 'sticker_ids' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
    if had.get("is_v2") and "flags" in body and not (body["flags"] or 0) & 1 << 15:
        yield "flags", "MessageFlags.IS_COMPONENTS_V2 cannot be removed"
    yield from _wrong_embeds(body.get("embeds"))
    yield from _wrong_components(body.get("components"), is_v2)
    yield from _wrong_mentions(body.get("allowed_mentions"))


def wrong_in_modal(data: Mapping[str, Any]) -> Wrong:
    """The faults of a modal."""
    components = data.get("components")
    top = components if isinstance(components, list) else []
    if not 1 <= len(top) <= MOST_INPUTS:
        yield "data/components", f"Must be between 1 and {MOST_INPUTS} in length."
    for name in ("custom_id", "title"):
        if not str(data.get(name) or "").strip():
            yield f"data/{name}", "This field is required"
    if len(str(data.get("title", ""))) > 45:
        yield "data/title", "Must be between 1 and 45 in length."
    yield from _doubled(components, "data/components")
    for index, one in enumerate(top):
        at = f"data/components/{index}"
        inner = one.get("component") if isinstance(one, dict) else None
        if one.get("type") == LABEL and len(str(one.get("label", ""))) > 45:
            yield f"{at}/label", "Must be between 1 and 45 in length."
        if isinstance(inner, dict):
            yield from _wrong_input(inner, f"{at}/component")


def _wrong_input(one: Mapping[str, Any], at: str) -> Wrong:
    if len(str(one.get("value") or "")) > min(4000, one.get("max_length") or 4000):
        yield f"{at}/value", f"Must be {min(4000, one.get('max_length') or 4000)} or fewer in length."
    if (one.get("min_length") or 0) > (one.get("max_length") or 4000):
        yield f"{at}/min_length", "Must be less than max_length"
    if one.get("type") == TEXT_INPUT and one.get("label"):
        yield f"{at}/label", "A text input in a label has no label of its own"
    if one.get("disabled"):
        yield f"{at}/disabled", "Cannot be used in a modal"
    yield from _wrong_select({"required": True, **one}, at)


def _wrong_embeds(embeds: object) -> Wrong:
    total = 0
    for index, embed in enumerate(embeds if isinstance(embeds, list) else []):
        fields = embed.get("fields") or []
        for number, one in enumerate(fields):
            for name in ("name", "value"):
                if not str(one.get(name) or "").strip():
                    yield f"embeds/{index}/fields/{number}/{name}", "This field is required"
        parts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
        parts += [(embed.get("author") or {}).get("name")]
        parts += [one.get(name) for one in fields for name in ("name", "value")]
        total += sum(len(str(part).strip()) for part in parts if part)
    if total > MOST_EMBED_TEXT:
        yield "embeds", f"Embed size exceeds maximum size of {MOST_EMBED_TEXT}"


def _wrong_mentions(allowed: object) -> Wrong:
    rules = allowed if isinstance(allowed, dict) else {}
    for kind in ("users", "roles"):
        if rules.get(kind) and kind in (rules.get("parse") or []):
            yield f"allowed_mentions/{kind}", f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'


def _wrong_components(components: object, is_v2: bool) -> Wrong:
    top = components if isinstance(components, list) else []
    everything = list(walk(top))
    if is_v2:
        if len(everything) > MOST_COMPONENTS:
            yield "components", f"The total number of components cannot exceed {MOST_COMPONENTS}"
        if sum(len(str(one.get("content", ""))) for one in everything if one.get("type") == TEXT_DISPLAY) > MOST_TEXT:
            yield "components", f"The total text of all components cannot exceed {MOST_TEXT} characters"
    elif len(top) > MOST_ROWS:
        yield "components", f"Must be {MOST_ROWS} or fewer in length."
    for index, one in enumerate(top):
        kind = one.get("type") if isinstance(one, dict) else None
        if (not is_v2 and kind != ROW) or kind in INLINE:
            yield f"components/{index}/type", "Value must be one of {1}." if not is_v2 else "Cannot stand on its own"
    yield from _doubled(top, "components")
    for place, one in _placed(top, "components"):
        yield from _wrong_row(one, place) if one.get("type") == ROW else ()
        yield from _wrong_button(one, place) if one.get("type") == BUTTON else ()
        yield from _wrong_select(one, place) if one.get("type") in SELECTS else ()
        if one.get("type") == TEXT_DISPLAY and not str(one.get("content") or "").strip():
            yield f"{place}/content", "This field is required"


def _placed(components: list[Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, one in enumerate(components):
        if isinstance(one, dict):
            yield f"{at}/{index}", one
            yield from _placed(one.get("components") or [], f"{at}/{index}/components")
            if isinstance(one.get("accessory"), dict):
                yield f"{at}/{index}/accessory", one["accessory"]


def _wrong_row(row: Mapping[str, Any], at: str) -> Wrong:
    kinds = [one.get("type") for one in row.get("components") or []]
    if SELECTS & set(kinds) and len(kinds) > 1:
        yield f"{at}/components", "A row holds up to five buttons or one select"


def _wrong_button(one: Mapping[str, Any], at: str) -> Wrong:
    style = one.get("style")
    if style == LINK_STYLE and (not one.get("url") or one.get("custom_id")):
        yield f"{at}/url", "A link button has a url and no custom_id"
    elif style == PREMIUM_STYLE and not one.get("sku_id"):
        yield f"{at}/sku_id", "This field is required"
    elif style not in (LINK_STYLE, PREMIUM_STYLE):
        if not one.get("custom_id"):
            yield f"{at}/custom_id", "A custom id is required"
        if one.get("url"):
            yield f"{at}/url", "A custom id and url cannot both be specified"
        if not one.get("label") and not one.get("emoji"):
            yield f"{at}/label", "A button must have a label or an emoji"


def _wrong_select(one: Mapping[str, Any], at: str) -> Wrong:
    if one.get("type") not in SELECTS:
        return
    least, most = one.get("min_values"), one.get("max_values")
    options = one.get("options") or []
    if one.get("required") and least == 0:
        yield f"{at}/min_values", "Select menus marked as required cannot have a min_values of 0"
    if (1 if least is None else least) > (1 if most is None else most):
        yield f"{at}/min_values", "Must be less than or equal to max_values"
    if one.get("type") == STRING_SELECT:
        if not 1 <= len(options) <= 25:
            yield f"{at}/options", "Must be between 1 and 25 in length."
        if most is not None and most > len(options):
            yield f"{at}/max_values", f"Must be {len(options)} or fewer"
        values = Counter(str(option.get("value")) for option in options)
        for value in (value for value, count in values.items() if count > 1):
            yield f"{at}/options", f"The specified option value is already used: {value}"
        if sum(bool(option.get("default")) for option in options) > (1 if most is None else most):
            yield f"{at}/options", "More options are chosen than max_values"


def _doubled(components: object, at: str) -> Wrong:
    for name, words in (
        ("custom_id", "Component custom id cannot be duplicated"),
        ("id", "Component id cannot be duplicated"),
    ):
        counts = Counter(one[name] for one in walk(components) if one.get(name))
        for value in (value for value, count in counts.items() if count > 1):
            yield at, f"{words}: {value}"
