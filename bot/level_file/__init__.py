"""Service levels as a YAML document: read with every mistake by its line, and written.

The parts (amounts, hours of a week, dates, countries) are read and written by themselves too, for forms.
"""

from bot.level_file.days import day_of, days_of, days_text, rows_of_days
from bot.level_file.places import country_of, country_of_zone, holidays_in, zone_of
from bot.level_file.problem import LevelsWrong, Problem, Unreadable
from bot.level_file.reader import check, name_of, read, spellings, tag_of, words_of
from bot.level_file.values import amount_of, amount_text, count_of, share_of, truth_of
from bot.level_file.week import spans_of, spans_text, week_of, week_text, week_texts, weekdays_of
from bot.level_file.writer import written

__all__ = [
    "LevelsWrong",
    "Problem",
    "Unreadable",
    "amount_of",
    "amount_text",
    "check",
    "count_of",
    "country_of",
    "country_of_zone",
    "day_of",
    "days_of",
    "days_text",
    "holidays_in",
    "name_of",
    "read",
    "rows_of_days",
    "share_of",
    "spans_of",
    "spans_text",
    "spellings",
    "tag_of",
    "truth_of",
    "week_of",
    "week_text",
    "week_texts",
    "weekdays_of",
    "words_of",
    "written",
    "zone_of",
]
