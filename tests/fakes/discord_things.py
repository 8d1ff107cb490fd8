"""The things that come and go in the fake Discord: messages, open modals, interactions."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord_components import texts_of, walk

STARTER = 21
"""The kind of the message with which a thread begins that was started from a message."""
EPHEMERAL, LOADING, HAS_THREAD, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 5, 1 << 15


@dataclass
class Posted:
    """A message as Discord keeps it. `only`: the one person who sees it (an ephemeral one); `seen` counts up with
    everything that is new; `former`: the components that it had before it was changed, which somebody may still have
    in front of them; `pinged`: everybody whom it ever called (ids, "@everyone")."""

    id: str
    channel: str
    user: str
    content: str
    at: float
    seen: int
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    nonce: str = ""
    only: str = ""
    reference: str = ""
    interaction: str = ""
    updates: int = 0
    deleted: bool = False
    thread: str = ""
    kind: int = 0
    pinged: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    former: list[dict[str, Any]] = field(default_factory=list)

    @property
    def replaced(self) -> int:
        """How often it became another in place (the word for ephemeral ones)."""
        return self.updates

    @property
    def is_loading(self) -> bool:
        """Whether it still says that the application is thinking."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """Everything that can be read in it, line by line, buttons too."""
        return "\n".join(texts_of(self.content, self.embeds, self.components))

    @property
    def custom_ids(self) -> list[str]:
        return [str(one["custom_id"]) for one in walk(self.components) if one.get("custom_id")]

    @property
    def key(self) -> str:
        """What stands behind the last | of its first custom_id, where the adapter puts the mark of a send."""
        return self.custom_ids[0].rpartition("|")[2] if self.custom_ids else ""


@dataclass
class Modal:
    """A form as one person sees it. `message`: the message whose button opened it."""

    id: str
    user: str
    custom_id: str
    title: str
    components: list[dict[str, Any]]
    seen: int
    channel: str
    message: str = ""


@dataclass
class Interaction:
    """One thing that a person did. `kind`: 2 command, 3 component, 4 autocomplete, 5 modal. `first` is the type of
    the first response, 0 until there is one; `original` the message that it made or changed."""

    id: str
    token: str
    kind: int
    user: str
    channel: str
    at: float
    message: str = ""
    first: int = 0
    original: str = ""
    is_late: bool = False
    answered: asyncio.Future[dict[str, Any]] | None = None
