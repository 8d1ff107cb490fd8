"""How somebody fills in a form of the fake Discord, and what Discord's own window refuses."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.discord_components import SELECTS, STRING_SELECT, TEXT_INPUT, USER_SELECT
from tests.fakes.discord_things import Modal
from tests.fakes.discord_world import World


def inputs(modal: Modal) -> list[tuple[str, dict[str, Any]]]:
    """What a form asks for: the label, and the component that takes it."""
    found = []
    for one in modal.components:
        inner = one.get("component") or next(iter(one.get("components") or []), None)
        if inner is not None:
            found.append((str(one.get("label") or inner.get("label") or ""), inner))
    return found


def filled(world: World, modal: Modal, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What stands in the form by custom_id, and what the window refuses; LookupError for what it does not ask."""
    told: dict[str, Any] = {}
    errors: dict[str, str] = {}
    known: set[str] = set()
    for label, one in inputs(modal):
        name = one["custom_id"]
        known |= {name, label}
        given = next((values[key] for key in (name, label) if key in values), None)
        told[name] = _initial(one) if given is None else _held(world, one, given)
        fault = _fault(one, told[name])
        if fault:
            errors[name] = fault
    if set(values) - known:
        raise LookupError(f"the form does not ask for {set(values) - known}, only for {known}")
    return told, errors


def _initial(one: Mapping[str, Any]) -> Any:
    kind = one["type"]
    if kind == TEXT_INPUT:
        return one.get("value") or ""
    if kind == STRING_SELECT or kind == 22:
        return [str(option["value"]) for option in one.get("options") or [] if option.get("default")]
    if kind == 21:
        return next((str(option["value"]) for option in one.get("options") or [] if option.get("default")), None)
    if kind == 23:
        return bool(one.get("default"))
    return [str(chosen["id"]) for chosen in one.get("default_values") or []]


def _held(world: World, one: Mapping[str, Any], given: Any) -> Any:
    if one["type"] in (TEXT_INPUT, 21, 23):
        return given
    chosen = [given] if isinstance(given, str) else list(given)
    if one["type"] == USER_SELECT:
        return [world.user_named(name).id for name in chosen]
    offered = {
        str(option[key]): str(option["value"]) for key in ("label", "value") for option in one.get("options") or []
    }
    missing = [name for name in chosen if offered and name not in offered]
    if missing:
        raise LookupError(f"the form offers no {missing}, only {sorted(offered)}")
    return [offered.get(name, name) for name in chosen]


def _fault(one: Mapping[str, Any], told: Any) -> str:
    """What the window says of an input; "" when it is content."""
    is_required = one.get("required") is not False
    if told in ("", [], None):
        return "required" if is_required else ""
    if one["type"] == TEXT_INPUT:
        if len(told) > (one.get("max_length") or 4000):
            return "too long"
        return "too short" if len(told) < (one.get("min_length") or 0) else ""
    if one["type"] in SELECTS:
        least, most = one.get("min_values"), one.get("max_values")
        if len(told) > (1 if most is None else most):
            return "too many"
        return "too few" if len(told) < (1 if least is None else least) else ""
    return ""
