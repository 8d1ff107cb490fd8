"""What the full-text index costs: a backlog from Dovecot with and without it, and how soon it has caught up."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.backlog import ROOT, fresh_databases
from benchmarks.mailgen import mails
from benchmarks.table import Figure, ratio, show
from tests.support.certificate import make_certificate
from tests.support.dovecot import HOW_TO_GET, Dovecot, dovecot_server

MAILS, ROUNDS = 5_000, 3
GOAL = "at most 1.2"
"""How many times as long the intake may take."""
HOW = ("indexed", "noted", "unnoted")
"""With the index running beside; only noting which texts are new, as if the index ran elsewhere; and neither."""


def main() -> None:
    """Run on each database and print a table for each."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as name:
        folder = Path(name)
        with dovecot_server(*make_certificate(folder)) as dovecot, fresh_databases(folder) as kinds:
            if dovecot is None:
                print(f"No Dovecot here: {HOW_TO_GET}.")
                return
            for kind, fresh in kinds.items():
                runs = [
                    {how: _run(dovecot, fresh(), f"{how}{kind.lower()}{n}", how) for how in HOW} for n in range(ROUNDS)
                ]
                spent = {how: [run[how][0] for run in runs] for how in HOW}
                told = {how: f"{ratio(spent[how], spent['unnoted']):.2f} times" for how in HOW[:2]}
                figures = [
                    Figure("intake, with the index running", spent["indexed"], "ms/mail", told["indexed"], GOAL),
                    Figure("intake that notes what is to be indexed", spent["noted"], "ms/mail", told["noted"], GOAL),
                    Figure("intake without an index", spent["unnoted"], "ms/mail"),
                    Figure("caught up after the last mail", [run["indexed"][1] for run in runs], "s"),
                ]
                show(f"The index beside a backlog of {MAILS:,} mails, {kind}", figures)


def _run(dovecot: Dovecot, url: str, user: str, how: str) -> tuple[float, float]:
    """Milliseconds a mail, and the seconds after the last one until the index had caught up."""
    for made in mails(MAILS):
        dovecot.put(user, made.content, at=made.at)
    command = [sys.executable, "-m", "benchmarks.our_backlog", url, str(dovecot.port), user, str(MAILS), how]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seconds, _, later = (float(one) for one in done.stdout.split()[:3])
    return 1000 * seconds / MAILS, later
