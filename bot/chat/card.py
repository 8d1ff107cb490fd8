"""Cards and forms: everything that Madoguchi shows in a chat."""

from dataclasses import dataclass
from enum import Enum

from bot.chat.text import Text


class Tone(Enum):
    """What a card feels like; each platform maps it to a colour, always beside words.

    QUIET in a channel: nothing is left to do or to say there, and what platforms keep beside the card is cleared of it.
    """

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    ALERT = "alert"
    QUIET = "quiet"


class Style(Enum):
    """How much a button asks to be pressed. QUIET: it only shows something."""

    PRIMARY = "primary"
    NORMAL = "normal"
    QUIET = "quiet"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value on a card."""

    label: str
    value: Text


@dataclass(frozen=True, slots=True)
class Button:
    """A command with options already filled in; `call` is what `bot.chat.invocation.call` wrote."""

    label: str
    call: str
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True)
class Link:
    """A download from our own web server: `path` begins with /. What customers write never becomes one."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a list on a card, with an optional button or link of its own; or the heading of the rows after it.

    `button` stands beside the row where there is room; `buttons` are a row of at most five buttons under it.
    """

    text: Text
    detail: Text = ()
    button: Button | None = None
    link: Link | None = None
    heading: bool = False
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: `parts` are its amounts, in the order of the chart's `parts`; `note` stands behind it.

    They stand behind each other and are told with their sum: nothing is counted in two of them.
    """

    label: str
    parts: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Amounts as bars, for those who would rather look than read.

    `parts` names what the amounts of each bar are, each with the tone in which it is drawn; at most four. Each platform
    draws it as it can, always with the numbers as text.
    """

    title: str
    parts: tuple[tuple[str, Tone], ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A message in a chat. `quote` holds a customer's words, which platforms fence visibly; with `is_ours`, the team's.

    `copy` is a text of ours to be copied as it stands: in a box of its own, to be marked with one press where possible.
    """

    title: str
    tone: Tone = Tone.QUIET
    badge: str = ""
    lines: tuple[Text, ...] = ()
    fields: tuple[Field, ...] = ()
    quote: str = ""
    is_ours: bool = False
    copy: str = ""
    chart: Chart | None = None
    items: tuple[Item, ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: Text = ()
    summary: str = ""
    """One line for notifications and screen readers; the title when empty."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that an option or a form's input may take."""

    value: str
    label: str


class InputKind(Enum):
    """How a form asks. MEMBER: for one of the platform's people; its value is their user id there."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Input:
    """One question of a form."""

    name: str
    label: str
    kind: InputKind = InputKind.LINE
    required: bool = False
    value: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A command that still needs options: submitting it makes `call` again, with the inputs added."""

    title: str
    call: str
    inputs: tuple[Input, ...]
    submit: str
    cancel: str
    intro: str = ""
