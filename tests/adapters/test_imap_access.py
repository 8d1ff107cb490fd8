"""Getting into a mailbox: TLS, passwords, access tokens, and clear words for whatever is wrong."""

import asyncio
import imaplib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.mail.imap.check import check
from adapters.mail.imap.config import MailboxConfig, OAuth, gmail, microsoft365
from adapters.mail.imap.errors import explained
from adapters.mail.oauth import TokenError, Tokens
from tests.fakes.imap import FakeImap
from tests.fakes.mail_storage import MailStorage
from tests.fakes.token_server import TokenServer
from tests.support.dovecot import CONNECTIONS, PASSWORD, Dovecot
from tests.support.mailboxes import QUICK, inbox_of, mail, mailbox, taken_in, until

Certificate = tuple[Path, Path]


@pytest.fixture
async def tokens() -> AsyncIterator[TokenServer]:
    server = TokenServer()
    await server.open()
    yield server
    await server.close()


async def the_trouble(config: MailboxConfig) -> str:
    """What the doctor says, and the inbox too."""
    told = await check(config, QUICK)
    storage = MailStorage()
    inbox = inbox_of(config, storage)
    async with taken_in(inbox, storage):
        await until(lambda: inbox.trouble != "")
        assert [inbox.trouble] == told
    return told[0]


# --- TLS ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_comes_over_tls(dovecot: Dovecot, certificate: Certificate, security: str) -> None:
    user = f"over{security}"
    dovecot.put(user, mail(1))
    port = dovecot.tls_port if security == "tls" else dovecot.port
    config = mailbox(port, user, security=security, ca_file=certificate[0], look_back=1)
    storage = MailStorage()
    assert await check(config) == []
    async with taken_in(inbox_of(config, storage), storage):
        await until(lambda: len(storage.new) == 1)
        for number in (2, 3):
            dovecot.put(user, mail(number))
            await until(lambda number=number: mail(number) in storage.contents)  # type: ignore[misc]
        await until(lambda: len(dovecot.seen(user)) == 3)


async def test_news_that_tls_has_decrypted_already_are_heard(
    fake_imap_with_tls: FakeImap, certificate: Certificate
) -> None:
    server, storage = fake_imap_with_tls, MailStorage()
    server.pause = 0.1
    server.mailbox("hana")
    config = mailbox(server.tls_port, "hana", security="tls", ca_file=certificate[0])
    async with taken_in(inbox_of(config, storage), storage):
        await until(lambda: "IDLE" in server.commands)
        server.put("hana", mail(1))
        await until(lambda: len(storage.new) == 1)
        await until(lambda: server.idle == 1)
        server.put("hana", mail(2) + b"x" * 100_000)
        await until(lambda: len(storage.new) == 2)
    assert server.logins == 1


async def test_a_certificate_of_strangers_is_refused(dovecot: Dovecot) -> None:
    for config in (
        mailbox(dovecot.tls_port, "hana", security="tls"),
        mailbox(dovecot.port, "hana", security="starttls"),
    ):
        trouble = await the_trouble(config)
        assert "is not trusted: self-signed certificate" in trouble
        assert "ca_file" in trouble


async def test_so_is_one_for_another_name(dovecot: Dovecot, certificate: Certificate) -> None:
    config = MailboxConfig(
        "support", "support", "localhost", "hana", PASSWORD, port=dovecot.tls_port, ca_file=certificate[0]
    )
    assert "Hostname mismatch" in await the_trouble(config)


async def test_what_was_slipped_in_before_tls_is_dropped(
    fake_imap_with_tls: FakeImap, certificate: Certificate
) -> None:
    """Answers that a stranger put behind the one to STARTTLS (CVE-2011-0411 and its kin)."""
    server = fake_imap_with_tls
    server.slipped_in = b"* CAPABILITY IMAP4rev1 SLIPPED\r\nAAAA99 OK done\r\n"
    server.capabilities += " STARTTLS"
    server.put("hana", mail(1))
    storage = MailStorage()
    config = mailbox(server.port, "hana", security="starttls", ca_file=certificate[0], look_back=1)
    async with taken_in(inbox_of(config, storage), storage):
        await until(lambda: len(storage.new) == 1)
    assert server.logins == 1


# --- what may be wrong --------------------------------------------------------------------------------------


