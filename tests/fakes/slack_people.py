"""The people and the channels of the fake Slack's sample workspace, as Slack tells of them."""

from dataclasses import dataclass, field
from typing import Any

TEAM, TEAM_NAME, DOMAIN, APP = "T0TEAM", "Sample Team", "sample-team", "A0APP"
BOT_USER, BOT = "U0DESK", "B0DESK"
STRANGE_TEAM = "T0OTHER"
ZONES = {
    "Asia/Tokyo": ("Japan Standard Time", 32400),
    "Europe/London": ("Greenwich Mean Time", 0),
    "America/New_York": ("Eastern Standard Time", -18000),
}


@dataclass
class SlackUser:
    """Somebody of the workspace, or a guest, a bot, somebody of another workspace."""

    id: str
    name: str
    real_name: str
    locale: str = "en-US"
    tz: str = "Asia/Tokyo"
    display_name: str = ""
    team_id: str = TEAM
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    updated: int = 1700000000

    def told(self, include_locale: bool = False) -> dict[str, Any]:
        """Slack's user object; those who left have no zone and no locale any more."""
        label, offset = ZONES.get(self.tz, (self.tz, 0))
        told: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": {
                "real_name": self.real_name,
                "real_name_normalized": self.real_name,
                "display_name": self.display_name,
                "display_name_normalized": self.display_name,
                "avatar_hash": "g0123456789a",
                "status_text": "",
                "status_emoji": "",
                "team": self.team_id,
            },
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.is_stranger:
            told["is_stranger"] = True
        if self.deleted:
            return told
        told |= {
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": label,
            "tz_offset": offset,
            "color": "9f69e7",
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_email_confirmed": True,
            "who_can_share_contact_card": "EVERYONE",
        }
        return told | {"locale": self.locale} if include_locale else told


@dataclass
class SlackChannel:
    """A channel, or with `partners` the direct messages between the bot and others."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    partners: tuple[str, ...] = ()

    @property
    def is_direct(self) -> bool:
        return len(self.partners) == 1

    @property
    def kind(self) -> str:
        """What scopes call it: channels, groups, im or mpim."""
        if self.partners:
            return "im" if self.is_direct else "mpim"
        return "groups" if self.is_private else "channels"

    def told(self) -> dict[str, Any]:
        """Slack's conversation object."""
        common = {
            "id": self.id,
            "created": 1700000000,
            "is_archived": self.is_archived,
            "is_im": self.is_direct,
            "is_org_shared": False,
            "context_team_id": TEAM,
            "updated": 1700000000000,
        }
        if self.is_direct:
            return common | {"user": self.partners[0], "is_user_deleted": False, "priority": 0}
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": False,
            "is_mpim": bool(self.partners),
            "is_private": self.is_private or bool(self.partners),
            "is_general": False,
            "is_shared": False,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "is_member": BOT_USER in self.members,
            "unlinked": 0,
            "creator": "U0OTTO",
            "shared_team_ids": [TEAM],
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }


def sample_users() -> dict[str, SlackUser]:
    """The sample people by id."""
    people = [
        SlackUser("U0HANA", "hana", "佐藤 花", "ja-JP", display_name="hana"),
        SlackUser("U0KEN", "ken", "Ken Miller", "en-GB", "Europe/London", display_name="ken"),
        SlackUser("U0EMMA", "emma", "Emma Clark", display_name="emma"),
        SlackUser("U0OTTO", "otto", "Otto Lang", display_name="otto"),
        SlackUser("U0GUEST", "guest", "Guest Person", is_restricted=True),
        SlackUser("U0ALIEN", "alien", "Alien Person", team_id=STRANGE_TEAM, is_stranger=True),
        SlackUser("U0ROBOT", "robot", "Robot", is_bot=True),
        SlackUser("U0GONE", "gone", "Gone Person", deleted=True),
        SlackUser("USLACKBOT", "slackbot", "Slackbot"),
        SlackUser(BOT_USER, "desk", "Desk", is_bot=True),
    ]
    return {one.id: one for one in people}


def sample_channels() -> dict[str, SlackChannel]:
    """The sample channels by id; the bot and the people are in all of them."""
    members = {"U0HANA", "U0KEN", "U0EMMA", "U0OTTO", "U0GUEST", "U0ALIEN", "U0ROBOT", BOT_USER}
    names = ("support", "returns", "team")
    return {f"C0{name.upper()}": SlackChannel(f"C0{name.upper()}", name, set(members)) for name in names}
