"""The wiring of mail: the reader of mails, shared by all inboxes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from bot.domain.message import Message
from bot.mailrooms import FirstMailReader
from bot.settings import Settings
from tests.support.needs import need

INBOXES = 8


def children() -> set[str]:
    """The processes that this one has started and that still run."""
    tasks = Path("/proc/self/task")
    need("/proc", tasks.exists(), "only Linux shows the children of a process")
    return {pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()}


def test_inboxes_whose_first_mails_come_at_once_share_one_reader() -> None:
    before = children()
    for _ in range(5):
        reader = FirstMailReader(Settings(_env_file=None))
        together = Barrier(INBOXES)

        def read(number: int, reader: FirstMailReader = reader, together: Barrier = together) -> str:
            together.wait(30)
            (said,) = reader.read_all([f"Subject: mail {number}\r\n\r\nhello".encode()])
            assert isinstance(said, Message)
            return said.subject

        with ThreadPoolExecutor(INBOXES) as threads:
            assert list(threads.map(read, range(INBOXES))) == [f"mail {number}" for number in range(INBOXES)]
        assert len(children() - before) == 1
        reader.close()
        assert children() == before
