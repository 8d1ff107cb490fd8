"""The spool on real folders: identity, restarts at every step, half-written files, order and size."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.mail.maildir import Arrival, arrivals
from adapters.mail.spool import Spool, deliver
from bot.domain.message import RawMail

PATIENCE = 10.0
# Long enough for several looks, including the wait for files that were written in place.
A_WHILE = 0.9
NEVER = 0.35


def spool_on(folder: Path, clock: datetime | None = None) -> Spool:
    return Spool("spool:support", "support", folder, lambda: clock or datetime.now(UTC))


async def first(batches: AsyncIterator[Sequence[RawMail]]) -> Sequence[RawMail]:
    return await asyncio.wait_for(anext(batches), PATIENCE)


async def assert_quiet(spool: Spool, seconds: float) -> None:
    """Nothing is handed over within these seconds."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(spool.batches()), seconds)


async def gather(spool: Spool, count: int) -> list[RawMail]:
    """So many mails, each batch flagged as stored."""
    found: list[RawMail] = []
    async for batch in spool.batches():
        await spool.done(batch)
        found.extend(batch)
        if len(found) >= count:
            break
    return found


def contents(mails: Sequence[RawMail]) -> list[bytes]:
    return [mail.content for mail in mails]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def place(folder: Path, name: str, content: bytes, *, age: float = 10.0) -> Path:
    """A file that was written some seconds ago."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


async def come_to_rest() -> None:
    """After this the spool takes all files at its first look, however slow the machine is."""
    await asyncio.sleep(0.1)


def append(path: Path, content: bytes) -> None:
    with open(path, "ab") as file:
        file.write(content)


# --- arrival ------------------------------------------------------------------------------------------


async def test_a_delivered_mail_is_handed_over_with_its_identity(tmp_path: Path) -> None:
    spool = spool_on(tmp_path / "spool")
    before = datetime.now(UTC) - timedelta(seconds=1)
    batches = spool.batches()
    waiting = asyncio.create_task(first(batches))
    await asyncio.sleep(0.2)
    deliver(tmp_path / "spool", b"hello")
    (mail,) = await waiting
    assert (mail.mailbox, mail.validity, mail.content) == ("spool:support", "", b"hello")
    assert before <= mail.received_at <= datetime.now(UTC)
    assert (tmp_path / "spool" / "cur" / mail.uid).read_bytes() == b"hello"
    assert spool.trouble == ""


async def test_done_flags_the_mail_and_it_is_not_handed_over_again(tmp_path: Path) -> None:
    deliver(tmp_path, b"hello")
    (mail,) = await gather(spool_on(tmp_path), 1)
    (flagged,) = files(tmp_path)
    assert flagged.name in (f"{mail.uid}:2,S", f"{mail.uid}!2,S")
    await assert_quiet(spool_on(tmp_path), NEVER)


async def test_done_of_a_mail_that_somebody_removed_is_no_fault(tmp_path: Path) -> None:
    deliver(tmp_path, b"hello")
    spool = spool_on(tmp_path)
    batch = await first(spool.batches())
    (tmp_path / "cur" / batch[0].uid).unlink()
    await spool.done(batch)
    assert files(tmp_path) == []


async def test_the_same_name_dropped_twice_gives_two_mails(tmp_path: Path) -> None:
    spool = spool_on(tmp_path)
    batches = spool.batches()
    uids = set()
    for content in (b"one", b"two"):
        place(tmp_path, "order.eml", content)
        (mail,) = await first(batches)
        assert mail.content == content
        uids.add(mail.uid)
        await spool.done([mail])
    assert len(uids) == 2
    assert len(files(tmp_path / "cur")) == 2


async def test_dot_files_folders_and_links_are_left_alone(tmp_path: Path) -> None:
    place(tmp_path, ".hidden", b"x")
    place(tmp_path, "new/.partial", b"x")
    place(tmp_path, "tmp/unfinished", b"x")
    place(tmp_path, "sub/inside", b"x")
    secret = place(tmp_path.parent, "secret", b"x")
    (tmp_path / "new" / "link").symlink_to(secret)
    await assert_quiet(spool_on(tmp_path), A_WHILE)


async def test_a_received_time_never_lies_in_the_future(tmp_path: Path) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    deliver(tmp_path, b"x")
    (mail,) = await first(spool_on(tmp_path, clock=past).batches())
    assert mail.received_at == past


# --- half-written files -------------------------------------------------------------------------------


@pytest.mark.parametrize("place_in", ["", "new"])
async def test_a_file_is_not_read_while_it_is_written(tmp_path: Path, place_in: str) -> None:
    spool = spool_on(tmp_path)
    (tmp_path / "new").mkdir()
    batches = spool.batches()
    waiting = asyncio.create_task(first(batches))
    for _ in range(8):
        append(tmp_path / place_in / "slow.eml", b"line\n")
        await asyncio.sleep(0.15)
        assert not waiting.done()
    assert contents(await waiting) == [b"line\n" * 8]


@pytest.mark.parametrize("command", [["mv"], ["cp"], ["cp", "-p"]])
@pytest.mark.skipif(os.name == "nt", reason="these are programs of POSIX")
async def test_files_moved_or_copied_by_hand_come_whole(tmp_path: Path, command: list[str]) -> None:
    folder, content = tmp_path / "spool", os.urandom(3_000_000)
    spool = spool_on(folder)
    batches = spool.batches()
    waiting = asyncio.create_task(first(batches))
    await asyncio.sleep(0.05)
    source = place(tmp_path, "source.eml", content)
    await asyncio.to_thread(subprocess.run, [*command, str(source), str(folder / "mail.eml")], check=True)
    assert contents(await waiting) == [content]


async def test_a_file_written_and_moved_at_once_comes_whole(tmp_path: Path) -> None:
    spool = spool_on(tmp_path)
    batches = spool.batches()
    waiting = asyncio.create_task(first(batches))
    await asyncio.sleep(0.05)
    (tmp_path / "tmp" / "x").write_bytes(b"whole")
    (tmp_path / "tmp" / "x").rename(tmp_path / "new" / "x")
    assert contents(await waiting) == [b"whole"]


async def test_a_file_from_the_future_is_not_hidden_for_ever(tmp_path: Path) -> None:
    place(tmp_path, "future.eml", b"x", age=-86_400)
    assert contents(await first(spool_on(tmp_path).batches())) == [b"x"]


async def test_an_empty_file_waits_for_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "opened.eml"
    path.touch()
    spool = spool_on(tmp_path)
    await assert_quiet(spool, A_WHILE)
    path.write_bytes(b"now it is written")
    assert contents(await first(spool.batches())) == [b"now it is written"]


def test_when_a_file_is_ready() -> None:
    def arrival(size: int, written: float, changed: float) -> Arrival:
        return Arrival(Path("x"), size, int(written * 1e9), int(changed * 1e9))

    assert not arrival(1, 100.0, 100.0).is_ready(100.4)
    assert arrival(1, 100.0, 100.0).is_ready(100.6)
    assert arrival(1, 90.0, 100.0).is_ready(100.1)
    # The two times of a file that is being written are set one after the other.
    assert not arrival(1, 99.9999, 100.0).is_ready(100.001)
    assert not arrival(0, 100.0, 100.0).is_ready(130.0)
    assert arrival(0, 100.0, 100.0).is_ready(161.0)


# --- restarts -----------------------------------------------------------------------------------------


async def test_a_crash_after_the_hand_over_hands_over_again_under_the_same_uid(tmp_path: Path) -> None:
    for content in (b"one", b"two", b"three"):
        deliver(tmp_path, content)
    await come_to_rest()
    before = await first(spool_on(tmp_path).batches())
    after = await first(spool_on(tmp_path).batches())
    assert before == after
    assert len(after) == 3


async def test_a_crash_between_two_flags_hands_over_the_rest(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        deliver(tmp_path, content)
    await come_to_rest()
    spool = spool_on(tmp_path)
    batch = await first(spool.batches())
    await spool.done(batch[:1])
    assert list(await first(spool_on(tmp_path).batches())) == list(batch[1:])


async def test_a_crash_between_two_moves_loses_and_doubles_nothing(tmp_path: Path) -> None:
    for number in range(5):
        place(tmp_path, f"{number}.eml", b"%d" % number, age=10 - number)
    await come_to_rest()
    spool = spool_on(tmp_path)
    batches = spool.batches()
    taken = await first(batches)
    # As if the process had died when only two of the five files were moved.
    for mail in taken[2:]:
        (tmp_path / "cur" / mail.uid).rename(tmp_path / "new" / f"{mail.content.decode()}.eml")
    await come_to_rest()
    again = await gather(spool_on(tmp_path), 5)
    assert sorted(contents(again)) == [b"0", b"1", b"2", b"3", b"4"]
    assert [mail.uid for mail in again[:2]] == [mail.uid for mail in taken[:2]]
    await assert_quiet(spool_on(tmp_path), NEVER)


async def test_every_new_start_of_the_iteration_begins_with_what_is_not_done(tmp_path: Path) -> None:
    deliver(tmp_path, b"one")
    spool = spool_on(tmp_path)
    assert await first(spool.batches()) == await first(spool.batches())


async def test_flags_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    place(tmp_path, "cur/1700000000.M1P1.host:2,S", b"old")
    place(tmp_path, "cur/1700000000.M2P1.host", b"of another program")
    await assert_quiet(spool_on(tmp_path), NEVER)


# --- order, size, trouble -----------------------------------------------------------------------------


async def test_many_mails_come_in_order_and_in_batches(tmp_path: Path) -> None:
    now = time.time_ns() - 10**11
    for number in range(300):
        path = place(tmp_path, f"new/{999 - number}.eml", b"%d" % number)
        os.utime(path, ns=(now, now + number * 1000))
    await come_to_rest()
    spool = spool_on(tmp_path)
    sizes: list[int] = []
    found: list[bytes] = []
    async for batch in spool.batches():
        sizes.append(len(batch))
        found.extend(contents(batch))
        await spool.done(batch)
        if len(found) == 300:
            break
    assert sizes == [100, 100, 100]
    assert found == [b"%d" % number for number in range(300)]


async def test_equal_times_are_ordered_by_name(tmp_path: Path) -> None:
    for name in "cab":
        path = place(tmp_path, f"new/{name}", name.encode())
        os.utime(path, ns=(10**18, 10**18))
    await come_to_rest()
    batch = await first(spool_on(tmp_path).batches())
    assert contents(batch) == [b"a", b"b", b"c"]
    assert contents(await first(spool_on(tmp_path).batches())) == [b"a", b"b", b"c"]


async def test_batches_are_bounded_by_bytes_and_a_big_mail_comes_alone(tmp_path: Path) -> None:
    megabytes = [3, 3, 3, 20, 1]
    for number, size in enumerate(megabytes):
        place(tmp_path, f"{number}", b"x" * size * 1024 * 1024, age=100 - number)
    await come_to_rest()
    spool = spool_on(tmp_path)
    seen: list[list[int]] = []
    async for batch in spool.batches():
        seen.append([len(mail.content) // 1024**2 for mail in batch])
        await spool.done(batch)
        if sum(map(len, seen)) == len(megabytes):
            break
    assert seen == [[3, 3], [3], [20], [1]]


async def test_a_file_that_cannot_be_read_is_told_and_holds_up_nobody(tmp_path: Path) -> None:
    huge = place(tmp_path, "huge.eml", b"x")
    os.truncate(huge, 300 * 1024 * 1024)
    os.utime(huge, (1, 1))
    deliver(tmp_path, b"good")
    await come_to_rest()
    spool = spool_on(tmp_path)
    batches = spool.batches()
    assert contents(await first(batches)) == [b"good"]
    assert "too large" in spool.trouble
    (huge,) = [path for path in files(tmp_path / "cur") if path.stat().st_size > 1000]
    huge.write_bytes(b"mended")
    assert contents(await first(batches)) == [b"mended"]
    assert spool.trouble == ""


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
async def test_a_file_without_permission_is_told_and_holds_up_nobody(tmp_path: Path) -> None:
    place(tmp_path, "locked.eml", b"x").chmod(0)
    deliver(tmp_path, b"good")
    spool = spool_on(tmp_path)
    assert contents(await first(spool.batches())) == [b"good"]
    assert "cannot be read" in spool.trouble


async def test_a_folder_that_cannot_be_used_is_told_until_it_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.write_bytes(b"a file stands where the folder should be")
    spool = spool_on(folder)
    batches = spool.batches()
    waiting = asyncio.create_task(first(batches))
    await asyncio.sleep(0.3)
    assert str(folder) in spool.trouble
    folder.unlink()
    deliver(folder, b"hello")
    assert contents(await waiting) == [b"hello"]
    assert spool.trouble == ""


async def test_a_folder_that_vanishes_and_comes_back_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    deliver(folder, b"one")
    spool = spool_on(folder)
    batches = spool.batches()
    await spool.done(await first(batches))
    shutil.rmtree(folder)
    waiting = asyncio.create_task(first(batches))
    await asyncio.sleep(0.3)
    assert spool.trouble
    deliver(folder, b"two")
    assert contents(await waiting) == [b"two"]


def test_deliver_leaves_nothing_aside(tmp_path: Path) -> None:
    deliver(tmp_path, b"hello")
    (path,) = files(tmp_path)
    assert path.parent == tmp_path / "new"
    (arrival,) = arrivals(tmp_path)
    assert arrival.is_ready(time.time() + 0.05)
