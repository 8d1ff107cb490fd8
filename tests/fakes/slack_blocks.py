"""What Slack refuses in the blocks of messages, modals and Homes: types, keys, lengths, counts, doubled ids."""

from collections.abc import Iterator, Mapping
from secrets import token_urlsafe
from typing import Any

from tests.fakes.slack_elements import IN_ACTIONS, IN_INPUT, IN_SECTION, Checker

KEYS: dict[str, tuple[set[str], set[str]]] = {
    "section": ({"text", "fields", "accessory", "expand"}, set()),
    "divider": (set(), set()),
    "image": ({"image_url", "slack_file", "alt_text", "title"}, {"alt_text"}),
    "actions": ({"elements"}, {"elements"}),
    "context": ({"elements"}, {"elements"}),
    "input": ({"label", "element", "hint", "optional", "dispatch_action"}, {"label", "element"}),
    "header": ({"text"}, {"text"}),
    "markdown": ({"text"}, {"text"}),
    "rich_text": ({"elements"}, {"elements"}),
    "table": ({"rows", "column_settings"}, {"rows"}),
}
"""By type: the keys beside type and block_id, and those that must be there. Other types we do not use."""
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MESSAGE_ONLY = {"markdown", "table"}
WHOLE, EACH = 13_200, 100
"""A message's text may have about so many characters, a block counting as 100 more (bolt-js #2509, #2867)."""
STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}
LEAVES: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"text"}, set()),
    "link": ({"url"}, {"text", "unsafe"}),
    "user": ({"user_id"}, set()),
    "channel": ({"channel_id"}, set()),
    "usergroup": ({"usergroup_id"}, set()),
    "team": ({"team_id"}, set()),
    "emoji": ({"name"}, {"unicode", "skin_tone"}),
    "date": ({"timestamp", "format"}, {"url", "fallback"}),
    "broadcast": ({"range"}, set()),
    "color": ({"value"}, set()),
}
DATES = ("{date", "{time", "{ago", "{day_divider")


class BlockChecker(Checker):
    """Checks blocks for one surface: message, modal or home."""

    def __init__(self, surface: str) -> None:
        super().__init__()
        self.surface = surface

    def blocks(self, given: object, at: str, least: int = 0) -> None:
        """A list of blocks, whose block_ids must differ."""
        blocks = self.many(given, least, MOST_BLOCKS[self.surface], at)
        seen: set[str] = set()
        focused = 0
        for index, block in enumerate(blocks):
            here = f"{at}/{index}"
            told = self.mapping(block, here)
            self.block(told, here)
            name = told.get("block_id")
            if isinstance(name, str) and name in seen:
                self.wrong(f"block_id {name!r} already exists", here)
            seen |= {str(name)} if name else set()
            focused += sum(bool(one.get("focus_on_load")) for one in elements(told))
        if focused > 1:
            self.wrong("only one element may have focus_on_load", at)

    def block(self, block: Mapping[str, Any], at: str) -> None:
        kind = block.get("type")
        if kind not in KEYS or (kind in MESSAGE_ONLY and self.surface != "message"):
            self.wrong(f"unsupported type: {kind}", f"{at}/type")
            return
        allowed, required = KEYS[kind]
        self.keys(block, allowed | {"type", "block_id"}, required, at)
        self.string(block, "block_id", 255, at, least=1)
        getattr(self, f"_{kind}")(block, at)
        ids = [one["action_id"] for one in elements(block) if isinstance(one.get("action_id"), str)]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            self.wrong(f"action_id {name!r} already exists in the block", at)

    def _section(self, block: Mapping[str, Any], at: str) -> None:
        if not {"text", "fields"} & set(block):
            self.wrong("missing required field: text or fields", at)
        if "text" in block:
            self.text(block["text"], 3000, f"{at}/text")
        if "fields" in block:
            for index, one in enumerate(self.many(block["fields"], 1, 10, f"{at}/fields")):
                self.text(one, 2000, f"{at}/fields/{index}")
        if "accessory" in block:
            self.element(block["accessory"], IN_SECTION, f"{at}/accessory")

    def _divider(self, block: Mapping[str, Any], at: str) -> None:
        """Nothing more to check."""

    def _image(self, block: Mapping[str, Any], at: str) -> None:
        self.string(block, "alt_text", 2000, at, least=1)
        self.string(block, "image_url", 3000, at, least=1)
        if ("image_url" in block) == ("slack_file" in block):
            self.wrong("must provide either image_url or slack_file", at)
        if "title" in block:
            self.text(block["title"], 2000, f"{at}/title", plain=True)

    def _actions(self, block: Mapping[str, Any], at: str) -> None:
        for index, one in enumerate(self.many(block.get("elements"), 1, 25, f"{at}/elements")):
            self.element(one, IN_ACTIONS, f"{at}/elements/{index}")

    def _context(self, block: Mapping[str, Any], at: str) -> None:
        for index, one in enumerate(self.many(block.get("elements"), 1, 10, f"{at}/elements")):
            here = f"{at}/elements/{index}"
            if isinstance(one, dict) and one.get("type") == "image":
                self.element(one, {"image"}, here)
            else:
                self.text(one, 3000, here)

    def _input(self, block: Mapping[str, Any], at: str) -> None:
        if "label" in block:
            self.text(block["label"], 2000, f"{at}/label", plain=True)
        if "hint" in block:
            self.text(block["hint"], 2000, f"{at}/hint", plain=True)
        if "element" in block:
            allowed = IN_INPUT if self.surface == "modal" else IN_INPUT - {"file_input"}
            self.element(block["element"], allowed, f"{at}/element")
        self.flags(block, ("optional", "dispatch_action"), at)

    def _header(self, block: Mapping[str, Any], at: str) -> None:
        if "text" in block:
            self.text(block["text"], 150, f"{at}/text", plain=True)

    def _markdown(self, block: Mapping[str, Any], at: str) -> None:
        self.string(block, "text", 12_000, at, least=1)

    def _table(self, block: Mapping[str, Any], at: str) -> None:
        for index, row in enumerate(self.many(block.get("rows"), 1, 100, f"{at}/rows")):
            self.many(row, 1, 20, f"{at}/rows/{index}")

    def _rich_text(self, block: Mapping[str, Any], at: str) -> None:
        for index, one in enumerate(self.many(block.get("elements"), 1, 1000, f"{at}/elements")):
            here = f"{at}/elements/{index}"
            told = self.mapping(one, here)
            kind = told.get("type")
            if kind == "rich_text_list":
                self.keys(
                    told, {"type", "style", "elements", "indent", "offset", "border"}, {"style", "elements"}, here
                )
                if told.get("style") not in ("bullet", "ordered"):
                    self.wrong("must be a valid enum value", f"{here}/style")
                for number, item in enumerate(self.many(told.get("elements"), 1, 1000, f"{here}/elements")):
                    self._rich_part(item, {"rich_text_section"}, f"{here}/elements/{number}")
            else:
                self._rich_part(one, {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}, here)

    def _rich_part(self, value: object, allowed: set[str], at: str) -> None:
        given = self.mapping(value, at)
        kind = given.get("type")
        if kind not in allowed:
            self.wrong(f"unsupported type: {kind}", f"{at}/type")
            return
        border = {"border"} if kind != "rich_text_section" else set()
        self.keys(given, {"type", "elements"} | border, {"elements"}, at)
        for index, leaf in enumerate(self.many(given.get("elements"), 0, 10_000, f"{at}/elements")):
            self._leaf(leaf, f"{at}/elements/{index}", {"text", "link"} if "preformatted" in str(kind) else set(LEAVES))

    def _leaf(self, value: object, at: str, allowed: set[str]) -> None:
        given = self.mapping(value, at)
        kind = given.get("type")
        if kind not in allowed:
            self.wrong(f"unsupported type: {kind}", f"{at}/type")
            return
        required, more = LEAVES[str(kind)]
        self.keys(given, required | more | {"type", "style"}, required, at)
        if "style" in given:
            style = self.mapping(given["style"], f"{at}/style")
            self.keys(style, STYLES, (), f"{at}/style")
            self.flags(style, STYLES, f"{at}/style")
        if kind == "text":
            self.string(given, "text", 40_000, at, least=1)
        elif kind == "date":
            if isinstance(given.get("timestamp"), bool) or not isinstance(given.get("timestamp"), int):
                self.wrong("must provide an integer", f"{at}/timestamp")
            if not any(token in str(given.get("format")) for token in DATES):
                self.wrong("must contain a date token", f"{at}/format")


