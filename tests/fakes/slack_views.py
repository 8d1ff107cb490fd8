"""The views methods of the fake Slack's Web API, and what a view's owner sees of it."""

import json
from secrets import token_hex
from typing import Any

from tests.fakes.slack_blocks import as_kept, elements, wrong_in_view
from tests.fakes.slack_chat import wanted
from tests.fakes.slack_faults import Faults
from tests.fakes.slack_world import SlackError, SlackView, Trigger, World

STACK = 3
LARGEST = 250_000
INITIAL = {
    "initial_value": "value",
    "initial_option": "selected_option",
    "initial_options": "selected_options",
    "initial_user": "selected_user",
    "initial_users": "selected_users",
    "initial_date": "selected_date",
    "initial_time": "selected_time",
    "initial_date_time": "selected_date_time",
    "initial_channel": "selected_channel",
    "initial_conversation": "selected_conversation",
}
"""What an element is set to, by the name under which the state tells it."""
HELD = {
    "static_select": "selected_option", "external_select": "selected_option", "radio_buttons": "selected_option",
    "multi_static_select": "selected_options", "checkboxes": "selected_options",
    "users_select": "selected_user", "multi_users_select": "selected_users",
    "channels_select": "selected_channel", "conversations_select": "selected_conversation",
    "datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
    "plain_text_input": "value", "number_input": "value", "email_text_input": "value", "url_text_input": "value",
}  # fmt: skip
"""Under which name an element's value stands in a view's state."""


def checked(view: object, kind: str) -> dict[str, Any]:
    """A view that Slack takes, as it keeps it; SlackError otherwise."""
    wrong = wrong_in_view(view, kind)
    if wrong:
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in wrong]})
    assert isinstance(view, dict)
    if len(json.dumps(view)) > LARGEST:
        raise SlackError("view_too_large")
    return {**view, "blocks": as_kept(view["blocks"])}


def new_hash(world: World) -> str:
    return f"{int(world.clock())}.{token_hex(4)}"


def state_of(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The values of a view that nobody has touched yet."""
    values: dict[str, dict[str, Any]] = {}
    for block in body["blocks"]:
        for element in elements(block):
            name = HELD.get(element["type"])
            if name:
                initial = next((element[key] for key in INITIAL if key in element), None)
                untouched: list[str] | None = [] if name.endswith("s") else None
                held = {"type": element["type"], name: untouched if initial is None else initial}
                values.setdefault(block["block_id"], {})[element["action_id"]] = held
    return values


def place(world: World, user: str, body: dict[str, Any], kind: str = "modal") -> SlackView:
    """Put a view on top of somebody's stack, or make it their Home."""
    stack = world.modals.setdefault(user, []) if kind == "modal" else []
    name = f"V0{token_hex(5).upper()}"
    previous, root = (stack[-1].id, stack[0].id) if stack else (None, name)
    view = SlackView(name, user, body, root, world.tell(), previous, new_hash(world), state_of(body))
    if kind == "modal":
        stack.append(view)
    else:
        world.homes[user] = view
    return view


def replace(world: World, view: SlackView, body: dict[str, Any]) -> None:
    """Let a view become another; what was typed into blocks and elements of the same ids stays."""
    fresh = state_of(body)
    for block, held in fresh.items():
        for name in held:
            held[name] = view.values.get(block, {}).get(name, held[name])
    view.body, view.values, view.hash = body, fresh, new_hash(world)
    view.seen = world.tell()


def spent(world: World, args: dict[str, Any]) -> Trigger:
    """The trigger of a call, which it uses up; SlackError when it is unknown, used or too old."""
    trigger = world.triggers.get(wanted(args, "trigger_id", "invalid_trigger"))
    if trigger is None:
        raise SlackError("invalid_trigger")
    if trigger.is_used:
        raise SlackError("exchanged_trigger_id")
    if world.clock() - trigger.at > world.trigger_life:
        raise SlackError("expired_trigger_id")
    return trigger


def open_view(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """views.open: in front of whatever was open."""
    trigger = spent(world, args)
    body = checked(args.get("view"), "modal")
    trigger.is_used = True
    world.modals[trigger.user] = []
    return {"view": place(world, trigger.user, body).told()}


def push_view(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """views.push: on top of the modal in which the trigger came about; at most three."""
    trigger = spent(world, args)
    stack = world.modals.get(trigger.user, [])
    if not stack or trigger.view not in [one.id for one in stack]:
        raise SlackError("no_view_to_push_to" if not stack else "not_found")
    if len(stack) >= STACK:
        raise SlackError("push_limit_reached")
    body = checked(args.get("view"), "modal")
    trigger.is_used = True
    return {"view": place(world, trigger.user, body).told()}


def update_view(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """views.update: by view_id or external_id; with a hash only if nothing changed since."""
    view = world.view(str(args.get("view_id") or ""))
    if view is None and args.get("external_id"):
        every = (one for stack in world.modals.values() for one in stack)
        view = next((one for one in every if one.body.get("external_id") == args["external_id"]), None)
    if view is None:
        raise SlackError("not_found")
    if args.get("hash") and args["hash"] != view.hash:
        raise SlackError("hash_conflict")
    replace(world, view, checked(args.get("view"), view.body["type"]))
    return {"view": view.told()}


def publish_view(world: World, _faults: Faults, args: dict[str, Any]) -> dict[str, Any]:
    """views.publish: somebody's Home."""
    user = world.users.get(wanted(args, "user_id", "invalid_arguments"))
    if user is None:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] invalid user_id"]})
    body = checked(args.get("view"), "home")
    home = world.homes.get(user.id)
    if home and args.get("hash") and args["hash"] != home.hash:
        raise SlackError("hash_conflict")
    if home is None:
        home = place(world, user.id, body, "home")
    else:
        replace(world, home, body)
    return {"view": home.told()}
