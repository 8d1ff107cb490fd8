"""The fake Discord in a process of its own, with a channel for each queue of a `World`."""

from tests.fakes.chat_process import ServedChat, Shown
from tests.journeys.discord_reading import seen_card


class DiscordProcess(ServedChat):
    """A fake Discord."""

    kind = "discord"
    module = "tests.fakes.discord"
    there = ("returns",)

    def cards(self) -> list[Shown]:
        every = self.messages()
        threads = {one["thread"] for one in every}
        standing = [one for one in every if not (one["deleted"] or one["only"] or one["channel"] in threads)]
        return [Shown(one["channel"], one["id"], seen_card(one, one["channel"]).title) for one in standing]
