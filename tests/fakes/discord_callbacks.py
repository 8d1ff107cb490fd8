"""How the bot answers what people did: the first response of an interaction, its original message, followups."""

from typing import Any

from tests.fakes.discord_chat import OF_APPS, Call, Reply, content_of, edit
from tests.fakes.discord_components import as_kept
from tests.fakes.discord_errors import DiscordError, refuse
from tests.fakes.discord_limits import wrong_in_message, wrong_in_modal
from tests.fakes.discord_people import APP, BOT_USER
from tests.fakes.discord_things import COMPONENTS_V2, EPHEMERAL, LOADING, Interaction, Modal, Posted
from tests.fakes.discord_world import World

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
KINDS = {MESSAGE: "message", DEFERRED: "deferred", DEFERRED_UPDATE: "deferred_update", UPDATE: "update",
         CHOICES: "choices", MODAL: "modal"}  # fmt: skip
COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5


def callback(world: World, call: Call) -> Reply:
    """POST interactions/{id}/{token}/callback: the first response, within three seconds, once."""
    of = world.interactions.get(call.path["interaction"])
    if of is None or of.token != call.path["token"] or of.is_late or _is_dead(world, of):
        raise DiscordError(10062)
    if of.first:
        raise DiscordError(40060)
    body = call.fields
    kind, data = body.get("type"), body.get("data") or {}
    is_from_message = bool(of.message)
    allowed = {
        COMMAND: {MESSAGE, DEFERRED, MODAL},
        COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
        AUTOCOMPLETE: {CHOICES},
        SUBMIT: {MESSAGE, DEFERRED} | ({DEFERRED_UPDATE, UPDATE} if is_from_message else set()),
    }[of.kind]
    if kind not in allowed:
        raise DiscordError(50035, [("type", f"Value must be one of {allowed}.")])
    try:
        one = _do(world, of, kind, data, call.files)
    except DiscordError as refusal:
        wrong = [(place if place.startswith("data/") else f"data/{place}", words) for place, words in refusal.wrong]
        raise DiscordError(refusal.code, wrong) from None
    of.first = kind
    if of.answered and not of.answered.done():
        of.answered.set_result(body)
    if call.query.get("with_response", "").lower() not in ("1", "true"):
        return 204, None
    return 200, _callback_object(world, of, kind, one)


def _do(world: World, of: Interaction, kind: int, data: dict[str, Any], files: list[str]) -> Posted | None:
    """Carry a first response out; the message that it made or changed."""
    if kind == CHOICES:
        _check_choices(data)
        return None
    if kind == MODAL:
        refuse(wrong_in_modal(data))
        _open(world, of, data)
        return None
    if kind == MESSAGE:
        one = _say(world, of, data, files)
        of.original = one.id
        return one
    if kind == DEFERRED:
        if (data.get("flags") or 0) & ~EPHEMERAL:
            raise DiscordError(50035, [("data/flags", "Only EPHEMERAL can be set when deferring")])
        only = of.user if (data.get("flags") or 0) & EPHEMERAL else ""
        flags = LOADING | (EPHEMERAL if only else 0)
        one = world.add(of.channel, BOT_USER, "", only=only, flags=flags, interaction=of.id, kind=_kind_of(of))
        of.original = one.id
        return one
    original = world.messages[of.message]
    of.original = original.id
    if kind == UPDATE:
        if original.deleted:
            raise DiscordError(10008)
        edit(world, original, data, files)
    return original


def _say(world: World, of: Interaction, data: dict[str, Any], files: list[str]) -> Posted:
    """A new message for everybody in the channel or, with the flag for it, for the person alone."""
    flags = (data.get("flags") or 0) & (OF_APPS | EPHEMERAL)
    content, parts = content_of(world, data, flags, files)
    only = of.user if flags & EPHEMERAL else ""
    kind = _kind_of(of)
    return world.add(of.channel, BOT_USER, content, only=only, flags=flags, interaction=of.id, kind=kind, **parts)


def _kind_of(of: Interaction) -> int:
    return 20 if of.kind == COMMAND else 0


