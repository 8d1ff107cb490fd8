"""Templates: texts that the team wrote once, with variables that are filled in for each customer."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal

NAME_LENGTH, TITLE_LENGTH, BODY_LENGTH, WHY_LENGTH = 40, 100, 3000, 200
"""Characters; of a body as `length_of` counts them. A filled text has to fit into one message of every platform."""
VARIABLE_LENGTH = 40
"""Characters of a variable's name: it labels an input of a form, and Discord's labels have 45."""
OWN_VARIABLES = 5
"""Variables of a template's own: a form holds five inputs on Discord."""
KNOWN = ("customer_name", "inquiry_number", "agent_name", "subject", "queue", "today")
"""Variables that are filled from the inquiry, and from who asks."""
ACTIONS = ("add", "edit", "retire", "versions", "restore", "import", "export", "list")
"""Words that follow `/template` to do something; no template is called so."""
REVIEW_AFTER = 365
"""Days after which somebody should look whether a template is still right."""

_NAME = re.compile(r"[a-z0-9ぁ-ゖァ-ヺー一-鿿㐀-䶿々〆][a-z0-9ぁ-ゖァ-ヺー一-鿿㐀-䶿々〆-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")
_PART = re.compile(r"\{\{|\{(\w+)\}")
_LOOKS_LIKE_ONE = re.compile(r"\{\{\s*\w+\s*\}\}?|\{\s+\w+\s*\}|\{\w+\s+\}|\{\w+(?:[ \u3000・-]\w+)+\}|｛\s*\w+\s*｝")


class Unfilled(Exception):
    """Variables of a text have no value: nobody may see it like this."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(", ".join(names))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a template shall be. Name, queue ("" any) and language say which; no two templates share all three."""

    name: str
    language: str
    title: str
    body: str
    queue: str = ""
    owner: Agent | None = None
    review_on: date | None = None
    retired: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Name, queue and language."""
        return self.name, self.queue, self.language

    def checked(self) -> "Draft":
        """The same with its name, title and body in their plain spelling. Raises Refusal when a rule says no.

        Whether its queue exists is not known here.
        """
        name, language = plain_name(self.name), unicodedata.normalize("NFKC", self.language).strip().lower()
        title, body = " ".join(self.title.split()), plain_body(self.body)
        if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH or name.isdecimal():
            raise Refusal("template.bad_name", given=self.name.strip()[:NAME_LENGTH], limit=NAME_LENGTH)
        if name in ACTIONS:
            raise Refusal("template.action_name", given=name)
        if not _LANGUAGE.fullmatch(language):
            raise Refusal("template.bad_language", given=self.language.strip()[:NAME_LENGTH])
        if not title or len(title) > TITLE_LENGTH:
            raise Refusal("template.bad_title", length=len(title), limit=TITLE_LENGTH)
        if not body or length_of(body) > BODY_LENGTH:
            raise Refusal("template.bad_body", length=length_of(body), limit=BODY_LENGTH)
        if long := next((one for one in variables(body) if len(one) > VARIABLE_LENGTH), ""):
            raise Refusal("template.long_variable", given=f"{long[:VARIABLE_LENGTH]}…", limit=VARIABLE_LENGTH)
        if len(own := own_variables(body)) > OWN_VARIABLES:
            raise Refusal("template.many_variables", names=", ".join(own), limit=OWN_VARIABLES)
        return replace(self, name=name, language=language, title=title, body=body)


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it stands. `queue` "": for any. `review_on`: when somebody should look at it again."""

    id: int
    name: str
    queue: str
    language: str
    title: str
    body: str
    version: int = 1
    owner: Agent | None = None
    review_on: date | None = None
    retired: bool = False
    uses: int = 0
    used_at: datetime | None = None

    @property
    def draft(self) -> Draft:
        """What it is now, to be changed."""
        return Draft(
            self.name, self.language, self.title, self.body, self.queue, self.owner, self.review_on, self.retired
        )

    def may_be_changed_by(self, agent: Agent) -> bool:
        """Its owner and supervisors may."""
        return agent.may(Role.SUPERVISOR) or (self.owner is not None and self.owner.id == agent.id)


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """What a template said at one version, who wrote it, and why."""

    version: int
    title: str
    body: str
    at: datetime
    agent: Agent | None = None
    why: str = ""


