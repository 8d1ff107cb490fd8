"""What a platform says of a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as their platform knows them; `language` and `time_zone` are empty when it does not say.

    `is_member`: one of the organisation's own people, who may be of the team. Guests, people of another workspace
    and other bots are not. `is_active` is False once their account is closed. `mention`: what one writes after the @
    to name them, where that is not their name. `role`: "agent", "supervisor" or "none" where the platform itself says
    who is of the team; empty where it does not.
    """

    user: str
    name: str
    language: str = ""
    time_zone: str = ""
    is_member: bool = True
    is_active: bool = True
    mention: str = ""
    role: str = ""

    @property
    def named(self) -> str:
        """What one writes after the @."""
        return self.mention or self.name

    @property
    def may_join(self) -> bool:
        """True when this person may be of the team."""
        return self.is_member and self.is_active
