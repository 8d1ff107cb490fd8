"""What people do in the fake Slack that the app is not told of: they write, delete, archive, join and leave."""

from collections.abc import Iterable

from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_people import BOT_USER, SlackChannel, SlackUser
from tests.fakes.slack_world import Posted, World


class Places:
    """The channels and who is in them. Users and channels are named by id or by name."""

    def __init__(self, world: World) -> None:
        self.world = world

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> Posted:
        """Somebody writes a message; the app is not told of it."""
        who, where = self.present(user, channel)
        words = payloads.typed(self.world, text)
        bot_id = f"B{who.id[1:]}" if who.is_bot else ""
        blocks = payloads.rich_words(words)
        return self.world.add(where.id, who.id, words, blocks, thread_ts=thread_ts, bot_id=bot_id)

    def delete(self, channel: str, ts: str) -> None:
        """Somebody deletes a message."""
        one = self.world.find(self.world.channel_named(channel).id, ts)
        if one is None:
            raise LookupError(f"there is no message {ts} in {channel}")
        self.world.remove(one)

    def add_channel(
        self, name: str, members: Iterable[str] = (), *, private: bool = False, with_bot: bool = True
    ) -> SlackChannel:
        """A new channel, with its creator's choice of people (all when none are named)."""
        named = {self.world.user_named(one).id for one in members}
        people = named or {one.id for one in self.world.users.values() if not one.deleted}
        channel_id = f"{'G' if private else 'C'}0{''.join(letter for letter in name.upper() if letter.isalnum())}"
        channel = SlackChannel(channel_id, name, people - {BOT_USER}, is_private=private)
        channel.members |= {BOT_USER} if with_bot else set()
        self.world.channels[channel.id] = channel
        return channel

    def archive(self, channel: str, is_archived: bool = True) -> None:
        """Somebody archives a channel, or fetches it back."""
        self.world.channel_named(channel).is_archived = is_archived

    def kick_bot(self, channel: str) -> None:
        """Somebody removes the app from a channel."""
        self.world.channel_named(channel).members.discard(BOT_USER)

    def invite_bot(self, channel: str) -> None:
        """Somebody invites the app into a channel."""
        self.world.channel_named(channel).members.add(BOT_USER)

    def join(self, user: str, channel: str) -> None:
        """Somebody joins a channel."""
        self.world.channel_named(channel).members.add(self.world.user_named(user).id)

    def leave(self, user: str, channel: str) -> None:
        """Somebody leaves a channel."""
        self.world.channel_named(channel).members.discard(self.world.user_named(user).id)

    def present(self, user: str, channel: str) -> tuple[SlackUser, SlackChannel]:
        """Who and where; @hana as a channel is her direct messages with the bot."""
        who = self.world.user_named(user)
        where = self.world.channel_named(channel)
        if who.id not in where.members:
            raise LookupError(f"{user} is not in {channel}")
        return who, where
