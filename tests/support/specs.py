"""The platforms' own descriptions of their APIs: beside the checkout, or where MADOGUCHI_SPECS says."""

import os
from pathlib import Path

from tests.support.needs import need

SPECS = Path(os.environ.get("MADOGUCHI_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
DISCORD = SPECS / "discord-openapi.json"


def need_specs() -> None:
    """Skip the test where there are none."""
    need("specs", DISCORD.is_file(), "set MADOGUCHI_SPECS to the directory of discord-openapi.json")
