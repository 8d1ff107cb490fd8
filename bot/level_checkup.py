"""A look over the service levels: what cannot be read, and which people and queues it names that are not there."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.levels import Facts, Levels
from bot.level_file import LevelsWrong, check
from bot.ports import Transaction

FILE = "python -m bot levels export FILE, mend it, and levels import FILE"
READ = (
    "Until then the last version that can be read holds. "
    f"Go back to an earlier version by /sla versions, or lay them down anew: {FILE}"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about the service levels; `remedy` is empty when nothing is wrong."""

    found: str
    remedy: str = ""


async def look_over(tx: Transaction) -> list[Remark]:
    """What is wrong with the levels in force; when nothing is, what they are."""
    current = await tx.levels.current()
    if current is None:
        return [Remark("none yet; the first start lays down some")]
    queues = [queue.name for queue in await tx.queues.all()]
    try:
        levels, doubts = check(current.body, None, await people_of(tx))
    except LevelsWrong as error:
        first, *others = error.problems
        more = f" (and {len(others)} more)" if others else ""
        return [Remark(f"version {current.version} cannot be read: line {first.line}: {first.said}{more}", READ)]
    named = "Add them to the team by /agent, or name another: /sla ladder (experts: levels export, levels import)."
    troubles = [*(Remark(one.said, named) for one in doubts), *_troubles(levels, queues)]
    return troubles or [Remark("; ".join(_told(current.version, levels, queues)))]


async def people_of(tx: Transaction) -> set[str]:
    """The team as a document may name them: by name, and by handle."""
    team = await tx.agents.all()
    handles = [handle for agent in team for handle in await tx.agents.handles(agent.id)]
    return {agent.name for agent in team} | {f"{handle.platform}:{handle.user}" for handle in handles}


def _troubles(levels: Levels, queues: list[str]) -> Iterator[Remark]:
    for one in levels.levels:
        for queue in sorted(one.queues - set(queues)):
            found = f"policy {one.name} is for a queue {queue!r} that does not exist"
            yield Remark(found, f"The queues: {', '.join(queues)}. Change it by /sla who {one.name}.")


def _told(version: int, levels: Levels, queues: list[str]) -> Iterator[str]:
    names = ", ".join(one.name for one in levels.levels)
    yield f"version {version} holds"
    yield f"policies: {names}" if names else "there is no policy"
    if bare := [queue for queue in queues if levels.of(Facts(queue)) is None]:
        yield f"nothing is promised in {', '.join(bare)}" + (", unless more is known" if names else "")
    if not levels.calendars:
        yield "without a calendar there is no digest"