async def test_each_fault_is_told_in_words(fake_imap: FakeImap, certificate: Certificate, tmp_path: Path) -> None:
    fake_imap.mailbox("hana")
    port = fake_imap.port
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = probe.getsockname()[1]
    cases = [
        (mailbox(nobody, "hana"), "Nothing listens on 127.0.0.1"),
        (mailbox(port, "hana", security="tls"), "does not speak TLS"),
        (mailbox(port, "hana", security="tls", ca_file=tmp_path / "none.pem"), "cannot be read. Check its path"),
        (mailbox(port, "hana", security="starttls"), "STARTTLS"),
        (mailbox(port, "hana", password="a wrong one"), "refused the password of hana"),
        (mailbox(port, "nobody"), "refused the password of nobody"),
        (
            mailbox(port, "hana", folder="Inbox/Support"),
            "no folder 'Inbox/Support' on 127.0.0.1. There are: INBOX, Sent",
        ),
    ]
    for config, words in cases:
        assert words in await the_trouble(config)


@pytest.mark.parametrize(
    ("command", "said", "words"),
    [
        ("LOGIN", "NO [ALERT] Too many simultaneous connections. (Failure)", "allows no more connections"),
        ("LOGIN", "NO [LIMIT] limit reached", "allows no more connections"),
        ("LOGIN", "NO [UNAVAILABLE] Temporary authentication failure.", "cannot log hana in just now"),
        ("LOGIN", "NO [ALERT] Application-specific password required", "Make an app password"),
        ("SELECT", "NO [OVERQUOTA] Quota exceeded", "hana has no folder"),
        ("UID SEARCH", "NO [SERVERBUG] Internal error", "refused during search"),
    ],
)
async def test_what_a_server_refuses_is_told_in_words(fake_imap: FakeImap, command: str, said: str, words: str) -> None:
    fake_imap.mailbox("hana")
    fake_imap.refusals = {command: said}
    storage = MailStorage()
    inbox = inbox_of(mailbox(fake_imap.port, "hana", folder="INBOX" if command != "SELECT" else "Elsewhere"), storage)
    async with taken_in(inbox, storage):
        await until(lambda: words in inbox.trouble, lambda: inbox.trouble)
        fake_imap.refusals = {}
        fake_imap.folder("hana", "Elsewhere")
        await until(lambda: inbox.trouble == "", lambda: inbox.trouble)


async def test_too_many_connections_are_told_in_words(dovecot: Dovecot) -> None:
    dovecot.mailbox("crowded")
    lines = [imaplib.IMAP4("127.0.0.1", dovecot.port) for _ in range(CONNECTIONS)]
    for line in lines:
        await asyncio.to_thread(line.login, "crowded", PASSWORD)
    assert "allows no more connections" in await the_trouble(mailbox(dovecot.port, "crowded"))
    for line in lines:
        line.logout()
    assert await check(mailbox(dovecot.port, "crowded"), QUICK) == []


async def test_a_full_house_at_the_greeting(fake_imap: FakeImap) -> None:
    fake_imap.greeting = "* BYE Maximum number of connections from user+IP exceeded"
    assert "allows no more connections" in await the_trouble(mailbox(fake_imap.port, "hana"))


async def test_passwords_go_out_in_the_clear_only_where_the_server_agrees(fake_imap: FakeImap) -> None:
    fake_imap.capabilities += " LOGINDISABLED"
    assert "only over TLS" in await the_trouble(mailbox(fake_imap.port, "hana"))
    assert "LOGIN" not in fake_imap.commands


async def test_a_password_may_be_of_any_letters(fake_imap: FakeImap) -> None:
    for fake_imap.password in ('sp ace "quote" \\slash', "パスワード🔑"):
        fake_imap.mailbox("hana")
        assert await check(mailbox(fake_imap.port, "hana", password=fake_imap.password), QUICK) == []


