"""What some tests need from the machine: skipped where it is missing, failed where it was promised."""

import os

import pytest

PROMISED = "MADOGUCHI_REQUIRE"


def need(what: str, available: bool, how: str) -> None:
    """Skip the test that calls this unless `what` is available; `how` says in one line how to get it.

    Where the environment variable MADOGUCHI_REQUIRE names `what` (words parted by spaces, for example
    "postgresql chromium corpus"), a skip would hide a fault of the machine: the test fails instead.
    """
    if available:
        return
    if what in os.environ.get(PROMISED, "").split():
        pytest.fail(f"{PROMISED} promises {what}, but it is missing; {how}", pytrace=False)
    pytest.skip(f"needs {what}; {how}")
