"""The fake Slack in a process of its own, with a channel for each queue of a `World`."""

from tests.fakes.chat_process import ServedChat, Shown
from tests.journeys.slack_reading import seen_card


class SlackProcess(ServedChat):
    """A fake Slack."""

    kind = "slack"
    module = "tests.fakes.slack"

    def cards(self) -> list[Shown]:
        standing = [one for one in self.messages() if not (one["deleted"] or one["thread_ts"])]
        return [Shown(one["channel"], one["ts"], seen_card(one, one["channel"]).title) for one in standing]
