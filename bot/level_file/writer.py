"""Writes service levels as the YAML document that reads back to them."""

from typing import Any

from bot.domain.levels import Calendar, Level, Levels
from bot.level_file.days import rows_of_days
from bot.level_file.values import amount_text
from bot.level_file.week import spans_text, week_texts

WIDTH = 110
_LIST, _TRUTH, _DATE = (f"tag:yaml.org,2002:{kind}" for kind in ("seq", "bool", "timestamp"))


class _Row(list[str | int]):
    """A list that is written into one line."""


def written(levels: Levels) -> str:
    """The document of these service levels: `read` makes equal ones of it."""
    import yaml  # takes a part of the start

    class Writer(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, False)

    resolvers = Writer.yaml_implicit_resolvers.items()  # dates are texts here, and stand without quotes
    Writer.yaml_implicit_resolvers = {first: [one for one in found if one[0] != _DATE] for first, found in resolvers}
    Writer.add_representer(_Row, lambda dumper, row: dumper.represent_sequence(_LIST, row, flow_style=True))
    Writer.add_representer(bool, lambda dumper, truth: dumper.represent_scalar(_TRUTH, "yes" if truth else "no"))
    text: str = yaml.dump(
        _document(levels), Dumper=Writer, allow_unicode=True, sort_keys=False, default_flow_style=False, width=WIDTH
    )
    return text


def _document(levels: Levels) -> dict[str, Any]:
    helps = levels.escalations
    return {
        "calendars": {name: _calendar(one) for name, one in levels.calendars.items()},
        "policies": [_level(one) for one in levels.levels],
        "escalations": _said(criteria=list(helps.criteria), experts=dict(helps.experts), call=helps.call),
        "digests": levels.digests,
    }


def _calendar(one: Calendar) -> dict[str, Any]:
    extra = {f"{day}": spans_text(spans) for day, spans in sorted(one.extra.items())}
    week = week_texts(one.week)
    return {"time_zone": one.zone, "week": week} | _said(
        holidays=one.holidays, closed=rows_of_days(one.closed), open=extra
    )


def _level(one: Level) -> dict[str, Any]:
    policy = one.policy
    return _said(
        name=one.name,
        queues=_Row(sorted(one.queues)),
        tags=_Row(one.spelled(one.tags)),
        ranks=_Row(one.spelled(one.ranks)),
        languages=_Row(sorted(one.languages)),
        calendar=one.calendar,
        urgent=policy.urgent,
        **{target.value: amount_text(amount) for target, amount in policy.targets.items()},
    ) | {
        "warn": _Row(policy.warn),
        **_said(
            overdue=_Row(map(amount_text, policy.overdue)),
            tell=one.person,
            untouched=amount_text(one.untouched) if one.untouched else "",
            hand_back=amount_text(one.hand_back) if one.hand_back else "",
            remind_after=one.remind_after,
            offer_closing=one.offer_closing,
        ),
    }


def _said(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value}
