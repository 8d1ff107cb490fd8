"""Mail that no person wrote: delivery reports, automatic answers, mailing lists."""

import re

from adapters.mail.body import Body
from adapters.mail.headers import Headers

DESK_HEADER = "x-madoguchi-desk"
"""Every mail that we send carries it, so that we know our own when they come back."""

_START_CHARACTERS = 4000
_MACHINE = re.compile(r"mailer-?daemon|mail-?daemon|mail delivery (?:sub)?system|mdaemon@", re.IGNORECASE)
_POSTMASTER = re.compile(r"\bpoo?st-?_?master\b", re.IGNORECASE)
_REPORT_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|returned mail|returned to sender|delivery status|non-?delivery|failure notice"
    r"|failure delivery|delivery (?:has )?fail|delivery (?:was )?delayed|failed delivery|mail failure"
    r"|mail system error|delayed mail|could ?n.t be delivered|unzustellbar|nicht zugestellt|non remis"
    r"|no se pudo entregar|mancato recapito|配信不能|配信失敗|送信できませんでした|エラーメール|退信",
    re.IGNORECASE,
)
_REPORT_TEXT = re.compile(
    r"\b[45]\d\d[ -]#?[45]\.\d{1,2}\.\d{1,3}\b|^\s*(?:final-recipient|diagnostic-code|reporting-mta)\s*:"
    r"|user unknown|unknown user|mailbox (?:is )?(?:full|unavailable)|host unknown|no such user"
    r"|(?:smtp|mail) server|remote (?:host|server) said|(?:could|was) not (?:be )?deliver|not able to deliver"
    r"|wasn't able to deliver|following address|following recipient|undeliverable|permanent(?: fatal)? error"
    r"|delivery (?:to the following|failed|attempts)|returned (?:below|to sender)|unsent message|original message"
    r"|配信できません|送信できません|宛先が見つかりません",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoreply-from",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-autoresponder",
    "x-fc-machinegenerated",
    "x-cron-env",
    "x-mlserver",
)
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")
_BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply", "autoreply"})
# Anchored, and with the mark that programs set: people also write about automatic answers.
_ANSWER_SUBJECT = re.compile(
    r"(?:(?:automatic reply|auto(?:matic)?[ -]?re(?:ply|sponse)|out of (?:the )?office(?: auto-?reply)?"
    r"|automatische antwort|abwesenheitsnotiz|réponse automatique|respuesta automática|risposta automatica"
    r"|resposta automática|automatisch antwoord|自動返信|自動応答|自动回复|自動回覆)\s*[:：]"
    r"|[\[【(（](?:auto(?:matic)?[ -]?re(?:ply|sponse)|out of office|自動返信|自動応答|自動送信)[\]】)）])",
    re.IGNORECASE,
)
_REPORTS_OF_MACHINES = ("disposition-notification", "feedback-report")


def is_bounce(headers: Headers, body: Body, sender: str, subject: str) -> bool:
    """True for a delivery report: by its form (RFC 3464), by its sender, or by words of a nameless sender.

    A subject alone proves nothing: customers too write "delivery failed", about a parcel.
    """
    report = body.values.get("report-type", "").lower()
    if body.content_type == "multipart/report" and report in _REPORTS_OF_MACHINES:
        return False
    if body.has_delivery_status or report == "delivery-status" or "x-failed-recipients" in headers:
        return True
    if _MACHINE.search(sender):
        return True
    if not (_POSTMASTER.search(sender) or _is_from_nobody(headers)):
        return False
    if _REPORT_SUBJECT.search(subject):
        return True
    return bool(_REPORT_TEXT.search(body.text, 0, _START_CHARACTERS)) and not _is_answer(headers)


def came_back(headers: Headers, desk: str) -> bool:
    """True for a mail that we sent ourselves, by the mark of our desk."""
    return bool(desk) and desk in (value.strip() for value in headers.every(DESK_HEADER))


def is_auto(headers: Headers, body: Body, subject: str, *, is_ours: bool = False) -> bool:
    """True for mail that a machine sent: RFC 3834, lists, bulk, out-of-office, receipts.

    `Auto-Submitted: no` is a person's mail by that standard; what came through our own list (`is_ours`) is
    not for that a machine's.
    """
    submitted = headers.token("auto-submitted")
    if submitted:
        return submitted != "no"
    if body.content_type == "multipart/report":
        return True
    if _ANSWER_SUBJECT.match(subject):
        return True
    return _is_answer(headers, is_ours=is_ours) or (_is_from_nobody(headers) and not is_ours)


def _is_answer(headers: Headers, *, is_ours: bool = False) -> bool:
    if headers.token("auto-submitted") == "auto-replied" or any(headers.raw(name) for name in _ANSWER_HEADERS):
        return True
    precedence = {value.strip().lower() for value in headers.every("precedence")} & _BULK
    if is_ours:
        # The list says one of them itself; the other would be the writer's.
        return bool(precedence - {"list"} if "list" in precedence else precedence - {"bulk"})
    return bool(precedence) or any(name in headers for name in _LIST_HEADERS)


def _is_from_nobody(headers: Headers) -> bool:
    """True for the empty return path, which only machines use."""
    return any(value.strip() == "<>" for value in headers.every("return-path")[:1])
