"""What goes wrong with a mailbox, in sentences that say what to mend."""

import imaplib
import re
import socket
import ssl
from collections.abc import Collection

from adapters.mail.imap.config import MailboxConfig

FAULTS = (OSError, imaplib.IMAP4.error, ValueError, LookupError, AttributeError)
"""What imaplib and imapclient raise: on lost lines and refusals, and (the last three) on answers that make no sense."""

CROWDED = re.compile(
    r"too many|simultaneous|maximum number of connections|connection limit|\[(?:LIMIT|INUSE|THROTTLED)\]"
    r"|authenticated but not connected",
    re.IGNORECASE,
)
FULL = re.compile(r"OVERQUOTA|over ?quota|quota exceeded|exceeds? (?:the |your )?quota|mailbox is full", re.IGNORECASE)
LATER = re.compile(r"\[UNAVAILABLE\]|\[SERVERBUG\]|temporar|try again|internal error", re.IGNORECASE)
LONGEST = 200
"""Characters of a server's own words that are shown."""


class MailboxError(Exception):
    """Something is wrong with a mailbox; the message is a sentence for operators.

    `is_cut`: the line is lost or cannot be trusted. `is_stubborn`: it stays so until a person mends it.
    """

    def __init__(self, sentence: str, *, is_cut: bool = True, is_stubborn: bool = False) -> None:
        super().__init__(sentence)
        self.is_cut = is_cut
        self.is_stubborn = is_stubborn


def explained(fault: Exception, config: MailboxConfig, step: str, secrets: Collection[str] = ()) -> MailboxError:
    """The fault as a sentence; `step` is what was being done: connect, login, select, search, fetch, flag or idle."""
    if isinstance(fault, MailboxError):
        return fault
    words = server_words(fault, (*config.secrets, *secrets))
    if isinstance(fault, OSError):
        return _of_the_line(fault, config, step, words)
    if isinstance(fault, imaplib.IMAP4.error):
        return _of_the_server(fault, config, step, words)
    return MailboxError(f"{config.host} answered something that makes no sense during {step}: {words}")


def server_words(fault: Exception, secrets: Collection[str]) -> str:
    """What a server said, short, on one line and without secrets."""
    said = fault.args[-1] if fault.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = re.sub(r"^(?:\w+ failed: )?b?(['\"])(.*)\1$", r"\2", text, flags=re.DOTALL)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return text[:LONGEST] or type(fault).__name__


def _of_the_line(fault: OSError, config: MailboxConfig, step: str, words: str) -> MailboxError:
    host, place = config.host, f"{config.host}:{config.real_port}"
    if isinstance(fault, socket.gaierror):
        return MailboxError(f"There is no host {host}, or its name cannot be looked up. Check the mailbox's host.")
    if isinstance(fault, ssl.SSLCertVerificationError):
        reason = fault.verify_message or "it cannot be verified"
        mend = "Use the host name that stands in the certificate, or set ca_file to the CA that signed it."
        return MailboxError(f"The certificate of {place} is not trusted: {reason}. {mend}", is_stubborn=True)
    if isinstance(fault, ssl.SSLError) and step == "connect":
        mend = "Check the port: 993 is usual for tls; 143 for starttls."
        return MailboxError(f"{place} does not speak TLS as expected ({words}). {mend}", is_stubborn=True)
    if isinstance(fault, FileNotFoundError | PermissionError | IsADirectoryError):
        return MailboxError(f"The ca_file {config.ca_file} cannot be read. Check its path and rights.")
    if isinstance(fault, ConnectionRefusedError):
        usual = "993 is usual for tls, 143 for starttls"
        return MailboxError(f"Nothing listens on {place}. Check the mailbox's host and port ({usual}).")
    if isinstance(fault, TimeoutError):
        mend = "Check host, port and firewall." if step == "connect" else "It is tried again."
        return MailboxError(f"{place} gave no answer in time during {step}. {mend}")
    return MailboxError(f"The connection to {place} was lost during {step} ({words}). It is tried again.")


def _of_the_server(fault: imaplib.IMAP4.error, config: MailboxConfig, step: str, words: str) -> MailboxError:
    is_cut = isinstance(fault, imaplib.IMAP4.abort)
    if CROWDED.search(words):
        mend = f"Close other programs that use {config.user}, or raise the server's limit."
        return MailboxError(f"{config.host} allows no more connections ({words}). {mend}")
    if FULL.search(words):
        mend = "Make room in the mailbox."
        return MailboxError(f"The mailbox of {config.user} is over its quota ({words}). {mend}", is_cut=is_cut)
    match step:
        case "login" if LATER.search(words) or is_cut:
            return MailboxError(f"{config.host} cannot log {config.user} in just now ({words}). It is tried again.")
        case "login":
            return MailboxError(_login(config, words), is_stubborn=True)
        case "connect":
            mend = "Check the port and security (tls, starttls or plain)."
            return MailboxError(f"{config.host}:{config.real_port} does not greet as a mail server ({words}). {mend}")
        case "flag" if not is_cut:
            what = f"be moved to {config.move_to!r}" if config.move_to else "be marked as seen"
            return MailboxError(f"Mail is taken in but cannot {what} on {config.host}: {words}.", is_cut=False)
    if is_cut:
        return MailboxError(f"{config.host} closed the connection during {step} ({words}). It is tried again.")
    return MailboxError(f"{config.host} refused during {step}: {words}.", is_cut=False)


def _login(config: MailboxConfig, words: str) -> str:
    if config.oauth:
        mend = "Check that the account allows IMAP, and that the token is for this user."
        return f"{config.host} refused the access token of {config.user} ({words}). {mend}"
    mend = "Check user and password; many providers want an app password."
    if "application-specific" in words.lower() or "app password" in words.lower():
        mend = "Make an app password for this account and set it as the password."
    return f"{config.host} refused the password of {config.user} ({words}). {mend}"


def missing_folder(folder: str, config: MailboxConfig, names: Collection[str], words: str) -> MailboxError:
    """A folder cannot be opened: which there are instead."""
    if folder in names:
        sentence = f"The folder {folder!r} of {config.user} cannot be opened: {words}."
    else:
        there = ", ".join(sorted(names)[:20]) or "none that can be seen"
        sentence = f"{config.user} has no folder {folder!r} on {config.host}. There are: {there}."
    return MailboxError(sentence, is_stubborn=True)


def no_encryption(config: MailboxConfig) -> MailboxError:
    """The server takes passwords only over TLS."""
    sentence = f"{config.host} takes passwords only over TLS. Set security to tls or starttls."
    return MailboxError(sentence, is_stubborn=True)
