"""What people do in the fake Slack: type, press, fill in, mention, open the Home."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_blocks import elements
from tests.fakes.slack_chat import content
from tests.fakes.slack_people import BOT, BOT_USER, SlackChannel, SlackUser
from tests.fakes.slack_places import Places
from tests.fakes.slack_socket import Answer
from tests.fakes.slack_views import checked, place, replace
from tests.fakes.slack_ways import COMMANDS, EVENTS, INTERACTIVE, Ways
from tests.fakes.slack_world import Ephemeral, Posted, SlackError, SlackView, World


@dataclass
class Outcome:
    """What the person saw. `acked`: seconds until the app's ack, None when it did not come in time; then `error`
    says what Slack shows. `response` is the ack's body. `errors`: what a form's fields are refused for, by block_id,
    by Slack itself (nothing was sent then) or by the app."""

    acked: float | None = None
    response: dict[str, Any] | None = None
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    trigger_id: str = ""
    response_url: str = ""
    event_id: str = ""
    ts: str = ""


class Acts(Places):
    """Users and channels are named by id or by name. LookupError: nobody could do that, since it is not there.

    `tells_messages`: a mention is told as a message too, as to an app that hears those.
    """

    def __init__(self, world: World, ways: Ways) -> None:
        super().__init__(world)
        self.ways = ways
        self.tells_messages = False

    async def command(self, user: str, channel: str, line: str, *, twice: bool = False) -> Outcome:
        """Somebody types a slash command: "/queue support"."""
        who, where = self.present(user, channel)
        if self.world.commands is not None and line.split()[0] not in self.world.commands:
            return Outcome(error="not_a_valid_command")
        payload = payloads.command(self.world, who, where, line)
        outcome = _outcome(await self.ways.hand_over(COMMANDS, payload, twice), payload)
        said = outcome.response or {}
        if said.get("text") or said.get("blocks"):
            self._say_in_ack(who, where, said)
        return outcome

    async def press(
        self, user: str, channel: str, ts: str, what: str, *, chosen: object = "", twice: bool = False
    ) -> Outcome:
        """Somebody presses a button (by value, action_id or label), or chooses in a menu, on a message.

        `ts` is a message's ts, or the id of one that only this person sees. What stood there before it was changed can
        be pressed too: the change may not have reached the person yet.
        """
        who, where = self.present(user, channel)
        on = self._message(who, where, ts)
        action = self._action([*on.blocks, *on.former], what, chosen)
        payload = payloads.pressed_on_message(self.world, who, where, on, action)
        return _outcome(await self.ways.hand_over(INTERACTIVE, payload, twice), payload)

    async def press_home(self, user: str, what: str, *, chosen: object = "", twice: bool = False) -> Outcome:
        """Somebody presses a button in the Home."""
        who = self.world.user_named(user)
        if who.id not in self.world.homes:
            raise LookupError(f"{user} has no Home yet")
        return await self._press_in(who, self.world.homes[who.id], what, chosen, twice)

    async def press_modal(
        self, user: str, view_id: str, what: str, *, chosen: object = "", twice: bool = False
    ) -> Outcome:
        """Somebody presses a button in an open modal."""
        who = self.world.user_named(user)
        return await self._press_in(who, self._open_modal(who, view_id), what, chosen, twice)

    async def submit(self, user: str, view_id: str, values: Mapping[str, Any], *, twice: bool = False) -> Outcome:
        """Somebody fills in a modal and sends it: values by block_id or action_id; what is not named stays as it is.

        What Slack itself refuses (nothing in a required field, too long) is in `errors`, and nothing is sent.
        """
        who = self.world.user_named(user)
        view = self._open_modal(who, view_id)
        if "submit" not in view.body:
            raise LookupError("the modal has no button to send it")
        errors = self._fill(view, values)
        if errors:
            return Outcome(errors=errors)
        payload = payloads.submission(self.world, who, view)
        outcome = _outcome(await self.ways.hand_over(INTERACTIVE, payload, twice), payload)
        if outcome.acked is not None:
            self._after_submission(who, view, outcome)
        return outcome

    async def close_view(self, user: str, view_id: str) -> Outcome:
        """Somebody closes a modal without sending it; the app is told when it asked for that."""
        who = self.world.user_named(user)
        view = self._open_modal(who, view_id)
        self._pop(who, view)
        if not view.body.get("notify_on_close"):
            return Outcome()
        return _outcome(await self.ways.hand_over(INTERACTIVE, payloads.closing(self.world, who, view, False)), {})

    async def mention(self, user: str, channel: str, text: str, thread_ts: str = "", *, twice: bool = False) -> Outcome:
        """Somebody writes to the bot in a channel or thread; "@desk" is put before the text when it is not in it."""
        _, where = self.present(user, channel)
        mention = f"<@{BOT_USER}>"
        words = text if mention in text else f"{mention} {text}"
        one = self.say(user, channel, words, thread_ts)
        if BOT_USER not in where.members:
            return Outcome(ts=one.ts)
        body = one.told() | {"type": "app_mention", "channel": where.id, "event_ts": one.ts}
        outcome = await self._event(body, twice)
        if self.tells_messages:
            await self._event(self._as_message(one, where), twice)
        outcome.ts = one.ts
        return outcome

    async def reply(self, user: str, channel: str, text: str, thread_ts: str, *, twice: bool = False) -> Outcome:
        """Somebody writes in a thread."""
        _, where = self.present(user, channel)
        one = self.say(user, channel, text, thread_ts)
        if BOT_USER not in where.members:
            return Outcome(ts=one.ts)
        outcome = await self._event(self._as_message(one, where), twice)
        outcome.ts = one.ts
        return outcome

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str, *, twice: bool = False) -> Outcome:
        """Somebody uses a message shortcut."""
        who, where = self.present(user, channel)
        on = self.world.find(where.id, ts)
        if on is None:
            raise LookupError(f"there is no message {ts} in {channel}")
        payload = payloads.shortcut(self.world, who, where, on, callback_id)
        return _outcome(await self.ways.hand_over(INTERACTIVE, payload, twice), payload)

    async def open_home(self, user: str, *, twice: bool = False) -> Outcome:
        """Somebody opens the app's Home."""
        who = self.world.user_named(user)
        channel = self.world.direct(who.id)
        body = {"type": "app_home_opened", "user": who.id, "channel": channel.id, "tab": "home"}
        home = self.world.homes.get(who.id)
        view = {"view": home.told()} if home else {}
        return await self._event({**body, "event_ts": self.world.stamp(), **view}, twice)

    async def change_user(self, user: str, *, twice: bool = False, **changes: Any) -> Outcome:
        """Somebody's profile changes (fields of SlackUser: real_name, locale, tz, deleted, is_restricted ...)."""
        who = self.world.user_named(user)
        for name, value in changes.items():
            if name not in SlackUser.__dataclass_fields__:
                raise LookupError(f"a user has no {name}")
            setattr(who, name, value)
        who.updated = int(self.world.clock())
        if who.deleted:
            for channel in self.world.channels.values():
                channel.members -= set() if channel.partners else {who.id}
        told = who.told(include_locale=True)
        body = {"type": "user_change", "user": told, "cache_ts": who.updated, "event_ts": self.world.stamp()}
        return await self._event(body, twice)

    async def deactivate(self, user: str) -> Outcome:
        """Somebody leaves the company."""
        return await self.change_user(user, deleted=True)

    def _message(self, who: SlackUser, where: SlackChannel, ts: str) -> Posted | Ephemeral:
        on = self.world.find(where.id, ts)
        if on is not None:
            return on
        for shown in self.world.shown:
            if (shown.id, shown.user, shown.channel, shown.deleted) == (ts, who.id, where.id, False):
                return shown
        raise LookupError(f"{who.name} sees no message {ts} in {where.name}")

    def _open_modal(self, who: SlackUser, view_id: str) -> SlackView:
        stack = self.world.modals.get(who.id, [])
        if not stack or stack[-1].id != view_id:
            raise LookupError(f"{who.name} does not have {view_id} in front")
        return stack[-1]

    def _action(self, blocks: Iterable[Mapping[str, Any]], what: str, chosen: object) -> dict[str, Any]:
        offered = [(block, element) for block in blocks for element in elements(block)]
        for key in (lambda one: one.get("value"), lambda one: one["action_id"], _label):
            for block, element in offered:
                if key(element) == what:
                    return payloads.action_of(self.world, block, element, chosen)
        raise LookupError(f"there is nothing to press that is {what!r}")

    async def _press_in(self, who: SlackUser, view: SlackView, what: str, chosen: object, twice: bool) -> Outcome:
        action = self._action(view.body["blocks"], what, chosen)
        payload = payloads.pressed_in_view(self.world, who, view, action)
        return _outcome(await self.ways.hand_over(INTERACTIVE, payload, twice), payload)

    def _fill(self, view: SlackView, values: Mapping[str, Any]) -> dict[str, str]:
        """Fill in a modal; what Slack's own window refuses, by block_id."""
        errors: dict[str, str] = {}
        known: set[str] = set()
        for block in view.body["blocks"]:
            if block["type"] != "input":
                continue
            element, name = block["element"], block["block_id"]
            known |= {name, element["action_id"]}
            kept = view.values[name][element["action_id"]]
            for key in (name, element["action_id"]):
                if key in values:
                    kept |= payloads.held(element, values[key])
            (told,) = (value for key, value in kept.items() if key != "type")
            if not told and not block.get("optional"):
                errors[name] = "required"
            elif isinstance(told, str) and element["type"] == "plain_text_input":
                if len(told) > element.get("max_length", 3000):
                    errors[name] = "too long"
                elif len(told) < element.get("min_length", 0):
                    errors[name] = "too short"
        if set(values) - known:
            raise LookupError(f"the form does not ask for {set(values) - known}, only for {known}")
        return errors

    def _after_submission(self, who: SlackUser, view: SlackView, outcome: Outcome) -> None:
        """What Slack does as the app said in its ack: close, show errors, show another view."""
        said = outcome.response or {}
        action = said.get("response_action", "")
        try:
            if action == "errors":
                inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
                if not said.get("errors") or set(said["errors"]) - inputs:
                    raise SlackError("errors of what is not asked")
                outcome.errors = dict(said["errors"])
            elif action in ("update", "push"):
                body = checked(said.get("view"), "modal")
                if action == "update":
                    replace(self.world, view, body)
                else:
                    place(self.world, who.id, body)
            elif action == "clear":
                self.world.modals[who.id] = []
                self.world.tell()
            elif said:
                raise SlackError("unknown response_action")
            else:
                self._pop(who, view)
        except SlackError as refusal:
            outcome.error = f"trouble: {refusal.error} {refusal.more}"

    def _pop(self, who: SlackUser, view: SlackView) -> None:
        stack = self.world.modals.get(who.id, [])
        if view in stack:
            stack.remove(view)
            self.world.tell()

    def _as_message(self, one: Posted, where: SlackChannel) -> dict[str, Any]:
        """A message as the events message.channels and message.groups tell it."""
        kind = "group" if where.is_private else "channel"
        return one.told() | {"channel": where.id, "channel_type": kind, "event_ts": one.ts}

    async def _event(self, body: dict[str, Any], twice: bool) -> Outcome:
        payload = payloads.event(self.world, body)
        return _outcome(await self.ways.hand_over(EVENTS, payload, twice), payload)

    def _say_in_ack(self, who: SlackUser, where: SlackChannel, said: dict[str, Any]) -> None:
        text, blocks = content(said)
        if said.get("response_type") == "in_channel":
            self.world.add(where.id, BOT_USER, text, blocks, bot_id=BOT)
        else:
            self.world.show(who.id, where.id, text, blocks, "")


def _outcome(answer: Answer, payload: Mapping[str, Any]) -> Outcome:
    outcome = Outcome(answer.acked, answer.response, answer.error)
    for name in ("trigger_id", "response_url", "event_id"):
        setattr(outcome, name, str(payload.get(name, "")))
    return outcome


def _label(element: Mapping[str, Any]) -> str:
    text = element.get("text")
    return str(text.get("text", "")) if isinstance(text, dict) else ""
