"""Keeps the tests on this machine: sockets and name look-ups that lead elsewhere are refused."""

import ipaddress
import socket
import sys
from typing import Any

LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname")
SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class LeftTheMachineError(AssertionError):
    """A test reached for another machine."""


class Guard:
    """An audit hook, so that no library's way to a socket goes round it. Hooks stay; `lift` makes it idle."""

    def __init__(self) -> None:
        self._on = False
        self._hooked = False

    def close(self) -> None:
        """Refuse from now on whatever leads to another machine, by LeftTheMachineError."""
        if not self._hooked:
            sys.addaudithook(self._heard)
            self._hooked = True
        self._on = True

    def lift(self) -> None:
        """Refuse nothing any more."""
        self._on = False

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        host = _host(event, arguments)
        if host is not None and not is_here(host):
            raise LeftTheMachineError(f"{event} to {host!r}: tests talk over loopback only")


def is_here(host: str) -> bool:
    """True for the names and addresses of this machine itself, and for those to listen on."""
    if host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Where an event leads, if it leads anywhere by the internet protocols."""
    if event in LOOK_UPS:
        host = arguments[0]
        return host.decode() if isinstance(host, bytes) else host
    if event in SENDS:
        sock, address = arguments
        if sock.family in (socket.AF_INET, socket.AF_INET6) and address:
            return str(address[0])
    return None
