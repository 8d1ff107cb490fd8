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
GOAL = 1.2
"""How many times as long the intake may take."""


def main() -> None:
    """Run on each database and print a table for each."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as name:
        folder = Path(name)
        with dovecot_server(*make_certificate(folder)) as dovecot, fresh_databases(folder) as kinds:
            if dovecot is None:
                print(f"No Dovecot here: {HOW_TO_GET}.")
                return
            for kind, fresh in kinds.items():
                times = [
                    (
                        _run(dovecot, fresh(), f"indexed{kind.lower()}{n}", True),
                        _run(dovecot, fresh(), f"plain{kind.lower()}{n}", False),
                    )
                    for n in range(ROUNDS)
                ]
                with_it = [one[0] for one, _ in times]
                without = [other[0] for _, other in times]
                told = f"{ratio(with_it, without):.2f} times"
                figures = [
                    Figure("intake, with the index running", with_it, "ms/mail", told, f"at most {GOAL}"),
                    Figure("intake alone", without, "ms/mail"),
                    Figure("caught up after the last mail", [one[1] for one, _ in times], "s"),
                ]
                show(f"The index beside a backlog of {MAILS:,} mails, {kind}", figures)


def _run(dovecot: Dovecot, url: str, user: str, is_indexed: bool) -> tuple[float, float]:
    """Milliseconds a mail, and the seconds after the last one until the index had caught up."""
    for made in mails(MAILS):
        dovecot.put(user, made.content, at=made.at)
    command = [sys.executable, "-m", "benchmarks.our_backlog", url, str(dovecot.port), user, str(MAILS)]
    command += ["indexed"] if is_indexed else []
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seconds, _, later = (float(one) for one in done.stdout.split()[:3])
    return 1000 * seconds / MAILS, later
