"""Checks request bodies against Discord's own OpenAPI description: the part of JSON Schema that it uses.

Snowflakes may be numbers, since discord.py sends such and Discord takes them. Of alternatives the one whose `type`
fits is held against a body, so that its faults are named. Keys that the description does not know are no faults, as
they are none for Discord; they are reported apart.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.support.specs import DISCORD

Fault = tuple[str, str]
SENT_BY_LIBRARY = {"flags", "nsfw", "required", "tts", "type", "inline"}
"""Keys beyond the description that discord.py sends by itself."""
KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@cache
def spec() -> dict[str, Any]:
    """The description, or {} where it does not lie beside the project."""
    return dict(json.loads(DISCORD.read_text())) if DISCORD.is_file() else {}


def schema_named(name: str) -> dict[str, Any]:
    return dict(spec()["components"]["schemas"][name])


def body_schema(verb: str, path: str) -> dict[str, Any] | None:
    """The schema of a request's body in JSON; None where the description knows none."""
    method = spec().get("paths", {}).get(path, {}).get(verb.lower(), {})
    found = method.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return found if isinstance(found, dict) else None


class Check:
    """Holds one body against a schema; `faults` say where and what, `unknown` where keys are that nobody knows."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.unknown: list[str] = []

    def hold(self, value: object, schema: Mapping[str, Any], at: str = "") -> None:
        """Note what is wrong with a value."""
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            is_number = isinstance(value, int) and not isinstance(value, bool)
            value = str(value) if name == "SnowflakeType" and is_number else value
            self.hold(value, schema_named(name), at)
        self._kind(value, schema, at)
        branches = schema.get("oneOf") or schema.get("anyOf")
        if branches:
            self._choose(value, branches, at)
        if "enum" in schema and value not in schema["enum"]:
            self.faults.append((at, f"Value must be one of {set(schema['enum'])}."))
        if "const" in schema and value != schema["const"]:
            self.faults.append((at, f"Value must be {schema['const']}."))
        self._limits(value, schema, at)
        if isinstance(value, list) and "items" in schema:
            for index, one in enumerate(value):
                self.hold(one, schema["items"], f"{at}/{index}" if at else str(index))
        if isinstance(value, dict):
            self._keys(value, schema, at)

    def _kind(self, value: object, schema: Mapping[str, Any], at: str) -> None:
        kinds = schema.get("type")
        names = [kinds] if isinstance(kinds, str) else kinds or []
        if names and not any(_is(value, name) for name in names):
            self.faults.append((at, f"Must be of type {' or '.join(names)}."))

    def _choose(self, value: object, branches: list[Mapping[str, Any]], at: str) -> None:
        """Hold a value against the alternative that it means."""
        if all("const" in branch for branch in branches):
            offered = [branch["const"] for branch in branches]
            if value not in offered:
                self.faults.append((at, f"Value must be one of {set(offered)}."))
            return
        tried: list[Check] = []
        for branch in [one for one in branches if _is_meant(value, one)] or branches:
            check = Check()
            check.hold(value, branch, at)
            tried.append(check)
        best = min(tried, key=lambda one: (len(one.faults), len(one.unknown)))
        self.faults += best.faults
        self.unknown += best.unknown

    def _limits(self, value: object, schema: Mapping[str, Any], at: str) -> None:
        for thing, least, most, words in (
            (str, "minLength", "maxLength", "in length"),
            (list, "minItems", "maxItems", "in length"),
            (dict, "minProperties", "maxProperties", "keys"),
        ):
            if isinstance(value, thing):
                if len(value) < schema.get(least, 0):
                    self.faults.append((at, f"Must be {schema[least]} or more {words}."))
                if len(value) > schema.get(most, len(value)):
                    self.faults.append((at, f"Must be {schema[most]} or fewer {words}."))
        if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
            self.faults.append((at, f"Value {value!r} does not match {schema['pattern']}."))
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value < schema.get("minimum", value):
                self.faults.append((at, f"Must be {schema['minimum']} or more."))
            if value > schema.get("maximum", value):
                self.faults.append((at, f"Must be {schema['maximum']} or less."))
        if isinstance(value, list) and schema.get("uniqueItems"):
            texts = [json.dumps(one, sort_keys=True) for one in value]
            if len(set(texts)) < len(texts):
                self.faults.append((at, "The items must differ."))

    def _keys(self, value: dict[str, Any], schema: Mapping[str, Any], at: str) -> None:
        known = schema.get("properties")
        for name in schema.get("required", []):
            if name not in value:
                self.faults.append((f"{at}/{name}" if at else name, "This field is required"))
        more = schema.get("additionalProperties")
        for name, one in value.items():
            here = f"{at}/{name}" if at else name
            if known is not None and name in known:
                self.hold(one, known[name], here)
            elif isinstance(more, dict):
                self.hold(one, more, here)
            elif known is not None and name not in SENT_BY_LIBRARY:
                self.unknown.append(here)


def checked(verb: str, path: str, body: object) -> Check:
    """What the description says of a body; an interaction's answer is held against the one kind that it is."""
    check = Check()
    schema = body_schema(verb, path)
    if schema is None:
        return check
    kind = body.get("type") if isinstance(body, dict) else None
    if path.endswith("/callback"):
        meant = [one for one in _branches(schema) if kind in _types_of(one)]
        if not meant:
            check.faults.append(("type", f"Value {kind!r} is no interaction callback type."))
            return check
        check.hold(body, meant[0])
    else:
        check.hold(body, schema)
    return check


def _branches(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in schema.get("anyOf") or schema.get("oneOf") or [schema]:
        yield schema_named(one["$ref"].rpartition("/")[2]) if "$ref" in one else one


def _types_of(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("properties", {}).get("type", {})
    return list(kind.get("enum") or ([kind["const"]] if "const" in kind else []))


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool) and name != "boolean":
        return False
    return isinstance(value, KINDS[name]) or (name == "integer" and isinstance(value, float) and value.is_integer())


def _is_meant(value: object, branch: Mapping[str, Any]) -> bool:
    """Whether a value is of this alternative: by its `type`, or because the alternative is no null."""
    full = schema_named(branch["$ref"].rpartition("/")[2]) if "$ref" in branch else branch
    types = _types_of(full)
    if types:
        return isinstance(value, dict) and value.get("type") in types
    return full.get("type") != "null" and value is not None
