"""The tables of what the team knows: templates, the texts that can be found, and opinions."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.rows import Row, table
from storage.tables.rows import text as long_text

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A number of 64 bits, which SQLite's integers always are."""


class TemplateRow(Row, table=True):
    """A template as it stands: one for each name, queue ("" any) and language."""

    __tablename__ = "template"
    __table_args__ = (sa.UniqueConstraint("name", "queue", "language"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str
    queue: str = ""
    language: str
    title: str
    body: str = long_text()
    version: int = 1
    owner_id: int | None = Field(default=None, foreign_key="agent.id")
    review_on: date | None = Field(default=None, index=True)
    reminded_on: date | None = None
    retired: bool = False
    uses: int = 0
    used_at: datetime | None = None


class TemplateVersionRow(Row, table=True):
    """What a template said at each version, who wrote it, and why."""

    __tablename__ = "template_version"
    template_id: int = Field(primary_key=True, foreign_key="template.id")
    version: int = Field(primary_key=True)
    title: str
    body: str = long_text()
    at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    why: str = long_text(default="")


class ArticleRow(Row, table=True):
    """An article as it was written last; what everybody is shown is its version `approved_version` (0: none).

    `advice_id` is the piece of advice that it was made from, `number` the inquiry in which that was given.
    """

    __tablename__ = "article"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    language: str
    question: str
    situation: str = long_text(default="")
    words: str = long_text()
    version: int = 1
    approved_version: int = 0
    retired: bool = False
    queue: str = ""
    owner_id: int | None = Field(default=None, foreign_key="agent.id")
    review_on: date | None = Field(default=None, index=True)
    reminded_on: date | None = None
    advice_id: int | None = Field(default=None, foreign_key="advice.id", unique=True)
    number: int | None = Field(default=None, foreign_key="inquiry.number", index=True)
    uses: int = 0
    used_at: datetime | None = None


class ArticleVersionRow(Row, table=True):
    """What an article said at each version, and who wrote it."""

    __tablename__ = "article_version"
    article_id: int = Field(primary_key=True, foreign_key="article.id")
    version: int = Field(primary_key=True)
    question: str
    situation: str = long_text(default="")
    words: str = long_text()
    at: datetime
    agent_id: int | None = Field(default=None, foreign_key="agent.id")


class OpinionRow(Row, table=True):
    """Whether somebody found an earlier inquiry's answer (`about`) helpful for another one (`number`)."""

    __tablename__ = "opinion"
    number: int = Field(primary_key=True, foreign_key="inquiry.number")
    about: int = Field(primary_key=True, foreign_key="inquiry.number", index=True)
    agent_id: int = Field(primary_key=True, foreign_key="agent.id")
    helpful: bool
    at: datetime


class DocumentRow(Row, table=True):
    """A text that can be found. Its words stand in the full-text index `search_index`, under the same id.

    `kind` and `ref` say which text it is: an inquiry and its answer by number, a template, a customer or a note by id.
    Its `id` is made of its time and of these; queue, agent and status of an inquiry are looked up in its own row.
    """

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("kind", "ref"),)
    id: int = Field(primary_key=True, sa_type=LARGE)
    kind: str
    ref: int
    number: int | None = Field(default=None, index=True)
    queue: str = ""
    agent_id: int | None = None
    at: datetime


class ReindexRow(Row, table=True):
    """A text that changed since its words were put into the index.

    Each change has a row of its own: one that is made while the text is being indexed is not taken for done with it.
    """

    __tablename__ = "reindex"
    id: int | None = Field(default=None, primary_key=True, sa_type=LARGE)
    kind: str
    ref: int


template = table(TemplateRow)
template_version = table(TemplateVersionRow)
article = table(ArticleRow)
article_version = table(ArticleVersionRow)
opinion = table(OpinionRow)
document = table(DocumentRow)
reindex = table(ReindexRow)
