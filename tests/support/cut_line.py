"""A line between a mail client and its server that breaks, once, at any step of the protocol."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When a line breaks: the command never arrives, its answer is lost, half of it is, or nothing comes any more."""

    BEFORE = "before"
    AFTER = "after"
    HALF = "half"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Cut:
    """Break at the n-th line that the client sends (0: the greeting), at this moment of it."""

    line: int
    moment: Moment


class CutLine:
    """Forwards to a port of the loopback; `has_cut` says whether the line was long enough to be cut."""

    def __init__(self, target: int, cut: Cut | None = None) -> None:
        self.port = 0
        self.has_cut = False
        self._target = target
        self._cut = cut
        self._sent = 0
        self._half = self._mute = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()

    async def open(self) -> "CutLine":
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """Stop listening and drop everybody."""
        assert self._server
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def die(self) -> None:
        """From now on nothing comes through those lines that are open, and nobody is told."""
        self._dead |= self._writers
        self.has_cut = True

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._half = self._mute = False
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {to_client, to_server}
        answers = asyncio.create_task(self._answers(from_server, to_client))
        try:
            if self._is_due():
                await self._break(None, to_server, to_client)
            while line := await from_client.readline():
                self._sent += 1
                if self._is_due():
                    await self._break(line, to_server, to_client)
                else:
                    to_server.write(line)
                    await to_server.drain()
        except OSError:
            pass
        finally:
            answers.cancel()
            for writer in (to_client, to_server):
                self._writers.discard(writer)
                writer.transport.abort()

    def _is_due(self) -> bool:
        return not self.has_cut and self._cut is not None and self._sent >= self._cut.line

    async def _break(
        self, line: bytes | None, to_server: asyncio.StreamWriter, to_client: asyncio.StreamWriter
    ) -> None:
        assert self._cut
        self._half = self._cut.moment is Moment.HALF
        self._mute = self._cut.moment in (Moment.AFTER, Moment.HANG)
        self.has_cut = True
        if self._cut.moment is not Moment.BEFORE and line is not None:
            to_server.write(line)
            await asyncio.sleep(0.03)
        if self._cut.moment is Moment.HANG:
            return
        if line is None:
            await asyncio.sleep(0.01)
        to_client.transport.abort()

    async def _answers(self, from_server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while data := await from_server.read(1 << 16):
            if self._mute or to_client in self._dead:
                await asyncio.Event().wait()
            if self._half:
                data = data[: len(data) // 2]
                self._mute, self._half = True, False
            to_client.write(data)
        to_client.close()
