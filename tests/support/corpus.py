"""The corpus of real mails that tests may read: beside the checkout, or where MADOGUCHI_CORPUS says."""

import os
from pathlib import Path

from tests.support.needs import need

CORPUS = Path(os.environ.get("MADOGUCHI_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")


def need_corpus() -> None:
    """Skip the test where there is none."""
    need("corpus", (CORPUS / "ORACLE.jsonl").is_file(), "set MADOGUCHI_CORPUS to its directory")


def corpus_files() -> list[Path]:
    """All its mails, in order."""
    return sorted(path for path in (CORPUS / "mail").rglob("*") if path.is_file())
