"""The starter set: the templates that a new desk begins with, in each language a folder of Markdown files."""

from pathlib import Path

from bot.domain.errors import Refusal
from bot.domain.template import Draft
from bot.template_files import Judge, read_files

FOLDER = Path(__file__).parent
STARTER_SET = "starter set"
"""Why they are there, as their first version says it."""


def starters() -> list[Draft]:
    """The templates of the starter set: for any queue, without an owner and without a date of review."""
    return Judge({}, (), (), _unsaid).drafts(read_files(FOLDER))


def _unsaid(refusal: Refusal) -> str:
    return f"{refusal.key} {dict(refusal.details)}"
