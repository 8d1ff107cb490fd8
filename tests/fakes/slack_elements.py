"""What Slack refuses in text objects, options and the interactive elements of blocks."""

from collections.abc import Iterable, Mapping
from typing import Any

INTERACTIVE = {
    "button", "checkboxes", "datepicker", "datetimepicker", "timepicker", "overflow", "radio_buttons",
    "static_select", "users_select", "conversations_select", "channels_select", "external_select",
    "multi_static_select", "multi_users_select", "multi_conversations_select", "multi_channels_select",
    "multi_external_select",
}  # fmt: skip
IN_SECTION = INTERACTIVE | {"image"}
IN_ACTIONS = INTERACTIVE
IN_INPUT = INTERACTIVE - {"button", "overflow"} | {
    "plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input",
}  # fmt: skip
COMMON = {"type", "action_id"}
SELECT = COMMON | {"placeholder", "confirm", "focus_on_load"}
TYPED = COMMON | {"placeholder", "initial_value", "dispatch_action_config", "focus_on_load"}
MANY = {"max_selected_items"}
KEYS = {
    "button": COMMON | {"text", "url", "value", "style", "confirm", "accessibility_label"},
    "image": {"type", "image_url", "alt_text", "slack_file"},
    "checkboxes": COMMON | {"options", "initial_options", "confirm", "focus_on_load"},
    "radio_buttons": COMMON | {"options", "initial_option", "confirm", "focus_on_load"},
    "overflow": COMMON | {"options", "confirm"},
    "datepicker": SELECT | {"initial_date"},
    "timepicker": SELECT | {"initial_time", "timezone"},
    "datetimepicker": COMMON | {"initial_date_time", "confirm", "focus_on_load"},
    "static_select": SELECT | {"options", "option_groups", "initial_option"},
    "users_select": SELECT | {"initial_user"},
    "conversations_select": SELECT
    | {"initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"},
    "channels_select": SELECT | {"initial_channel", "response_url_enabled"},
    "external_select": SELECT | {"initial_option", "min_query_length"},
    "multi_static_select": SELECT | MANY | {"options", "option_groups", "initial_options"},
    "multi_users_select": SELECT | MANY | {"initial_users"},
    "multi_conversations_select": SELECT
    | MANY
    | {"initial_conversations", "default_to_current_conversation", "filter"},
    "multi_channels_select": SELECT | MANY | {"initial_channels"},
    "multi_external_select": SELECT | MANY | {"initial_options", "min_query_length"},
    "plain_text_input": TYPED | {"multiline", "min_length", "max_length"},
    "number_input": TYPED | {"is_decimal_allowed", "min_value", "max_value"},
    "email_text_input": TYPED,
    "url_text_input": TYPED,
    "rich_text_input": TYPED | {"min_lines", "max_lines"},
    "file_input": COMMON | {"filetypes", "max_files"},
}
MOST_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
"""Those not named here take 100."""
WITH_OPTIONS = {"static_select", "multi_static_select", *MOST_OPTIONS}
WITH_MARKUP = {"checkboxes", "radio_buttons"}
"""Whose options may be mrkdwn."""


