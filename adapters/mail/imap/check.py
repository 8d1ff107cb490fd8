"""Tries a mailbox step by step, for the doctor."""

from adapters.mail.imap.config import MailboxConfig
from adapters.mail.imap.errors import MailboxError
from adapters.mail.imap.link import Link
from adapters.mail.imap.patience import Patience
from adapters.mail.imap.worker import Worker
from adapters.mail.oauth import TokenError, Tokens


async def check(config: MailboxConfig, patience: Patience | None = None) -> list[str]:
    """What is wrong with a mailbox, a sentence each, the first step that fails last; empty when all is well.

    Connects, logs in, opens the folder (and the sent folder), and asks what the server can do. Changes nothing.
    """
    try:
        token = await Tokens(config.oauth).token() if config.oauth else ""
    except TokenError as fault:
        return [str(fault)]
    troubles = await _tried(config, token, patience or Patience())
    if config.sent_folder and not troubles:
        troubles += await _tried(config.for_sent_folder(), token, patience or Patience())
    return list(dict.fromkeys(troubles))


async def _tried(config: MailboxConfig, token: str, patience: Patience) -> list[str]:
    link = Link(config, patience.connect, patience.read)
    worker = Worker(f"check {config.name}")
    try:
        await worker.do(link.connect)
        await worker.do(link.log_in, token)
        await worker.do(link.open)
        return await worker.do(link.lacks)
    except MailboxError as fault:
        return [str(fault)]
    finally:
        try:
            await worker.do(link.close)
        finally:
            worker.stop()
