"""The starter set: the templates and the service levels that a new desk begins with.

For each language there is a folder, with a Markdown file for each template and a YAML document of service levels.
"""

from pathlib import Path

from bot.domain.errors import Refusal
from bot.domain.template import Draft
from bot.level_file import country_of_zone
from bot.template_files import Judge, read_files

FOLDER = Path(__file__).parent
STARTER_SET = "starter set"
"""Why they are there, as their first version says it."""


def starters() -> list[Draft]:
    """The templates of the starter set: for any queue, without an owner and without a date of review."""
    return Judge({}, (), (), _unsaid).drafts(read_files(FOLDER))


def starter_levels(language: str, zone: str) -> str:
    """The document of service levels to begin with: Monday to Friday by the clocks and the public holidays there."""
    text = (FOLDER / language / "service-levels.yaml").read_text(encoding="utf-8")
    return text.replace("{time_zone}", zone).replace("{holidays}", country_of_zone(zone) or "none")


def _unsaid(refusal: Refusal) -> str:
    return f"{refusal.key} {dict(refusal.details)}"
