"""The guard of the tests: other machines are out of reach, this one is not."""

import asyncio
import socket

import pytest

from tests.support.loopback import LeftTheMachineError, is_here

ELSEWHERE = ("192.0.2.1", 9)
"""An address that belongs to nobody (RFC 5737)."""


def test_a_plain_socket_reaches_no_other_machine() -> None:
    with socket.socket() as sock, pytest.raises(LeftTheMachineError, match=r"192\.0\.2\.1"):
        sock.connect(ELSEWHERE)


def test_nor_by_the_door_that_returns_errors_nor_by_datagrams() -> None:
    with socket.socket() as sock, pytest.raises(LeftTheMachineError):
        sock.connect_ex(ELSEWHERE)
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(LeftTheMachineError):
        sock.sendto(b"hello", ELSEWHERE)


async def test_nor_does_asyncio() -> None:
    with pytest.raises(LeftTheMachineError):
        await asyncio.open_connection(*ELSEWHERE)


def test_names_of_others_are_not_looked_up() -> None:
    with pytest.raises(LeftTheMachineError, match=r"mail\.example\.com"):
        socket.getaddrinfo("mail.example.com", 25)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_this_machine_can_be_talked_to(host: str) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(host, server.sockets[0].getsockname()[1])
        assert await reader.readline() == b"hello\n"
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("::1", True),
        ("127.8.9.1", True),
        ("0.0.0.0", True),
        ("", True),
        ("10.0.0.1", False),
        ("2001:db8::1", False),
        ("localhost.example.com", False),
    ],
)
def test_what_counts_as_here(host: str, here: bool) -> None:
    assert is_here(host) is here