def best(variants: Iterable[Template], queue: str, language: str) -> Template | None:
    """The variant that fits a queue ("" any) and a language best; a retired one, or one for another queue, never.

    The language counts before the queue: a customer should be able to read it.
    """
    able = [one for one in variants if not one.retired and (not queue or one.queue in ("", queue))]
    return min(
        able, key=lambda one: (one.language != language, one.queue != queue, one.language, one.queue), default=None
    )


def plain_name(given: str) -> str:
    """A name as it is kept: width folded, small letters, no space around it."""
    return unicodedata.normalize("NFKC", given).strip().lower()


def plain_body(given: str) -> str:
    """A body as it is kept: lines end alike and without spaces, no empty line before or after."""
    lines = given.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def variables(body: str) -> list[str]:
    """The variables in a body, each once, in their order: `{customer_name}`, `{商品名}`.

    A name is made of letters, digits and _; anything else in braces is text, and `{{` writes one brace.
    """
    return list(dict.fromkeys(_plain(match[1]) for match in _PART.finditer(body) if match[1]))


def length_of(body: str) -> int:
    """How long a text is as Discord counts it: an emoji is two."""
    return len(body.encode("utf-16-le", "surrogatepass")) // 2


def own_variables(body: str) -> list[str]:
    """Those that no inquiry can fill in: somebody has to."""
    return [one for one in variables(body) if one not in KNOWN]


def near_variables(body: str) -> list[str]:
    """What looks like a variable and is none, so that it would reach the customer as it stands."""
    return list(dict.fromkeys(match[0] for match in _LOOKS_LIKE_ONE.finditer(body)))


def unfilled(body: str, values: Mapping[str, str]) -> list[str]:
    """The variables in a body for which there is no value, or an empty one."""
    return [one for one in variables(body) if not values.get(one, "").strip()]


def fill(body: str, values: Mapping[str, str]) -> str:
    """A body with its variables filled in. Values stand as they are: braces in them mean nothing.

    Raises Unfilled when a variable has no value: whoever calls asks for it first.
    """
    if missing := unfilled(body, values):
        raise Unfilled(missing)
    return _PART.sub(lambda match: values[_plain(match[1])] if match[1] else "{", body)


def difference(before: str, after: str, around: int = 1) -> list[tuple[str, str]]:
    """What changed between two texts: pieces with "-" (gone), "+" (new), " " (as before) or "…" (left out).

    A piece is a line, or a sentence in it where Japanese ends one; `around` pieces are shown beside a change.
    """
    old, new = _pieces(before), _pieces(after)
    return list(_marked(difflib.SequenceMatcher(None, old, new, autojunk=False), old, new, around))


def _marked(
    matcher: "difflib.SequenceMatcher[str]", old: list[str], new: list[str], around: int
) -> Iterator[tuple[str, str]]:
    end = 0
    for group in matcher.get_grouped_opcodes(around):
        if group[0][1] > end:
            yield "…", ""
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from _each(" ", old[old_from:old_to])
            else:
                yield from _each("-", old[old_from:old_to])
                yield from _each("+", new[new_from:new_to])
            end = old_to
    if 0 < end < len(old):
        yield "…", ""


def _each(mark: str, pieces: Iterable[str]) -> Iterator[tuple[str, str]]:
    for piece in pieces:
        yield mark, piece


def _pieces(text: str) -> list[str]:
    return [piece for line in text.split("\n") for piece in (re.findall(r"[^。]*。[」』）]*|[^。]+$", line) or [""])]


def _plain(name: str) -> str:
    """A variable's name, width folded; known ones in small letters."""
    plain = unicodedata.normalize("NFKC", name)
    return plain.lower() if plain.lower() in KNOWN else plain