@pytest.mark.parametrize(
    ("refusals", "words"),
    [
        ({"UID MOVE": "NO [OVERQUOTA] Quota exceeded (mailbox for user is full)"}, "over its quota"),
        ({"UID MOVE": "NO [TRYCREATE] there is no such folder"}, "cannot be moved to 'Done'"),
    ],
)
async def test_mail_that_cannot_be_moved_is_taken_in_all_the_same(
    fake_imap: FakeImap, refusals: dict[str, str], words: str
) -> None:
    fake_imap.folder("hana", "Done")
    fake_imap.refusals = dict(refusals)
    storage = MailStorage()
    inbox = inbox_of(mailbox(fake_imap.port, "hana", after="move:Done"), storage)
    async with taken_in(inbox, storage):
        await until(lambda: fake_imap.idle == 1)
        for number in range(2):
            fake_imap.put("hana", mail(number))
            await until(lambda number=number: mail(number) in storage.contents)  # type: ignore[misc]
        await until(lambda: storage.positions[inbox.name][1] == 2)
        assert words in inbox.trouble
        fake_imap.refusals = {}
        fake_imap.put("hana", mail(2))
        await until(lambda: len(fake_imap.contents("hana", "Done")) == 3 and inbox.trouble == "")
    assert fake_imap.logins == 1


async def test_the_doctor_names_what_is_missing_but_not_vital(fake_imap: FakeImap) -> None:
    fake_imap.mailbox("hana")
    fake_imap.capabilities = "IMAP4rev1"
    told = await check(mailbox(fake_imap.port, "hana", after="move:Done", sent_folder="Gesendet"), QUICK)
    assert len(told) == 2
    assert "no IDLE" in told[0]
    assert "hana has no folder 'Done'" in told[1]
    told = await check(mailbox(fake_imap.port, "hana", after="keep", sent_folder="Gesendet"), QUICK)
    assert "no IDLE" in told[0]


def test_a_name_that_nobody_knows_is_told_in_words() -> None:
    config = mailbox(143, "hana")
    told = explained(socket.gaierror(-2, "Name or service not known"), config, "connect")
    assert "There is no host 127.0.0.1" in str(told)
    told = explained(TimeoutError("timed out"), config, "connect")
    assert "gave no answer in time during connect. Check host, port and firewall." in str(told)


# --- settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"security": "ssl"}, "tls, starttls or plain"),
        ({"after": "delete"}, "keep, seen or move:FOLDER"),
        ({"after": "move:"}, "keep, seen or move:FOLDER"),
        ({"after": "move:INBOX"}, "another folder"),
        ({"look_back": -1}, "look_back"),
        ({"poll_seconds": 0}, "poll_seconds"),
        ({"password": ""}, "either a password or OAuth"),
        ({"oauth": gmail("id", "secret", "refresh")}, "either a password or OAuth"),
        ({"folder": " "}, "needs a folder"),
        ({"port": 70_000}, "no port"),
    ],
)
def test_settings_that_do_not_fit_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mailbox(**{"port": 1, "user": "hana", **changes})  # type: ignore[arg-type]


def test_ports_follow_the_security() -> None:
    ports = {one: mailbox(0, "hana", security=one).real_port for one in ("tls", "starttls", "plain")}
    assert ports == {"tls": 993, "starttls": 143, "plain": 143}


def test_the_presets_ask_for_what_the_providers_want() -> None:
    assert microsoft365("contoso", "id", "secret").scope == "https://outlook.office365.com/.default"
    assert "offline_access" in microsoft365("contoso", "id", refresh_token="r").scope
    assert gmail("id", "secret", "r").token_url == "https://oauth2.googleapis.com/token"
    with pytest.raises(ValueError, match="refresh token"):
        OAuth("https://example.com", "id")
    with pytest.raises(ValueError, match="https"):
        OAuth("http://example.com", "id", refresh_token="r")


# --- access tokens ------------------------------------------------------------------------------------------


async def test_a_token_opens_the_mailbox_and_a_refused_one_is_replaced(
    fake_imap: FakeImap, tokens: TokenServer
) -> None:
    oauth = OAuth(tokens.url, "id", "secret", "refresh-me", "mail")
    fake_imap.put("hana", mail(1))
    fake_imap.tokens = {"token-2"}
    storage = MailStorage()
    inbox = inbox_of(mailbox(fake_imap.port, "hana", password="", oauth=oauth, look_back=1), storage)
    async with taken_in(inbox, storage):
        await until(lambda: len(storage.new) == 1)
        fake_imap.drop()
        await until(lambda: fake_imap.logins == 2)
    assert [form["refresh_token"] for form in tokens.forms] == ["refresh-me", "refresh-me"]


async def test_a_token_that_opens_nothing_is_told_in_words(fake_imap: FakeImap, tokens: TokenServer) -> None:
    fake_imap.mailbox("hana")
    oauth = OAuth(tokens.url, "id", "secret", "refresh-me")
    assert "refused the access token" in await the_trouble(mailbox(fake_imap.port, "hana", password="", oauth=oauth))


