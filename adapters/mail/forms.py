"""Web forms that write to us by mail: the customer stands in the text, in lines of a name and a value."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from adapters.mail.display import safe_line
from bot.domain.message import Message

_NAMES = (
    "name", "your name", "full name", "from name", "customer", "customer name", "contact name",
    "お名前", "氏名", "名前", "ご氏名", "お客様名", "お客様氏名", "お客様のお名前", "ご担当者名", "担当者名", "姓名",
)  # fmt: skip
_ADDRESSES = (
    "email", "mail", "your email", "email address", "mail address", "from email", "reply to", "from", "eメール",
    "メールアドレス", "eメールアドレス", "mailアドレス", "emailアドレス", "電子メール", "メール", "アドレス",
    "ご連絡先メールアドレス", "連絡先メールアドレス", "お客様メールアドレス", "返信先",
)  # fmt: skip
_SUBJECTS = (
    "subject", "your subject", "title", "topic", "inquiry type", "件名", "題名", "タイトル", "ご用件", "用件",
    "お問い合わせ件名", "お問合せ件名", "お問い合わせ種別", "お問い合わせ項目",
)  # fmt: skip
_BODIES = (
    "message", "your message", "message body", "body", "comment", "comments", "inquiry", "question", "content",
    "details", "お問い合わせ内容", "お問合せ内容", "お問合わせ内容", "本文", "内容", "メッセージ", "メッセージ本文",
    "ご質問", "ご質問内容", "ご相談内容", "ご要望", "コメント", "お問い合わせ", "ご意見", "備考",
)  # fmt: skip

_READ_CHARACTERS = 50_000
_MARK = r"[ \t\u3000■□●◆◇▼▽・*]*"
_BRACKETED = re.compile(_MARK + r"[【［\[〔](?P<name>[^】］\]〕\n]{1,40})[】］\]〕][ \t\u3000]*[:：]?(?P<value>.*)")
_COLON = re.compile(_MARK + r"(?P<name>[^:：\n]{1,40}?)[ \t\u3000]*[:：](?!//)(?P<value>.*)")
_HEADING = re.compile(r"[ \t\u3000]*[■□●◆◇▼▽](?P<name>[^:：\n]{1,40})$(?P<value>)")
_RULER = re.compile(r"[ \t\u3000]*[-_=*━─―—－＝]{4,}[ \t\u3000]*$")
_REQUIRED = re.compile(r"[(（\[【]?(?:必須|任意|required|optional|\*|※)[)）\]】]?", re.IGNORECASE)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class FormRule:
    """One sender of web-form mails, and the names of its fields; the usual ones in Japanese and English count too.

    `sender` is an address, a domain ("@forms.example.jp"), or one with * for any characters.
    """

    sender: str
    name: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    body: tuple[str, ...] = ()

    def matches(self, sender: str) -> bool:
        """Whether a mail of this sender is the form's."""
        pattern = re.escape(self.sender.strip().lower()).replace(r"\*", ".*")
        local = ".*" if self.sender.startswith("@") else ""
        return re.fullmatch(local + pattern, sender.lower()) is not None


def form_rules(setting: str) -> tuple[FormRule, ...]:
    """The rules of a setting like FORM_SENDERS="no-reply@shop.example.jp, @forms.example.com".

    A sender may name fields of its own: "form@example.com name=Who address=Reply at body=Text"; several
    names of one field are parted by "|". Senders are parted by commas or line ends.
    Raises ValueError, in words, for a sender without "@" or a field that there is not.
    """
    rules = []
    for one in re.split(r"[,\n]", setting):
        if not one.strip():
            continue
        sender, *fields = re.split(r"\s+(?=\w+=)", one.strip())
        if "@" not in sender or " " in sender:
            raise ValueError(f"{sender!r} is no address or @domain of a web form")
        named = dict(field.partition("=")[::2] for field in fields)
        if unknown := named.keys() - {"name", "address", "subject", "body"}:
            raise ValueError(f"{sorted(unknown)[0]!r} is no field of a web form: name, address, subject, body")
        rules.append(FormRule(sender, **{key: tuple(value.split("|")) for key, value in named.items()}))
    return tuple(rules)


def from_form(message: Message, rules: Collection[FormRule]) -> Message:
    """The message as its customer's, when a rule names its sender and the text holds a valid address.

    Otherwise the message as it is. The whole text is kept; only `reply_text` becomes what the customer wrote.
    Anybody can type anybody's address into a form: its mails answer nothing, they have no references.
    """
    rule = next((one for one in rules if one.matches(message.from_address)), None)
    if rule is None or message.is_bounce:
        return message
    fields = _fields(message.text[:_READ_CHARACTERS], rule)
    address = _valid(_first(fields, (*rule.address, *_ADDRESSES)))
    if not address:
        return message
    return replace(
        message,
        from_address=address,
        from_name=safe_line(_first(fields, (*rule.name, *_NAMES)).split("\n")[0], 200),
        subject=safe_line(_first(fields, (*rule.subject, *_SUBJECTS)).split("\n")[0]) or message.subject,
        reply_text=_first(fields, (*rule.body, *_BODIES)).strip() or message.text,
        references=(),
        is_auto=False,
    )


def _fields(text: str, rule: FormRule) -> dict[str, str]:
    """The values by the normal form of their names; a value goes on until the next field or ruler.

    A line of the customer's own text is no field for having a colon: known names end the text of the body.
    """
    known = {_normal(one) for one in (*_NAMES, *_ADDRESSES, *_SUBJECTS, *_BODIES)}
    known |= {_normal(one) for one in (*rule.name, *rule.address, *rule.subject, *rule.body)}
    bodies = {_normal(one) for one in (*rule.body, *_BODIES)}
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    in_body = False
    for line in text.split("\n"):
        match = _BRACKETED.match(line) or _COLON.match(line) or _HEADING.match(line)
        name = _normal(match["name"]) if match else ""
        is_new = name not in found and (name in known or (bool(name) and not in_body))
        if match and is_new:
            current = found.setdefault(name, [match["value"].strip()])
            in_body = name in bodies
        elif _RULER.match(line):
            current = None if current and any(current) else current
        elif current is not None:
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def _first(fields: dict[str, str], names: Collection[str]) -> str:
    return next((value for one in names if (value := fields.get(_normal(one), ""))), "")


def _normal(name: str) -> str:
    """A field name without width, case, blanks and signs."""
    plain = _REQUIRED.sub("", name.translate(_WIDE)).lower()
    return re.sub(r"[\s_\-*・.\"'()（）]+", "", plain)


def _valid(value: str) -> str:
    """The one address in a value, or "": an address is never guessed from several."""
    found = set(_ADDRESS.findall(value.translate(_WIDE)[:1000]))
    return found.pop() if len(found) == 1 else ""