def _open(world: World, of: Interaction, data: dict[str, Any]) -> None:
    """Show a form; a person has only one before them."""
    components = as_kept(data["components"])
    title, name = str(data["title"]), str(data["custom_id"])
    modal = Modal(f"m{of.id}", of.user, name, title, components, world.tell(), of.channel, of.message)
    world.modals[of.user] = modal


def _check_choices(data: dict[str, Any]) -> None:
    choices = data.get("choices")
    if not isinstance(choices, list) or len(choices) > 25:
        raise DiscordError(50035, [("data/choices", "Must be 25 or fewer in length.")])
    for index, one in enumerate(choices):
        for name in ("name", "value"):
            if isinstance(one.get(name), str) and not 1 <= len(one[name]) <= 100:
                raise DiscordError(50035, [(f"data/choices/{index}/{name}", "Must be between 1 and 100 in length.")])


def _callback_object(world: World, of: Interaction, kind: int, one: Posted | None) -> dict[str, Any]:
    told: dict[str, Any] = {"id": of.id, "type": of.kind}
    if one is not None:
        told["response_message_id"] = one.id
        told["response_message_loading"] = one.is_loading
        told["response_message_ephemeral"] = bool(one.only)
    resource: dict[str, Any] = {"type": kind}
    if one is not None and kind in (MESSAGE, UPDATE):
        resource["message"] = world.told(one)
    return {"interaction": told, "resource": resource}


# --- by the token, for a quarter of an hour -----------------------------------------------------------------


def followup(world: World, call: Call) -> Reply:
    """POST webhooks/{app}/{token}: the first one after a deferred response takes the place of that."""
    of = _answered(world, call)
    body = call.fields
    original = world.messages.get(of.original)
    if of.first == DEFERRED and original and original.is_loading and not original.deleted:
        _fill(world, original, body, call.files)
        return 200, world.told(original)
    one = _say(world, of, body, call.files)
    return (200, world.told(one)) if call.query.get("wait", "true").lower() in ("1", "true") else (204, None)


def get_followup(world: World, call: Call) -> Reply:
    """GET webhooks/{app}/{token}/messages/{message}, or @original."""
    return 200, world.told(_by_webhook(world, call))


def edit_followup(world: World, call: Call) -> Reply:
    """PATCH webhooks/{app}/{token}/messages/{message}, or @original; what was deferred is answered by it."""
    one, body = _by_webhook(world, call), call.fields
    if one.is_loading:
        _fill(world, one, body, call.files)
    else:
        edit(world, one, body, call.files)
    return 200, world.told(one)


def delete_followup(world: World, call: Call) -> Reply:
    """DELETE webhooks/{app}/{token}/messages/{message}, or @original."""
    world.remove(_by_webhook(world, call))
    return 204, None


def _fill(world: World, one: Posted, body: dict[str, Any], files: list[str]) -> None:
    """Let a message that was still thinking say what it has to say; who sees it was settled when it was deferred."""
    is_v2 = (body.get("flags") or 0) & COMPONENTS_V2
    refuse(wrong_in_message(body, bool(is_v2)))
    content, parts = content_of(world, body, is_v2, files)
    flags = (one.flags & ~LOADING) | is_v2
    world.change(one, content, flags=flags, **parts)


def _answered(world: World, call: Call) -> Interaction:
    """The interaction of a token that lives and has a first response."""
    of = world.by_token(call.path["token"])
    if call.path["app"] != APP or of is None:
        raise DiscordError(10015)
    if _is_dead(world, of):
        raise DiscordError(world.dead_token)
    if not of.first or of.first == CHOICES:
        raise DiscordError(10015)
    return of


def _by_webhook(world: World, call: Call) -> Posted:
    of = _answered(world, call)
    name = call.path.get("message", "@original")
    one = world.messages.get(of.original if name == "@original" else name)
    is_own = one is not None and (one.id == of.original or one.interaction == of.id)
    if one is None or one.deleted or not is_own:
        raise DiscordError(10008)
    return one


def _is_dead(world: World, of: Interaction) -> bool:
    return world.clock() - of.at > world.token_life