async def test_a_token_is_kept_until_it_is_about_to_end(tokens: TokenServer) -> None:
    source = Tokens(OAuth(tokens.url, "id", "secret", "refresh-1"))
    assert [await source.token() for _ in range(3)] == ["token-1"] * 3
    assert await asyncio.gather(*(source.token() for _ in range(3))) == ["token-1"] * 3
    source.forget()
    tokens.lasts, tokens.renewed = "59", "refresh-2"
    assert [await source.token() for _ in range(2)] == ["token-2", "token-3"]
    assert [form["refresh_token"] for form in tokens.forms] == ["refresh-1", "refresh-1", "refresh-2"]
    assert {form["grant_type"] for form in tokens.forms} == {"refresh_token"}


async def test_an_application_asks_by_its_own_credentials(tokens: TokenServer) -> None:
    tokens.renewed = "never-used"
    source = Tokens(OAuth(tokens.url, "id", "secret", scope="https://example.com/.default"))
    await source.token()
    assert tokens.forms == [
        {
            "client_id": "id",
            "client_secret": "secret",
            "scope": "https://example.com/.default",
            "grant_type": "client_credentials",
        }
    ]


@pytest.mark.parametrize(
    ("answer", "words", "is_stubborn"),
    [
        (
            (400, '{"error": "invalid_grant", "error_description": "Token has been revoked."}'),
            "give Madoguchi access",
            True,
        ),
        ((401, '{"error": "invalid_client"}'), "Check client_id and client_secret", True),
        ((503, '{"error": "temporarily_unavailable"}'), "temporarily_unavailable", False),
        ((200, "<html>"), "answered no JSON", True),
        ((200, "[]"), "status 200", True),
        ((302, ""), "answered no JSON|status 302", True),
    ],
)
async def test_a_token_that_is_not_given_is_told_in_words(
    tokens: TokenServer, answer: tuple[int, str], words: str, is_stubborn: bool
) -> None:
    tokens.answer = answer
    with pytest.raises(TokenError, match=words) as told:
        await Tokens(OAuth(tokens.url, "id", "a-secret", "refresh-me")).token()
    assert told.value.is_stubborn is is_stubborn
    assert not {"a-secret", "refresh-me"} & set(str(told.value).split())


async def test_a_token_server_that_is_down_is_told_in_words(tokens: TokenServer) -> None:
    await tokens.close()
    with pytest.raises(TokenError, match="gives no access token") as told:
        await Tokens(OAuth(tokens.url, "id", "secret", "refresh-me")).token()
    assert told.value.is_stubborn is False


# --- secrets ------------------------------------------------------------------------------------------------


async def test_secrets_appear_in_no_log_and_no_words(
    fake_imap: FakeImap, tokens: TokenServer, caplog: pytest.LogCaptureFixture
) -> None:
    """At the finest level, through logins that succeed and that fail, with a server that repeats what it was sent."""
    canaries = ["canary-password", "canary-client", "canary-refresh", "token-"]
    oauth = OAuth(tokens.url, "id", "canary-client", "canary-refresh")
    fake_imap.password = "canary-password"
    fake_imap.tokens = {f"token-{number}" for number in range(10)}
    fake_imap.put("hana", mail(1))
    by_password = mailbox(fake_imap.port, "hana", password="canary-password", look_back=1)
    by_token = mailbox(fake_imap.port, "hana", password="", oauth=oauth, look_back=1)
    said = []
    with caplog.at_level(logging.DEBUG):
        for config, command, repeated in (
            (by_password, "LOGIN", "canary-password"),
            (by_token, "AUTHENTICATE", "token-1 canary-refresh canary-client"),
        ):
            fake_imap.refusals = {command: f"NO you said {repeated}"}
            said += [repr(config), *await check(config, QUICK)]
            fake_imap.refusals = {}
            said += await check(config, QUICK)
            storage = MailStorage()
            inbox = inbox_of(config, storage)
            async with taken_in(inbox, storage):
                await until(lambda: bool(storage.new))  # noqa: B023
                fake_imap.drop()
                await until(lambda: inbox.trouble != "")  # noqa: B023
                said.append(inbox.trouble)
    written = "\n".join([*said, caplog.text, *(str(record.__dict__) for record in caplog.records)])
    assert "you said ***" in written
    assert [canary for canary in canaries if canary in written] == []
