"""What people do in the fake Discord: type commands, press buttons, choose in selects, fill in forms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import discord_payloads as payloads
from tests.fakes.discord_callbacks import AUTOCOMPLETE, COMMAND, COMPONENT, KINDS, MODAL, SUBMIT
from tests.fakes.discord_commands import registered
from tests.fakes.discord_components import BUTTON, LINK_STYLE, SELECTS, USER_SELECT, walk
from tests.fakes.discord_forms import filled
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_people import DiscordUser
from tests.fakes.discord_places import Places
from tests.fakes.discord_things import Interaction, Modal, Posted
from tests.fakes.discord_typing import arguments, typed
from tests.fakes.discord_world import World

PATIENCE = 3.0
"""Seconds within which Discord wants the first response; `Acts.patience` may be set to others."""
Chosen = str | Sequence[str]


@dataclass
class Outcome:
    """What the person saw. `acked`: seconds until the first response, None when it did not come in time; then `error`
    is "no_response" ("The application did not respond"). `kind`: message, deferred, update, deferred_update, modal or
    choices; `response` the body of the first response. `errors`: what Discord's own client refuses, by option or by
    custom_id (nothing was sent then). `id`: the interaction's; `message`: the id of the message that it made or
    changed; `modal`: the form that it opened; `choices`: what autocomplete offers."""

    acked: float | None = None
    kind: str = ""
    response: dict[str, Any] | None = None
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    id: str = ""
    token: str = ""
    message: str = ""
    modal: Modal | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)


class Acts(Places):
    """Users, channels and roles are named by id or by name. LookupError: nobody could do that, it is not there."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        super().__init__(world)
        self.gateway = gateway
        self.patience = PATIENCE

    async def command(
        self, user: str, channel: str, name: str, options: Mapping[str, Any] | None = None, *, twice: bool = False
    ) -> Outcome:
        """Somebody uses a command: by its name and options, or by a typed line such as "/queue support".

        Options by their names in any language; people, channels and roles by name or id; choices by name or value.
        """
        who, where = self.present(user, channel)
        line = "" if options is not None else name
        found = registered(self.world, name.lstrip("/").split()[0], bool(where.partner))
        self._check_permissions(who, where.partner, found)
        given = dict(options) if options is not None else typed(found, line)
        sent, errors = arguments(self.world, found, given)
        if errors:
            return Outcome(errors=errors)
        of = self.world.interact(COMMAND, who.id, where.id)
        return await self._hand_over(of, payloads.command(self.world, found, sent), None, twice)

    async def autocomplete(
        self,
        user: str,
        channel: str,
        name: str,
        option: str,
        typed: str,
        options: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Somebody types into an option that offers choices; `options` are those that were filled in before."""
        who, where = self.present(user, channel)
        found = registered(self.world, name.lstrip("/").split()[0], bool(where.partner))
        given = {**(options or {}), option: typed}
        sent, _ = arguments(self.world, found, given, focused=option)
        of = self.world.interact(AUTOCOMPLETE, who.id, where.id)
        return await self._hand_over(of, payloads.command(self.world, found, sent), None, False)

    async def press(
        self, user: str, channel: str, message: "Posted | str", what: str, *, chosen: Chosen = "", twice: bool = False
    ) -> Outcome:
        """Somebody presses a button (by custom_id, by what stands in it before the last |, or by label), or chooses
        in a select, on a message. What stood there before it was changed can be pressed too: the change may not have
        reached the person yet."""
        who, where = self.present(user, channel)
        on = self._message(who, where.id, message.id if isinstance(message, Posted) else message)
        component = _offered(on, what)
        values = self._values(component, [chosen] if isinstance(chosen, str) else list(chosen))
        of = self.world.interact(COMPONENT, who.id, where.id, on.id)
        return await self._hand_over(of, payloads.pressed(self.world, component, values), on, twice)

    async def choose(
        self, user: str, channel: str, message: "Posted | str", what: str, chosen: Chosen, *, twice: bool = False
    ) -> Outcome:
        """Somebody chooses in a select: options by value or label, people by name."""
        return await self.press(user, channel, message, what, chosen=chosen, twice=twice)

    async def submit(
        self, user: str, modal: "Modal | str", values: Mapping[str, Any], *, twice: bool = False
    ) -> Outcome:
        """Somebody fills in a form and sends it: values by custom_id or label; what is not named stays as it is.

        What Discord's own window refuses (nothing in a required field, too long) is in `errors`, and nothing is sent.
        The form closes when the bot answers, and stays open when it does not.
        """
        who = self.world.user_named(user)
        name = modal.id if isinstance(modal, Modal) else modal
        front = self.world.modals.get(who.id)
        if front is None or front.id != name:
            raise LookupError(f"{user} does not have {name} in front")
        told, errors = filled(self.world, front, values)
        if errors:
            return Outcome(errors=errors)
        of = self.world.interact(SUBMIT, who.id, front.channel, front.message)
        on = self.world.messages.get(front.message)
        outcome = await self._hand_over(of, payloads.submitted(self.world, front, told), on, twice)
        if outcome.acked is not None and self.world.modals.get(who.id) is front:
            del self.world.modals[who.id]
            self.world.tell()
        return outcome

    async def close_view(self, user: str, modal: "Modal | str") -> Outcome:
        """Somebody closes a form without sending it; the bot is not told."""
        who = self.world.user_named(user)
        front = self.world.modals.get(who.id)
        if front is None or front.id != (modal.id if isinstance(modal, Modal) else modal):
            raise LookupError(f"{user} does not have {modal} in front")
        del self.world.modals[who.id]
        self.world.tell()
        return Outcome()

    async def _hand_over(self, of: Interaction, data: Mapping[str, Any], on: Posted | None, twice: bool) -> Outcome:
        """Tell the bot, and wait for its first response as long as Discord does."""
        loop = asyncio.get_running_loop()
        of.answered, began = loop.create_future(), loop.time()
        message = self.world.told(on) if on else None
        self.gateway.interact(payloads.interaction(self.world, of, data, message), 2 if twice else 1)
        try:
            async with asyncio.timeout(self.patience):
                body = await of.answered
        except TimeoutError:
            of.is_late = True
            self.world.tell()
            return Outcome(error="no_response", id=of.id, token=of.token)
        outcome = Outcome(loop.time() - began, KINDS[of.first], body, id=of.id, token=of.token, message=of.original)
        if of.first == MODAL:
            outcome.modal = self.world.modals.get(of.user)
        outcome.choices = list((body.get("data") or {}).get("choices") or [])
        return outcome

    def _check_permissions(self, who: DiscordUser, partner: str, command: Mapping[str, Any]) -> None:
        needed = command.get("default_member_permissions")
        bits = self.world.permissions(who.id)
        if needed is not None and not partner and (needed == "0" or bits & int(needed) != int(needed)):
            raise LookupError(f"{who.name} is not offered /{command['name']}")

    def _message(self, who: DiscordUser, channel: str, message: str) -> Posted:
        on = self.world.messages.get(message)
        if on is None or on.deleted or on.channel != channel or on.only not in ("", who.id):
            raise LookupError(f"{who.name} sees no message {message} there")
        return on

    def _values(self, component: Mapping[str, Any], chosen: list[str]) -> list[str]:
        """The values of what was chosen in a select."""
        kind = component["type"]
        if kind not in SELECTS:
            return []
        values = [one for one in chosen if one]
        least, most = component.get("min_values"), component.get("max_values")
        if not (1 if least is None else least) <= len(values) <= (1 if most is None else most):
            raise LookupError(f"so many cannot be chosen: {values}")
        return [self._value(component, one) for one in values]

    def _value(self, component: Mapping[str, Any], chosen: str) -> str:
        if component["type"] == USER_SELECT:
            return self.world.user_named(chosen).id
        for name in ("value", "label"):
            for option in component.get("options") or []:
                if option[name] == chosen:
                    return str(option["value"])
        raise LookupError(f"the select offers no {chosen!r}")


def _offered(on: Posted, what: str) -> dict[str, Any]:
    """The button or select of a message that is meant."""
    offered = [one for one in walk([*on.components, *on.former]) if one["type"] in {BUTTON, *SELECTS}]
    live = [one for one in offered if not one.get("disabled") and one.get("style") != LINK_STYLE]
    for name in (
        lambda one: one.get("custom_id"),
        lambda one: str(one.get("custom_id")).rpartition("|")[0],
        lambda one: one.get("label") or one.get("placeholder"),
    ):
        for one in live:
            if name(one) == what:
                return one
    raise LookupError(f"there is nothing to press that is {what!r}")
