"""The people, roles and channels of the fake Discord's sample guild, as Discord tells of them."""

from dataclasses import dataclass, field
from typing import Any

APP = BOT_USER = "300000000000000001"
GUILD = EVERYONE = "400000000000000001"
HANA, KEN, EMMA, OTTO, ROBOT, ALIEN = (f"20000000000000000{n}" for n in range(1, 7))
AGENTS, SUPERVISORS, BOT_ROLE = (f"50000000000000000{n}" for n in range(1, 4))
SUPPORT, RETURNS, TEAM, IDEAS = (f"60000000000000000{n}" for n in range(1, 5))
JOINED = "2024-01-01T00:00:00.000000+00:00"
TEXT, DIRECT, THREAD, FORUM = 0, 1, 11, 15

PERMISSIONS = {
    "manage_channels": 1 << 4,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "send_messages_in_threads": 1 << 38,
}
ADMINISTRATOR = 1 << 3
ALL = sum(PERMISSIONS.values())
USUAL = ALL & ~sum(PERMISSIONS[name] for name in ("manage_channels", "manage_messages", "manage_threads"))


@dataclass
class DiscordUser:
    """Somebody who has an account; `nick`, `roles` and `is_member` are about the sample guild."""

    id: str
    name: str
    global_name: str = ""
    locale: str = "en-US"
    nick: str = ""
    roles: list[str] = field(default_factory=list)
    is_bot: bool = False
    is_member: bool = True
    is_closed: bool = False

    def told(self) -> dict[str, Any]:
        """Discord's user object; it says nothing of the locale."""
        return {
            "id": self.id,
            "username": self.name,
            "global_name": self.global_name or None,
            "discriminator": "0000" if self.is_bot else "0",
            "avatar": None,
            "banner": None,
            "accent_color": None,
            "avatar_decoration_data": None,
            "public_flags": 0,
            "flags": 0,
            **({"bot": True} if self.is_bot else {}),
        }

    def told_as_member(self) -> dict[str, Any]:
        """Discord's guild member object without the user."""
        return {
            "nick": self.nick or None,
            "avatar": None,
            "banner": None,
            "roles": list(self.roles),
            "joined_at": JOINED,
            "premium_since": None,
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }

    def told_with_user(self) -> dict[str, Any]:
        """Discord's guild member object."""
        return self.told_as_member() | {"user": self.told()}


@dataclass
class DiscordRole:
    """A role; a higher position is above."""

    id: str
    name: str
    position: int
    permissions: int = USUAL
    is_managed: bool = False

    def told(self) -> dict[str, Any]:
        """Discord's role object."""
        return {
            "id": self.id,
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.is_managed,
            "mentionable": False,
            "flags": 0,
            **({"tags": {"bot_id": BOT_USER}} if self.is_managed else {}),
        }


@dataclass
class DiscordChannel:
    """A channel of the guild, a thread (`parent`), or the direct messages between the bot and `partner`.

    `denied`: names of PERMISSIONS that the bot does not have here, by an overwrite for it.
    """

    id: str
    name: str
    kind: int = TEXT
    position: int = 0
    denied: set[str] = field(default_factory=set)
    parent: str = ""
    owner: str = ""
    partner: str = ""
    is_archived: bool = False
    is_locked: bool = False
    is_deleted: bool = False
    auto_archive: int = 1440
    archived_at: str = JOINED
    message_count: int = 0
    last_message: str = ""

    @property
    def is_thread(self) -> bool:
        return self.kind == THREAD

    def told(self) -> dict[str, Any]:
        """Discord's channel object, of direct messages without the recipient."""
        common = {"id": self.id, "type": self.kind, "last_message_id": self.last_message or None, "flags": 0}
        if self.partner:
            return common
        common |= {"guild_id": GUILD, "name": self.name, "rate_limit_per_user": 0}
        if self.is_thread:
            return common | {
                "parent_id": self.parent,
                "owner_id": self.owner,
                "message_count": self.message_count,
                "total_message_sent": self.message_count,
                "member_count": 1,
                "thread_metadata": {
                    "archived": self.is_archived,
                    "locked": self.is_locked,
                    "auto_archive_duration": self.auto_archive,
                    "archive_timestamp": self.archived_at,
                    "create_timestamp": JOINED,
                },
            }
        return common | {
            "parent_id": None,
            "position": self.position,
            "permission_overwrites": self.overwrites(),
            "nsfw": False,
            "topic": None,
            **({"available_tags": [], "default_sort_order": None} if self.kind == FORUM else {}),
        }

    def overwrites(self) -> list[dict[str, Any]]:
        """What the bot is denied here."""
        bits = sum(PERMISSIONS[name] for name in self.denied)
        return [{"id": BOT_USER, "type": 1, "allow": "0", "deny": str(bits)}] if bits else []


def sample_users() -> dict[str, DiscordUser]:
    """The sample people by id."""
    people = [
        DiscordUser(HANA, "hana", "佐藤 花", "ja", roles=[AGENTS]),
        DiscordUser(KEN, "ken", "Ken Miller", "en-GB", nick="Ken", roles=[AGENTS]),
        DiscordUser(EMMA, "emma", "Emma Clark", roles=[SUPERVISORS]),
        DiscordUser(OTTO, "otto", "Otto Lang", "de"),
        DiscordUser(ROBOT, "robot", is_bot=True),
        DiscordUser(ALIEN, "alien", "Alien Person", is_member=False),
        DiscordUser(BOT_USER, "desk", roles=[BOT_ROLE], is_bot=True),
    ]
    return {one.id: one for one in people}


def sample_roles() -> dict[str, DiscordRole]:
    """The sample roles by id; the one for everyone has the guild's id."""
    roles = [
        DiscordRole(EVERYONE, "@everyone", 0),
        DiscordRole(AGENTS, "Agents", 1),
        DiscordRole(SUPERVISORS, "Supervisors", 2),
        DiscordRole(BOT_ROLE, "Desk", 3, USUAL | PERMISSIONS["manage_threads"], is_managed=True),
    ]
    return {one.id: one for one in roles}


def sample_channels() -> dict[str, DiscordChannel]:
    """The sample channels by id: three for text, and a forum."""
    text = [
        DiscordChannel(*one, position=n)
        for n, one in enumerate(((SUPPORT, "support"), (RETURNS, "returns"), (TEAM, "team")))
    ]
    forum = DiscordChannel(IDEAS, "ideas", FORUM, position=3)
    return {one.id: one for one in [*text, forum]}
