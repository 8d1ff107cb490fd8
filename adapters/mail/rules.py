"""What an operator told about the shop's own mail: its lists, its mark and its web forms."""

from dataclasses import dataclass

from adapters.mail.forms import FormRule


@dataclass(frozen=True, slots=True)
class Rules:
    """`own_lists`: addresses or List-Ids of the shop's own groups, through which customers write.

    `desk`: what our own mails carry as X-Madoguchi-Desk; a mail with it is ours, come back.
    `forms`: the senders of web forms.
    """

    own_lists: tuple[str, ...] = ()
    desk: str = ""
    forms: tuple[FormRule, ...] = ()


NO_RULES = Rules()
