"""Identities: what surely is one customer's, as it is compared and as people write it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 60
"""Characters of a spelling of a phone number, spaces and brackets counted."""
TEXT_LENGTH = 5_000
"""Characters of a text that are searched for phone numbers."""
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\u2500\u2501\ufe63\uff70~\u301c]")
_SPELLING = re.compile(r"\+?[\d\s().\-/\[\]]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


class IdentityKind(StrEnum):
    """What an identity is. CHAT: a chat's own id, with its platform before it ("line:U123")."""

    MAIL = "mail"
    PHONE = "phone"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Identity:
    """Something by which one customer, and no other, is known: an address in lower case, a number in E.164, an id."""

    kind: IdentityKind
    value: str


def identity_of(address: str) -> Identity | None:
    """Whom an inquiry's address names: a mail address, or a number in E.164. None: an address of neither kind."""
    if "@" in address:
        return Identity(IdentityKind.MAIL, address.lower())
    return Identity(IdentityKind.PHONE, address) if _E164.fullmatch(address) else None


def mail_address(text: str) -> str | None:
    """The one mail address that a text is, with nothing around it but spaces; in lower case."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain.lower() if _ADDRESS.fullmatch(plain) else None


def phone(text: str, region: str) -> str | None:
    """The phone number that a text is, in E.164, however it is written; `region` is for one without a country's code.

    None for what could not be called, and for a number with words around it.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip() if len(text) <= LONGEST else ""
    if not _SPELLING.fullmatch(plain):
        return None
    return _callable(plain, region) or (_callable("+" + plain[2:], region) if plain.startswith("00") else None)


def phones_in(texts: Iterable[str], region: str) -> list[str]:
    """The phone numbers that stand in texts, in E.164, each once, in their order."""
    import phonenumbers  # slow to import, and of no use until somebody asks

    found: dict[str, None] = {}
    for text in texts:
        plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text[:TEXT_LENGTH]))
        for match in phonenumbers.PhoneNumberMatcher(plain, region):
            found[phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)] = None
    return list(found)


def spoken_phone(e164: str, region: str = "") -> str:
    """A number in E.164 as people write it: the national way at home, with the country's code elsewhere."""
    import phonenumbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_number(number) == region
    how = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, how.NATIONAL if at_home else how.INTERNATIONAL))


def spoken(identity: Identity, region: str = "") -> str:
    """An identity as people write it."""
    return spoken_phone(identity.value, region) if identity.kind is IdentityKind.PHONE else identity.value


def _callable(plain: str, region: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
