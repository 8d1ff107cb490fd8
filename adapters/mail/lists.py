"""The shop's own lists and groups: mail that comes through them was written by a person."""

import re
from collections.abc import Collection

from adapters.mail.addresses import mailboxes
from adapters.mail.headers import Headers

_LIST_FIELDS = ("list-id", "list-post", "mailing-list", "x-beenthere")
_ORIGINAL_FIELDS = ("x-original-from", "x-original-sender", "reply-to")
_NAME = re.compile(r"[\w.+-]+(?:@[\w.-]+)?")
_VIA = re.compile(r"""^['"]?(.*?)['"]? (?:via|経由|\(?by way of\)?) .+$""", re.IGNORECASE)
_READ_CHARACTERS = 2000


def own_list(headers: Headers, own_lists: Collection[str]) -> bool:
    """True for mail that came through one of the lists, named by address or by List-Id, and through no other."""
    if not own_lists:
        return False
    wanted = {form for one in own_lists for form in _forms(one)}

    def is_named(value: str) -> bool:
        return any(word.lower() in wanted for word in _NAME.findall(value[:_READ_CHARACTERS]))

    told = [value for name in _LIST_FIELDS for value in headers.every(name)]
    return any(map(is_named, told)) and all(map(is_named, headers.every("list-id")))


def real_sender(headers: Headers, own_lists: Collection[str], name: str, address: str) -> tuple[str, str]:
    """Who wrote, where a list put itself into From ("Hana via Support") for the sake of DMARC."""
    ours = {one.lower() for one in own_lists}
    if address.lower() not in ours:
        return name, address
    for field in _ORIGINAL_FIELDS:
        for original_name, original in mailboxes(headers.raw(field)):
            if original and original.lower() not in ours:
                via = _VIA.match(name)
                return original_name or (via[1] if via else name), original
    return name, address


def _forms(one: str) -> tuple[str, str]:
    """The address of a list, and its List-Id as most programs derive it."""
    plain = one.strip().strip("<>").lower()
    return plain, plain.replace("@", ".")
