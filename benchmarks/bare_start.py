"""The floor under a start: the libraries that the program loads, and the database opened; a script of its own."""

import asyncio
import sys

import aiohttp.web  # noqa: F401
import aiosqlite  # noqa: F401
import apscheduler.schedulers.asyncio  # noqa: F401
import babel.dates
import babel.messages.pofile
import babel.units  # noqa: F401
import prometheus_client  # noqa: F401
import pydantic_settings  # noqa: F401
import sqlalchemy as sa
import sqlmodel  # noqa: F401
import structlog  # noqa: F401
from sqlalchemy.ext.asyncio import create_async_engine


async def _open(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(sa.text("select version_num from alembic_version"))
    print("open", flush=True)
    sys.stdin.read()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(_open(sys.argv[1]))
