"""Turns what files say into drafts of templates, or tells all that is wrong with them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from unicodedata import normalize

from bot.domain.agent import Agent
from bot.domain.errors import Refusal
from bot.domain.template import Draft, Template, near_variables
from bot.template_files.entry import NO, REQUIRED, YES, Entry, FilesWrong, Problem, Reading

Key = tuple[str, str, str]
_SOUND = Draft("name", "en", "Title", "Text")
"""A draft with which nothing is wrong: put one field into it, and what is refused is that field."""
_DAY = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?")
"""2027-07-28; 2027/7/28 is what Excel makes of it, where Japanese is spoken."""
_TRUTHS = {YES: True, "true": True, "1": True, "はい": True, NO: False, "false": False, "0": False, "いいえ": False}


class Judge:
    """Knows the team by name and by platform:handle, the queues and the templates that there are.

    `say` puts a rule's no into words; `remark` is told what is right and yet may be meant otherwise.
    """

    def __init__(
        self,
        team: Mapping[str, Sequence[Agent]],
        queues: Collection[str],
        standing: Collection[Template],
        say: Callable[[Refusal], str],
        remark: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._team: dict[str, dict[int, Agent]] = {}
        for name, agents in team.items():
            self._team.setdefault(_plain(name), {}).update({agent.id: agent for agent in agents})
        self._queues = queues
        self._standing = {one.draft.key: one.draft for one in standing}
        self._say = say
        self._remark = remark

    def drafts(self, reading: Reading) -> list[Draft]:
        """A draft for each entry; what an entry leaves out stays as it is. Raises FilesWrong."""
        problems, drafts = list(reading.problems), list[Draft]()
        places: dict[Key, str] = {}
        for entry in reading.entries:
            wrong = list(self._wrong(entry))
            problems += wrong
            if wrong or not all(name in entry.fields for name in REQUIRED):
                continue
            draft = self._draft(entry)
            if earlier := places.get(draft.key):
                named = f"{draft.name!r} ({draft.language}, {draft.queue or 'any queue'})"
                problems.append(entry.problem("name", f"{named} is in {earlier} already: leave one out"))
            places.setdefault(draft.key, f"{entry.file}:{entry.lines.get('name', entry.line)}")
            drafts.append(draft)
            for near in near_variables(draft.body):
                said = f"{near} looks like a variable and is taken for text; a variable is {{customer_name}}"
                self._remark(str(entry.problem("body", said)))
        if problems:
            raise FilesWrong(problems)
        return drafts

    def _wrong(self, entry: Entry) -> Iterator[Problem]:
        """All that is wrong with one entry."""
        for name, given in entry.fields.items():
            said = ""
            try:
                match name:
                    case "name":
                        Draft(given, _SOUND.language, _SOUND.title, _SOUND.body).checked()
                    case "language":
                        Draft(_SOUND.name, given, _SOUND.title, _SOUND.body).checked()
                    case "title":
                        Draft(_SOUND.name, _SOUND.language, given, _SOUND.body).checked()
                    case "body":
                        Draft(_SOUND.name, _SOUND.language, _SOUND.title, given).checked()
                    case "queue" if given.strip() and given.strip() not in self._queues:
                        known = f"; the queues are {', '.join(sorted(self._queues))}" if self._queues else ""
                        said = f"there is no queue {given!r}: leave it empty for all queues{known}"
                    case "owner":
                        said = self._no_owner(given)
                    case "review_on" if given.strip() and _day(given) is None:
                        said = f"{given!r} is no date: write it as 2027-04-30, or nothing"
                    case "retired" if given.strip() and _plain(given) not in _TRUTHS:
                        said = f"{given!r} is neither {YES} nor {NO}: write one of them"
            except Refusal as refusal:
                said = self._say(refusal)
            if said:
                yield entry.problem(name, said)

    def _no_owner(self, given: str) -> str:
        """Why this text does not say who the owner is; empty when it does, or says nobody."""
        found = self._team.get(_plain(given), {})
        if not given.strip() or len(found) == 1:
            return ""
        if found:
            return f"several people are called {given!r}: write platform:handle, for example workspace:hana"
        return f"nobody of the team is called {given!r}: write a name as /team shows it, or platform:handle, or nothing"

    def _draft(self, entry: Entry) -> Draft:
        fields = entry.fields
        queue = fields.get("queue", "").strip()
        draft = Draft(fields["name"], fields["language"], fields["title"], fields["body"], queue).checked()
        before = self._standing.get(draft.key, draft)
        owner, review_on, retired = before.owner, before.review_on, before.retired
        if "owner" in fields:
            owner = next(iter(self._team.get(_plain(fields["owner"]), {}).values()), None)
        if "review_on" in fields:
            review_on = _day(fields["review_on"])
        if "retired" in fields:
            retired = _TRUTHS.get(_plain(fields["retired"]), False)
        return Draft(draft.name, draft.language, draft.title, draft.body, queue, owner, review_on, retired)


def _day(given: str) -> date | None:
    found = _DAY.fullmatch(_plain(given))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _plain(given: str) -> str:
    """A text as it is compared: width folded, in small letters, without spaces around it."""
    return normalize("NFKC", given).strip().casefold()