def elements(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The interactive elements of a block."""
    if block.get("type") in ("actions", "context_actions") and isinstance(block.get("elements"), list):
        yield from (one for one in block["elements"] if isinstance(one, dict))
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict) and block[key].get("type") != "image":
            yield block[key]


def characters(value: object) -> int:
    """The characters of all texts in blocks."""
    if isinstance(value, list):
        return sum(characters(one) for one in value)
    if not isinstance(value, dict):
        return 0
    own = len(value["text"]) if isinstance(value.get("text"), str) else 0
    return own + sum(characters(one) for one in value.values())


def wrong_in_message(blocks: object) -> list[str]:
    """What Slack would say of a message's blocks; empty when it takes them."""
    checker = BlockChecker("message")
    checker.blocks(blocks, "/blocks")
    return checker.errors


def is_too_long(blocks: list[dict[str, Any]]) -> bool:
    """Whether a message as a whole is more than Slack takes."""
    return characters(blocks) + EACH * len(blocks) > WHOLE


def wrong_in_view(view: object, kind: str) -> list[str]:
    """What Slack would say of a view, where one of that kind (modal or home) is wanted."""
    checker = BlockChecker(kind)
    given = checker.mapping(view, "/view")
    if given.get("type") != kind:
        checker.wrong(f"unsupported type: {given.get('type')}", "/view/type")
        return checker.errors
    keys = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    if kind == "modal":
        keys |= {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}
    checker.keys(given, keys, {"type", "blocks"} | ({"title"} if kind == "modal" else set()), "/view")
    for key in ("title", "submit", "close"):
        if key in given and kind == "modal":
            checker.text(given[key], 24, f"/view/{key}", plain=True)
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        checker.string(given, key, most, "/view")
    checker.flags(given, ("clear_on_close", "notify_on_close", "submit_disabled"), "/view")
    checker.blocks(given.get("blocks"), "/view/blocks", least=1 if kind == "modal" else 0)
    blocks = given.get("blocks")
    has_input = isinstance(blocks, list) and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
    if kind == "modal" and has_input and "submit" not in given:
        checker.wrong("missing required field: submit", "/view")
    return checker.errors


def as_kept(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Blocks as Slack gives them back: each with a block_id, each element with an action_id, texts with their flags."""
    kept = [_completed(block) for block in blocks]
    for block in kept:
        block.setdefault("block_id", token_urlsafe(4)[:5])
        for one in elements(block):
            one.setdefault("action_id", token_urlsafe(4)[:5])
    return kept


def _completed(value: Any) -> Any:
    if isinstance(value, list):
        return [_completed(one) for one in value]
    if not isinstance(value, dict):
        return value
    told = {key: _completed(one) for key, one in value.items()}
    if told.get("type") == "plain_text":
        told.setdefault("emoji", True)
    elif told.get("type") == "mrkdwn":
        told.setdefault("verbatim", False)
    return told
