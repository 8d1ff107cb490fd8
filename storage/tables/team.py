"""The tables of the team: queues, agents, and who they are on platforms."""

from datetime import datetime

from sqlmodel import Field

from storage.tables.rows import Row, table


class QueueRow(Row, table=True):
    """A queue of inquiries."""

    __tablename__ = "queue"
    name: str = Field(primary_key=True)
    language: str
    time_zone: str


class RouteRow(Row, table=True):
    """A channel that shows a queue's cards."""

    __tablename__ = "route"
    queue: str = Field(primary_key=True, foreign_key="queue.name")
    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)


class AgentRow(Row, table=True):
    """A person of the team; without a role, somebody who was one. Quiet hours are clock times ("22:00"), or empty.

    `undisturbed_until`: until when nobody's advice shall reach them, also while they are on a call.
    """

    __tablename__ = "agent"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    role: str | None
    language: str
    language_chosen: bool = False
    role_from: str = ""
    time_zone: str
    quiet_from: str = Field(default="", sa_column_kwargs={"server_default": ""})
    quiet_until: str = Field(default="", sa_column_kwargs={"server_default": ""})
    undisturbed_until: datetime | None = None


class HandleRow(Row, table=True):
    """Who an agent is on a platform. `joined`: a second handle, that a code made theirs."""

    __tablename__ = "handle"
    platform: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)
    joined: bool = False


class AbsenceRow(Row, table=True):
    """A time in which an agent is away."""

    __tablename__ = "absence"
    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agent.id", index=True)
    since: datetime
    until: datetime
    reason: str = ""


class LinkRow(Row, table=True):
    """A code by which somebody joins another handle to their own; only its digest is kept."""

    __tablename__ = "link"
    agent_id: int = Field(primary_key=True, foreign_key="agent.id")
    digest: str = Field(unique=True)
    until: datetime


queue = table(QueueRow)
route = table(RouteRow)
agent = table(AgentRow)
handle = table(HandleRow)
absence = table(AbsenceRow)
link = table(LinkRow)
