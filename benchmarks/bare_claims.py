"""The floor under a claim: SQLAlchemy Core, asynchronous, with statements made once and nothing around them."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.tables import agent, customer, event, handle, inquiry, outbox, route

CONNECTIONS = 10
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")

AGENT = (
    sa.select(agent)
    .join(handle, handle.c.agent_id == agent.c.id)
    .where(handle.c.platform == sa.bindparam("platform"), handle.c.user == sa.bindparam("user"))
)
INQUIRY = (
    sa.select(inquiry, customer.c.name.label("customer_name"), agent.c.name.label("holder_name"))
    .join(customer, customer.c.id == inquiry.c.customer_id)
    .outerjoin(agent, agent.c.id == inquiry.c.holder_id)
    .where(inquiry.c.number == sa.bindparam("of"))
)
UPDATE = (
    sa.update(inquiry)
    .where(inquiry.c.number == sa.bindparam("of"), inquiry.c.version == sa.bindparam("seen"))
    .values(
        status="open",
        holder_id=sa.bindparam("by"),
        held_since=sa.bindparam("at"),
        version=inquiry.c.version + 1,
        holder_version=inquiry.c.version + 1,
    )
    .returning(inquiry.c.number)
)
EVENT = sa.insert(event)


class BareClaims:
    """Claims on the database at `url`, an asynchronous one. The workspace's agents are called agent0, agent1 ..."""

    def __init__(self, url: str) -> None:
        self._engine = bare_engine(url)
        self._notice = _notice(postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert)

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    async def update_alone(self, person: int, number: int) -> None:
        """The conditional update in a transaction of its own: what makes a claim safe, and no more."""
        async with self._engine.begin() as connection:
            values = {"of": number, "seen": 1, "by": person + 1, "at": datetime.now(UTC)}
            (await connection.execute(UPDATE, values)).one()

    async def same_statements(self, person: int, number: int) -> None:
        """What the product asks of its database for a claim, in one transaction."""
        now = datetime.now(UTC)
        async with self._engine.begin() as connection:
            who = (await connection.execute(AGENT, {"platform": "workspace", "user": f"agent{person}"})).one()
            found = (await connection.execute(INQUIRY, {"of": number})).one()
            values = {"of": number, "seen": found.version, "by": who.id, "at": now}
            (await connection.execute(UPDATE, values)).one()
            happened = {
                "number": number,
                "version": found.version + 1,
                "kind": "claimed",
                "at": now,
                "source": "workspace",
                "agent_id": who.id,
                "details": {},
            }
            await connection.execute(EVENT, happened)
            told = {"of": number, "to": found.version + 1, "at": now, "in": found.queue}
            await connection.execute(self._notice, told)


def _notice(insert: Any) -> sa.Executable:
    """The card's notice: an upsert of one row for each channel that shows the queue."""
    values: dict[str, Any] = {
        "key": sa.literal("card:")
        .concat(sa.cast(sa.bindparam("of", type_=sa.Integer()), sa.Text()))
        .concat(":")
        .concat(route.c.platform)
        .concat(":")
        .concat(route.c.channel),
        "kind": sa.literal("card"),
        "number": sa.bindparam("of", type_=sa.Integer()),
        "version": sa.bindparam("to", type_=sa.Integer()),
        "platform": route.c.platform,
        "channel": route.c.channel,
        "created_at": sa.bindparam("at", type_=outbox.c.created_at.type),
        "due_at": sa.bindparam("at", type_=outbox.c.due_at.type),
    } | {
        name: sa.literal(value)
        for name, value in (
            *(("state", "pending"), ("revision", 1), ("taken", 0), ("attempts", 0), ("looks", 0)),
            *(("owner", ""), ("reason", "")),
        )
    }
    rows = sa.select(*(value.label(name) for name, value in values.items())).where(route.c.queue == sa.bindparam("in"))
    statement = insert(outbox).from_select(list(values), rows)
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["key"],
        set_={
            "revision": outbox.c.revision + 1,
            "version": statement.excluded.version,
            "state": "pending",
            "due_at": statement.excluded.due_at,
            "attempts": 0,
        },
    )


def bare_engine(url: str) -> AsyncEngine:
    """An engine with the settings of the product and nothing else."""
    if url.startswith("postgresql"):
        return create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    engine = create_async_engine(url, pool_size=1, max_overflow=0)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
