"""What people do in the fake Discord that the bot is not asked about: they write, delete, come, go and give roles."""

from tests.fakes.discord_chat import archive
from tests.fakes.discord_components import pings_of
from tests.fakes.discord_people import FORUM, GUILD, PERMISSIONS, TEXT, DiscordChannel, DiscordUser
from tests.fakes.discord_things import Posted
from tests.fakes.discord_world import World


class Places:
    """The channels and the people. Users, channels and roles are named by id or by name."""

    def __init__(self, world: World) -> None:
        self.world = world

    def say(self, user: str, channel: str, text: str, answers: str = "", pings: bool = True) -> Posted:
        """Somebody writes a message; in a thread that is archived it opens it again.

        `answers`: the message that it is a reply to, whose writer is called by it unless `pings` is off.
        """
        who, where = self.present(user, channel)
        if where.is_archived:
            archive(self.world, where, False)
        called = pings_of([text], None)
        if answers and pings:
            called.append(self.world.messages[answers].user)
        kind = 19 if answers else 0
        return self.world.add(where.id, who.id, text, reference=answers, pinged=called, kind=kind)

    def delete(self, channel: str, message: str) -> None:
        """Somebody deletes a message."""
        one = self.world.find(self.world.channel_named(channel).id, message)
        if one is None:
            raise LookupError(f"there is no message {message} in {channel}")
        self.world.remove(one)

    def add_channel(self, name: str, *, forum: bool = False, with_bot: bool = True) -> DiscordChannel:
        """A new channel of the guild; without the bot it cannot see it."""
        kind, position = FORUM if forum else TEXT, len(self.world.places())
        channel = DiscordChannel(self.world.snowflake(), name, kind, position)
        channel.denied |= set() if with_bot else {"view_channel"}
        self.world.channels[channel.id] = channel
        if with_bot:
            self.world.publish("CHANNEL_CREATE", channel.told(), channel.id)
        return channel

    def remove_channel(self, channel: str) -> None:
        """Somebody deletes a channel with all that is in it, or a thread."""
        where = self.world.channel_named(channel)
        where.is_deleted = True
        for thread in self.world.channels.values():
            thread.is_deleted = thread.is_deleted or thread.parent == where.id
        self.world.tell()
        self.world.publish("THREAD_DELETE" if where.is_thread else "CHANNEL_DELETE", where.told(), where.id)

    def archive(self, thread: str, is_archived: bool = True, *, is_locked: bool = False) -> None:
        """Somebody archives a thread (by its id), or opens it again; locked it is opened by moderators only."""
        where = self.world.channel_named(thread)
        if not where.is_thread:
            raise LookupError(f"{thread} is no thread")
        where.is_locked = is_locked
        archive(self.world, where, is_archived)

    def deny(self, channel: str, *permissions: str) -> None:
        """Somebody takes permissions from the bot in a channel: view_channel, send_messages, embed_links,
        create_public_threads, send_messages_in_threads, read_message_history, manage_threads ..."""
        self._overwrite(channel, permissions, is_denied=True)

    def allow(self, channel: str, *permissions: str) -> None:
        """Somebody gives them back."""
        self._overwrite(channel, permissions, is_denied=False)

    def kick_bot(self, channel: str = "") -> None:
        """Somebody hides a channel from the bot, or throws it out of the guild."""
        if channel:
            self.deny(channel, "view_channel")
        else:
            self.world.in_guild = False
            self.world.publish("GUILD_DELETE", {"id": GUILD}, "")

    def invite_bot(self, channel: str = "") -> None:
        """Somebody lets the bot see a channel, or invites it back into the guild."""
        if channel:
            self.allow(channel, "view_channel")
        else:
            self.world.in_guild = True

    def join(self, user: str) -> None:
        """Somebody comes into the guild."""
        who = self.world.user_named(user)
        who.is_member = True
        self.world.publish("GUILD_MEMBER_ADD", self._member(who), "")

    def leave(self, user: str) -> None:
        """Somebody leaves the guild, and with it their roles."""
        who = self.world.user_named(user)
        who.is_member, who.roles = False, []
        self.world.publish("GUILD_MEMBER_REMOVE", {"guild_id": GUILD, "user": who.told()}, "")

    deactivate = leave

    def give_role(self, user: str, role: str) -> None:
        """Somebody is given a role."""
        who, name = self.world.user_named(user), self.world.role_named(role)
        who.roles = [*(one for one in who.roles if one != name), name]
        self.world.publish("GUILD_MEMBER_UPDATE", self._member(who), "")

    def take_role(self, user: str, role: str) -> None:
        """A role is taken from somebody."""
        who, name = self.world.user_named(user), self.world.role_named(role)
        who.roles = [one for one in who.roles if one != name]
        self.world.publish("GUILD_MEMBER_UPDATE", self._member(who), "")

    def change_user(self, user: str, **changes: object) -> None:
        """Somebody's profile changes (fields of DiscordUser: name, global_name, nick, locale ...)."""
        who = self.world.user_named(user)
        for name, value in changes.items():
            if name not in DiscordUser.__dataclass_fields__:
                raise LookupError(f"a user has no {name}")
            setattr(who, name, value)
        self.world.publish("GUILD_MEMBER_UPDATE", self._member(who), "")

    def close_dm(self, user: str) -> None:
        """Somebody takes no direct messages from members any more: 50007."""
        self.world.user_named(user).is_closed = True

    def open_dm(self, user: str) -> None:
        """Somebody takes them again."""
        self.world.user_named(user).is_closed = False

    def present(self, user: str, channel: str) -> tuple[DiscordUser, DiscordChannel]:
        """Who and where; @hana as a channel is her direct messages with the bot."""
        who, where = self.world.user_named(user), self.world.channel_named(channel)
        if where.partner not in ("", who.id) or not (where.partner or who.is_member):
            raise LookupError(f"{user} is not in {channel}")
        return who, where

    def _member(self, who: DiscordUser) -> dict[str, object]:
        return who.told_with_user() | {"guild_id": GUILD}

    def _overwrite(self, channel: str, permissions: tuple[str, ...], is_denied: bool) -> None:
        where = self.world.channel_named(channel)
        if set(permissions) - set(PERMISSIONS):
            raise LookupError(
                f"there are no permissions {set(permissions) - set(PERMISSIONS)}, only {set(PERMISSIONS)}"
            )
        where.denied = where.denied | set(permissions) if is_denied else where.denied - set(permissions)
        self.world.publish("CHANNEL_UPDATE", where.told(), where.id)
