"""Mail servers for the tests of the adapters: a real Dovecot where there is one, and our own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes.imap import FakeImap
from tests.support.certificate import make_certificate, server_context
from tests.support.dovecot import HOW_TO_GET, Dovecot, dovecot_server
from tests.support.needs import need


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def dovecot(certificate: tuple[Path, Path]) -> Iterator[Dovecot]:
    with dovecot_server(*certificate) as server:
        need("dovecot", server is not None, HOW_TO_GET)
        assert server is not None
        yield server


@pytest.fixture
async def fake_imap() -> AsyncIterator[FakeImap]:
    server = FakeImap()
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def fake_imap_with_tls(certificate: tuple[Path, Path]) -> AsyncIterator[FakeImap]:
    server = FakeImap(server_context(*certificate))
    await server.open()
    yield server
    await server.close()