class Checker:
    """Collects what is wrong, in Slack's words, with a JSON pointer to the place."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def wrong(self, words: str, at: str) -> None:
        self.errors.append(f"{words} [json-pointer:{at}]")

    def keys(self, given: Mapping[str, Any], allowed: Iterable[str], required: Iterable[str], at: str) -> None:
        for key in sorted(set(given) - set(allowed)):
            self.wrong(f"invalid additional property: {key}", at)
        for key in sorted(set(required) - set(given)):
            self.wrong(f"missing required field: {key}", at)
        for key, value in given.items():
            if value is None:
                self.wrong("must not be null", f"{at}/{key}")

    def string(self, given: Mapping[str, Any], key: str, most: int, at: str, least: int = 0) -> None:
        """A member that may be left out."""
        if key not in given:
            return
        value = given[key]
        if not isinstance(value, str):
            self.wrong("must provide a string", f"{at}/{key}")
        elif len(value) > most:
            self.wrong(f"must be less than {most + 1} characters", f"{at}/{key}")
        elif len(value) < least:
            self.wrong(f"must be more than {least - 1} characters", f"{at}/{key}")

    def number(self, given: Mapping[str, Any], key: str, least: int, most: int, at: str) -> int | None:
        """A whole number that may be left out; None when it is, or is none."""
        value = given.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            if key in given:
                self.wrong("must provide an integer", f"{at}/{key}")
            return None
        if value > most:
            self.wrong(f"must be less than {most + 1}", f"{at}/{key}")
        elif value < least:
            self.wrong(f"must be greater than {least - 1}", f"{at}/{key}")
        return value

    def flags(self, given: Mapping[str, Any], names: Iterable[str], at: str) -> None:
        for name in names:
            if not isinstance(given.get(name, False), bool):
                self.wrong("must provide a boolean", f"{at}/{name}")

    def mapping(self, value: object, at: str) -> Mapping[str, Any]:
        """The value when it is an object; else an empty one, and an error."""
        if isinstance(value, dict):
            return value
        self.wrong("must provide an object", at)
        return {}

    def many(self, value: object, least: int, most: int, at: str) -> list[Any]:
        if not isinstance(value, list):
            self.wrong("must provide an array", at)
            return []
        if len(value) > most:
            self.wrong(f"no more than {most} items allowed", at)
        if len(value) < least:
            self.wrong(f"no fewer than {least} items allowed", at)
        return value

    def text(self, value: object, most: int, at: str, plain: bool = False) -> None:
        """A text object of 1 to `most` characters; `plain`: which must be plain_text."""
        given = self.mapping(value, at)
        if not given:
            return
        kind = given.get("type")
        if kind not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
            self.wrong(f"unsupported type: {kind}" if not plain else "must provide a plain_text object", f"{at}/type")
        extra = "emoji" if kind == "plain_text" else "verbatim"
        self.keys(given, {"type", "text", extra}, {"type", "text"}, at)
        self.string(given, "text", most, at, least=1)
        self.flags(given, [extra], at)

    def option(self, value: object, at: str, kind: str) -> None:
        given = self.mapping(value, at)
        keys = {"text", "value", "description"} | ({"url"} if kind == "overflow" else set())
        self.keys(given, keys, {"text", "value"}, at)
        if "text" in given:
            self.text(given["text"], 75, f"{at}/text", plain=kind not in WITH_MARKUP)
        if "description" in given:
            self.text(given["description"], 75, f"{at}/description", plain=kind not in WITH_MARKUP)
        # 150 by some sources and 75 by Slack's own types: what passes the stricter passes either.
        self.string(given, "value", 75, at, least=1)
        self.string(given, "url", 3000, at)

    def options(self, given: Mapping[str, Any], kind: str, at: str) -> None:
        most = MOST_OPTIONS.get(kind, 100)
        if ("options" in given) == ("option_groups" in given):
            self.wrong("must provide either options or option_groups", at)
        known: list[Any] = []
        if "options" in given:
            known = self.many(given["options"], 1, most, f"{at}/options")
            for index, one in enumerate(known):
                self.option(one, f"{at}/options/{index}", kind)
        elif "option_groups" in given:
            for index, group in enumerate(self.many(given["option_groups"], 1, 100, f"{at}/option_groups")):
                here = f"{at}/option_groups/{index}"
                told = self.mapping(group, here)
                self.keys(told, {"label", "options"}, {"label", "options"}, here)
                self.text(told.get("label"), 75, f"{here}/label", plain=True)
                inside = self.many(told.get("options"), 1, most, f"{here}/options")
                for number, one in enumerate(inside):
                    self.option(one, f"{here}/options/{number}", kind)
                known += inside
        chosen = [given["initial_option"]] if "initial_option" in given else given.get("initial_options", [])
        values = [one.get("value") for one in known if isinstance(one, dict)]
        for one in chosen:
            if not isinstance(one, dict) or one.get("value") not in values:
                self.wrong("initial option must be one of the options", at)
        if len(set(values)) < len(values):
            self.wrong("option values must be unique", at)

    def confirm(self, value: object, at: str) -> None:
        given = self.mapping(value, at)
        self.keys(given, {"title", "text", "confirm", "deny", "style"}, {"title", "text", "confirm", "deny"}, at)
        for key, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            if key in given:
                self.text(given[key], most, f"{at}/{key}", plain=key != "text")

    def element(self, value: object, allowed: set[str], at: str) -> None:
        """An element of a block, of one of the allowed types."""
        given = self.mapping(value, at)
        kind = given.get("type")
        if kind not in allowed:
            self.wrong(f"unsupported type: {kind}", f"{at}/type")
            return
        assert isinstance(kind, str)
        required = {"button": {"text"}, "image": {"alt_text"}, "number_input": {"is_decimal_allowed"}}.get(kind, set())
        self.keys(given, KEYS[kind], {"type"} | required, at)
        self.string(given, "action_id", 255, at, least=1)
        self.flags(given, ("focus_on_load", "multiline", "response_url_enabled", "is_decimal_allowed"), at)
        if "placeholder" in given:
            self.text(given["placeholder"], 150, f"{at}/placeholder", plain=True)
        if "confirm" in given:
            self.confirm(given["confirm"], f"{at}/confirm")
        if kind in WITH_OPTIONS:
            self.options(given, kind, at)
        if kind == "button":
            self._button(given, at)
        elif kind == "image":
            self.string(given, "alt_text", 2000, at, least=1)
            self.string(given, "image_url", 3000, at)
        elif kind == "plain_text_input":
            self._typed(given, at)
        self.number(given, "max_selected_items", 1, 1000, at)

    def _button(self, given: Mapping[str, Any], at: str) -> None:
        if "text" in given:
            self.text(given["text"], 75, f"{at}/text", plain=True)
        self.string(given, "value", 2000, at)
        self.string(given, "url", 3000, at)
        self.string(given, "accessibility_label", 75, at)
        if not str(given.get("url", "http://")).startswith(("http://", "https://")):
            self.wrong("invalid url", f"{at}/url")
        if given.get("style", "primary") not in ("primary", "danger"):
            self.wrong("must be a valid enum value", f"{at}/style")

    def _typed(self, given: Mapping[str, Any], at: str) -> None:
        least = self.number(given, "min_length", 0, 3000, at)
        most = self.number(given, "max_length", 1, 3000, at)
        if least is not None and most is not None and least > most:
            self.wrong("min_length must not exceed max_length", at)
        self.string(given, "initial_value", most or 3000, at)
