"""The sample people of the embedded workspace: two agents and a supervisor, in Japanese and in English."""

from dataclasses import dataclass

SUPERVISORS = "supervisors"
"""A channel for those who supervise alone: nobody else sees it, as in a private channel of other chats."""
_ROLE = "supervisor"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whom a browser tab can act as. `role` is a hint for the page; rights belong to the core.

    `language` is "ja" or "en"; `time_zone` an IANA name such as "Asia/Tokyo".
    """

    handle: str
    name: str
    role: str
    language: str
    time_zone: str

    def may_see(self, channel: str) -> bool:
        """Whether a channel, or somebody's direct messages, are for this person too."""
        if channel.startswith("@"):
            return channel == f"@{self.handle}"
        return channel != SUPERVISORS or self.role == _ROLE


SAMPLE_PEOPLE = (
    Person("hana", "佐藤 花", "agent", "ja", "Asia/Tokyo"),
    Person("ken", "Ken Miller", "agent", "en", "Europe/London"),
    Person("emma", "Emma Clark", "supervisor", "en", "Asia/Tokyo"),
)
