"""Who may tell of calls: HMACs over what was sent, compared in constant time."""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from adapters.telephony.refused import Refused

WINDOW = 300
"""Seconds by which the time of a request may differ from ours."""
TIMESTAMP = "X-Telephone-Timestamp"
SIGNATURE = "X-Telephone-Signature"
OF_TWILIO = "X-Twilio-Signature"
PORTS = {"https": 443, "http": 80}


def webhook_signature(secret: str, moment: str, raw: bytes) -> str:
    """The signature of a body at a moment, written as Unix seconds: "v1=" and HMAC-SHA256 of `v1:<moment>:<body>`."""
    signed = b"v1:" + moment.encode() + b":" + raw
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check_webhook(headers: Mapping[str, str], raw: bytes, secret: str, now: datetime) -> None:
    """Raise Refused (401) unless the headers hold the signature of this very body, made within 5 minutes of now.

    Only somebody who knows the secret is told that it is the time which is wrong.
    """
    moment, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not (moment and given):
        raise Refused(401, f"Sign the request: {TIMESTAMP} and {SIGNATURE} are needed.")
    if not re.fullmatch("[0-9]{1,12}", moment):
        raise Refused(401, f"{TIMESTAMP} must be the time in Unix seconds.")
    if not _same(given, webhook_signature(secret, moment, raw)):
        raise Refused(401, f'{SIGNATURE} does not fit: it is "v1=" and HMAC-SHA256, in hex, of v1:<timestamp>:<body>.')
    check_age(int(moment), now)


def check_age(moment: float, now: datetime) -> None:
    """Raise Refused (401) when a moment, in Unix seconds, is more than 5 minutes from now."""
    age = now.timestamp() - moment
    if abs(age) > WINDOW:
        side = "old" if age > 0 else "ahead of our clock"
        raise Refused(401, f"Signed, but {abs(age):.0f} s {side}; {WINDOW} s are allowed. Set both clocks by NTP.")


def twilio_signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """HMAC-SHA1, in base64, of the address followed by every field's name and value, in order.

    A field told twice with the same value counts once. Source: twilio.com/docs/usage/webhooks/webhooks-security, and
    the validator of Twilio's own Python library.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    right = hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1)
    return b64encode(right.digest()).decode()


def check_twilio(
    headers: Mapping[str, str], public_url: str, path: str, fields: Iterable[tuple[str, str]], token: str
) -> None:
    """Raise Refused (401) unless Twilio signed these fields for this path, with its query, under our public address.

    What the request or a proxy says of host and scheme does not count: it is not signed.
    """
    given = headers.get(OF_TWILIO, "")
    if not given:
        raise Refused(401, f"{OF_TWILIO} is missing: only Twilio may tell of calls here.")
    told = list(fields)
    if not any(_same(given, twilio_signature(token, base + path, told)) for base in _spellings(public_url)):
        raise Refused(
            401, f"{OF_TWILIO} does not fit: PUBLIC_URL must be what Twilio calls, and the auth token the primary one."
        )


def _spellings(url: str) -> tuple[str, str]:
    """An address without and with its port: which of them Twilio signs is not always the one that it calls."""
    parts = urlsplit(url)
    host = re.sub(":[0-9]*$", "", parts.netloc)
    port = parts.port or PORTS[parts.scheme]
    return f"{parts.scheme}://{host}{parts.path}", f"{parts.scheme}://{host}:{port}{parts.path}"


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
