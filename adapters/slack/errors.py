"""What went wrong with a call to Slack, in the core's words: not sent, unclear, refused, or gone."""

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import aiohttp

from bot.chat.text import shorten
from bot.ports import MessageGone, NotSent, Refused, SendError, Unclear

TOO_MANY = 429
UNSAID_REST = 10.0
"""Seconds to rest when Slack says "too many" and not for how long."""
LONGEST_DETAIL = 300

UNCLEAR = frozenset(["fatal_error", "internal_error", "request_timeout", "service_unavailable", "update_failed"])
"""Errors after which "some aspect of the operation" may have succeeded, as the pages of the methods say."""

TOO_OFTEN = frozenset(["message_limit_exceeded", "rate_limited", "ratelimited"])
"""Refused before anything was done, for being too much at once."""

LATER = frozenset(["external_channel_migrating", "org_login_required", "team_added_to_org"])
"""Refused before anything was done, for as long as Slack moves the workspace or the channel."""

GONE = frozenset(
    ["cannot_reply_to_message", "cant_update_message", "edit_window_closed", "message_not_found", "thread_not_found"]
)
"""The message, or the thread's first one, is not there any more, or can never be changed by us."""

_NEW_TOKEN = "Install the app anew in Slack and set its new bot token (xoxb-...)."  # noqa: S105
TOKEN_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "account_inactive": f"The app's account is closed, or the app was removed. {_NEW_TOKEN}",
        "invalid_auth": "The bot token is not valid, or Slack does not take it from this address. Check both.",
        "not_allowed_token_type": "This is not a bot token. Set the one that begins with xoxb-.",
        "not_authed": "No token reached Slack. Set the bot token (xoxb-...).",
        "token_expired": f"The bot token has ended. Switch token rotation off for the app. {_NEW_TOKEN}",
        "token_revoked": f"The bot token was revoked. {_NEW_TOKEN}",
    }
)
"""Errors that say: nothing will work with this token."""

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        **TOKEN_REMEDIES,
        "access_denied": "Ask a workspace admin to let the app post there.",
        "accesslimited": "The workspace lets apps in only from certain networks. Add this server's address to them.",
        "cannot_dm_bot": "A bot takes no direct messages. Put a person in its place.",
        "cant_delete_message": "The message is not the app's own, or the workspace forbids to delete it.",
        "channel_is_limited_access": "Only some may post in {channel}. Let the app do so in the channel's settings.",
        "channel_not_found": "Slack shows the app no channel {channel}. If it is private, /invite the app there.",
        "ekm_access_denied": "The workspace's admins have suspended posting. Ask them.",
        "invalid_blocks": "This is an error of ours: Slack does not take the card as it was drawn.",
        "invalid_blocks_format": "This is an error of ours: Slack does not take the card as it was drawn.",
        "is_archived": "The channel {channel} is archived. Unarchive it, or show the queue elsewhere by /route.",
        "is_inactive": "The channel {channel} is frozen. Unarchive it, or show the queue elsewhere by /route.",
        "metadata_must_be_sent_from_app": "The token is not an app's. Set the bot token (xoxb-...) of the app.",
        "missing_scope": "The app lacks the scope {needed}. Take over the manifest anew and reinstall the app.",
        "msg_blocks_too_long": "This is an error of ours: the card is too long for Slack.",
        "msg_too_long": "This is an error of ours: the text is too long for Slack.",
        "no_permission": "The app lacks a permission there. /invite it into {channel}; then reinstall it.",
        "not_in_channel": "The app is not in {channel}. Type /invite with the app's name there.",
        "restricted_action": "The workspace's settings forbid the app to post in {channel}. Ask an admin.",
        "restricted_action_non_threadable_channel": "Threads are off in {channel}. Allow them, or take another.",
        "restricted_action_read_only_channel": "Nobody may post in {channel}. Allow it, or take another channel.",
        "restricted_action_thread_only_channel": "Only threads are allowed in {channel}. Allow posts, or take another.",
        "team_access_not_granted": "The app is not installed in this workspace. Ask an admin of the organisation.",
        "thread_locked": "The thread is locked. Unlock it in Slack.",
        "user_disabled": "The account of {user} is closed. Take them off the team by /agent.",
        "user_not_found": "Slack knows nobody called {user} here. Check the user id.",
        "user_not_visible": "The app cannot see {user}. Only people of its own workspace can be reached.",
    }
)
"""What an operator does about a refusal; named as on the pages of docs.slack.dev/reference/methods."""

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,79}")


class SlackRefused(Refused):
    """Refused by Slack; `name` is its own name for the reason."""

    def __init__(self, sentence: str, name: str) -> None:
        super().__init__(sentence)
        self.name = name


class TokenRefused(SlackRefused):
    """Slack takes our token no more: nothing works until an operator sets another."""


def of_exception(error: Exception) -> SendError:
    """What an error of the connection means. Its own text is left out where it may hold a request's headers."""
    match error:
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.ClientHttpProxyError():
            return NotSent(f"Slack cannot be reached ({_reason(error)}).")
        case TimeoutError():
            return Unclear("Slack did not answer in time.")
        case _:
            return Unclear(f"The connection to Slack broke, or its answer made no sense ({type(error).__name__}).")


def of_answer(status: int, headers: Mapping[str, str], data: object, asked: Mapping[str, object]) -> SendError:
    """What an answer other than ok means: `data` is its JSON, or anything else when it was none."""
    named = data.get("error") if isinstance(data, Mapping) else None
    name = named if isinstance(named, str) and _NAME.fullmatch(named) else ""
    if status == TOO_MANY or name in TOO_OFTEN:
        return NotSent("Slack asks to slow down.", retry_after(headers))
    if status >= 500 or not name or not isinstance(data, Mapping):
        return Unclear(f"Slack answered {status}{f' ({name})' if name else ''}.")
    if name in UNCLEAR:
        return Unclear(f"Slack had an error of its own ({name}).")
    if name in LATER:
        return NotSent(f"Slack is moving the workspace or the channel ({name}).")
    if name in GONE:
        return MessageGone(f"The message is gone, or cannot be changed ({name}).")
    kind = TokenRefused if name in TOKEN_REMEDIES else SlackRefused
    return kind(_sentence(name, data, asked), name)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that Slack asks us to wait."""
    try:
        seconds = float(headers.get("Retry-After", UNSAID_REST))
    except ValueError:
        return UNSAID_REST
    return max(seconds, 0.0) if math.isfinite(seconds) else UNSAID_REST


def _sentence(name: str, data: Mapping[str, object], asked: Mapping[str, object]) -> str:
    remedy = REMEDIES.get(name, "See docs.slack.dev for what it means.").format(
        channel=asked.get("channel") or "that channel",
        user=asked.get("users") or asked.get("user") or "that person",
        needed=data.get("needed") or "that it needs",
    )
    return f"Slack refused it ({name}{_detail(name, data)}). {remedy}"


def _detail(name: str, data: Mapping[str, object]) -> str:
    """What Slack says is wrong with a request; it names the places, and repeats nothing of what stood there."""
    about = data.get("response_metadata")
    told = data.get("errors") or (about.get("messages") if isinstance(about, Mapping) else None)
    if not name.startswith("invalid_") or not isinstance(told, list):
        return ""
    return shorten(": " + "; ".join(str(one) for one in told), LONGEST_DETAIL)


def _reason(error: Exception) -> str:
    """Why no connection came about: the system's own words, which hold no header."""
    cause = getattr(error, "os_error", None)
    return getattr(cause, "strerror", None) or type(error).__name__
