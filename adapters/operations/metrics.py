"""The Prometheus metrics: what is counted, and how it is told."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

COUNTERS = {
    "madoguchi_inquiries_opened_total": ("Inquiries opened", ("queue",)),
    "madoguchi_mails_total": ("Mails taken in, by what became of them", ("outcome",)),
    "madoguchi_cards_delivered_total": ("Cards and messages delivered", ("platform",)),
    "madoguchi_commands_total": ("Commands carried out", ("verb",)),
    "madoguchi_nudges_total": ("Nudges dealt with, by who was told and what of", ("rung", "kind")),
    "madoguchi_telephone_events_total": ("Events of telephone systems, by what became of them", ("became",)),
    "madoguchi_phone_watch_total": ("What time brought about in calls, by what", ("what",)),
    "madoguchi_command_errors_total": ("Commands that failed by an error of ours", ("verb",)),
}
HISTOGRAMS = {
    "madoguchi_nudge_lag_seconds": ("From when a nudge might be said until it was found, in seconds", ("kind",)),
    "madoguchi_delivery_seconds": ("From a change to its card, in seconds", ("platform",)),
}
GAUGES = {
    "pending": ("madoguchi_outbox_pending", "Messages that wait to be delivered"),
    "ambiguous": ("madoguchi_outbox_ambiguous", "Messages of which nobody knows whether they went out"),
    "refused": ("madoguchi_outbox_refused", "Messages that a platform refused"),
    "oldest_pending_seconds": ("madoguchi_outbox_oldest_seconds", "Age of the oldest message that waits"),
    "due": ("madoguchi_nudges_due", "Inquiries of which something is to be said now"),
    "lag_seconds": ("madoguchi_nudge_lag_oldest_seconds", "For how long the oldest of them has been due"),
    "missing": ("madoguchi_nudges_missing", "Nudges that were due and that the audit found missing"),
}
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """`bot.ports.Meter` for Prometheus, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters = {
            name: Counter(name.removesuffix("_total"), text, labels, registry=self._registry)
            for name, (text, labels) in COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(name, text, labels, buckets=SECONDS, registry=self._registry)
            for name, (text, labels) in HISTOGRAMS.items()
        }
        self._gauges = {figure: Gauge(name, text, registry=self._registry) for figure, (name, text) in GAUGES.items()}

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter of the table. Raises KeyError for one that is not in it."""
        self._counters[name].labels(**labels).inc(amount)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add to a histogram of the table. Raises KeyError for one that is not in it."""
        self._histograms[name].labels(**labels).observe(seconds)

    def figure(self, name: str, value: float) -> None:
        """Set a gauge; figures that are not in the table are for /healthz alone."""
        if name in self._gauges:
            self._gauges[name].set(value)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)
