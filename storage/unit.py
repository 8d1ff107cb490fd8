"""The unit of work: one transaction, seen as the rooms of the store."""

from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Clock
from storage.absences import AbsenceTable
from storage.advice import AdviceTable
from storage.agents import AgentTable
from storage.arrivals import ArrivalTable
from storage.articles import ArticleTable
from storage.audits import AuditTable
from storage.digests import DigestTable
from storage.erasures import ErasureTable
from storage.escalations import EscalationTable
from storage.follow_ups import FollowUpTable
from storage.help_requests import HelpRequestTable
from storage.histories import HistoryTable
from storage.inquiries import InquiryTable
from storage.levels import LevelsTable
from storage.mails import MailTable
from storage.nudges import NudgeTable
from storage.outbox import OutboxTable
from storage.people import PeopleTable
from storage.phone import PhoneTable
from storage.placements import PlacementTable
from storage.prepared import PreparedTable
from storage.queues import QueueTable
from storage.search import SearchTable
from storage.session import Session
from storage.templates import TemplateTable


class Unit:
    """Each room is made when it is first entered."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.session = Session(connection, clock)

    @property
    def said(self) -> bool:
        """True when notices were put into the outbox."""
        return self.session.said

    async def finish(self) -> None:
        """Do what comes last: who draws a board keeps all others from it until the commit."""
        if self.session.boards:
            await self.phone.draw_boards()

    @cached_property
    def inquiries(self) -> InquiryTable:
        return InquiryTable(self.session)

    @cached_property
    def mails(self) -> MailTable:
        return MailTable(self.session)

    @cached_property
    def agents(self) -> AgentTable:
        return AgentTable(self.session)

    @cached_property
    def queues(self) -> QueueTable:
        return QueueTable(self.session)

    @cached_property
    def outbox(self) -> OutboxTable:
        return OutboxTable(self.session)

    @cached_property
    def arrivals(self) -> ArrivalTable:
        return ArrivalTable(self.session)

    @cached_property
    def placements(self) -> PlacementTable:
        return PlacementTable(self.session)

    @cached_property
    def customers(self) -> PeopleTable:
        return PeopleTable(self.session)

    @cached_property
    def histories(self) -> HistoryTable:
        return HistoryTable(self.session)

    @cached_property
    def templates(self) -> TemplateTable:
        return TemplateTable(self.session)

    @cached_property
    def search(self) -> SearchTable:
        return SearchTable(self.session)

    @cached_property
    def erasures(self) -> ErasureTable:
        return ErasureTable(self.session)

    @cached_property
    def levels(self) -> LevelsTable:
        return LevelsTable(self.session)

    @cached_property
    def nudges(self) -> NudgeTable:
        return NudgeTable(self.session)

    @cached_property
    def follow_ups(self) -> FollowUpTable:
        return FollowUpTable(self.session)

    @cached_property
    def absences(self) -> AbsenceTable:
        return AbsenceTable(self.session)

    @cached_property
    def audits(self) -> AuditTable:
        return AuditTable(self.session)

    @cached_property
    def digests(self) -> DigestTable:
        return DigestTable(self.session)

    @cached_property
    def escalations(self) -> EscalationTable:
        return EscalationTable(self.session)

    @cached_property
    def phone(self) -> PhoneTable:
        return PhoneTable(self.session)

    @cached_property
    def advice(self) -> AdviceTable:
        return AdviceTable(self.session)

    @cached_property
    def help_requests(self) -> HelpRequestTable:
        return HelpRequestTable(self.session)

    @cached_property
    def prepared(self) -> PreparedTable:
        return PreparedTable(self.session)

    @cached_property
    def articles(self) -> ArticleTable:
        return ArticleTable(self.session)
