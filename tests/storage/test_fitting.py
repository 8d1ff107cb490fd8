"""The team's own texts that fit what is asked: those that should come first, and none where none fits."""

import re
from collections.abc import Sequence
from datetime import date

import pytest

from bot.domain.template import Draft
from bot.ports import Fitting, TextKind
from storage.database import Database
from storage.hits import Hits
from storage.telling import telling_grams
from tests.builders import a_queue, an_act, an_agent, an_article
from tests.storage.texts import arrived, indexed, resolved
from tests.support.clock import MORNING

TODAY = date(2026, 4, 1)

TEMPLATES = {
    "late-ja": ("配送の遅れのお詫び", "ご注文の商品の到着が遅れており、申し訳ございません。追跡番号をご確認ください。"),
    "invoice-ja": (
        "請求書の再発行",
        "請求書を再発行いたします。宛名と送付先をお知らせください。ご注文番号も必要です。",
    ),
    "password-ja": ("パスワードの再設定", "ログイン画面の「パスワードをお忘れの方」から再設定してください。"),
    "return-ja": ("返品の手順", "商品到着後30日以内でしたら返品を承ります。ご注文番号を添えてお送りください。"),
    "hours-ja": ("営業時間のご案内", "営業時間は平日9時から18時までです。ご注文は24時間承ります。"),
    "thanks-ja": ("ご注文のお礼", "ご注文ありがとうございます。商品の発送までお待ちください。"),
    "late-en": ("Delayed delivery", "We are sorry that your order is delayed. Here is the tracking link."),
    "invoice-en": ("Copy of an invoice", "We will send you a copy of your invoice. Which address shall be on it?"),
    "password-en": (
        "Reset your password",
        "Use the link on the login page to choose a new password for your order page.",
    ),
    "return-en": (
        "How to return an item",
        "You may return an item of your order within 30 days. The label is enclosed.",
    ),
    "thanks-en": ("Thank you for your order", "Thank you for your order. We will send it soon."),
}
ARTICLES = {
    "broken": ("画面が割れた商品が届いたら", "写真を送ってもらい、その日のうちに交換品を手配する。", "ja"),
    "points": ("ポイントの失効を防げるか", "失効前なら一年延長できます。失効後は戻せません。", "ja"),
    "customs": (
        "Who pays customs duties?",
        "The customer pays duties outside the union; we refund them for gifts.",
        "en",
    ),
}
PAST = {
    "noise": (
        "掃除機の異音について",
        "買ったばかりの掃除機から異音がします。",
        "フィルターを外して付け直すと直ります。",
    ),
    "subscription": ("Pausing a subscription", "Can I pause my subscription in August?", "Yes, under Account, Pause."),
}
COMMON = [("注文について", f"注文した商品の件で{word}のことを聞きたいです。") for word in ("色", "柄", "箱", "袋")] * 8

CASES: tuple[tuple[str, str, str], ...] = (
    ("荷物が届かない\n注文した商品の配送が遅れているようです。", "ja", "late-ja"),
    ("配送遅延の件", "ja", "late-ja"),
    ("領収書ではなく請求書の宛名を変えてほしい", "ja", "invoice-ja"),
    ("請求書再発行のお願い\nいつもお世話になっております。注文の件です。", "ja", "invoice-ja"),
    ("ログインできません\nパスワードを忘れてしまいました。", "ja", "password-ja"),
    ("ﾊﾟｽﾜｰﾄﾞ再設定", "ja", "password-ja"),
    ("返品したいのですが", "ja", "return-ja"),
    ("届いたスマホの画面が割れています", "ja", "broken"),
    ("ポイントが失効しました", "ja", "points"),
    ("掃除機から異音がする", "ja", "noise"),
    ("My delivery is delayed\nWhen will my order come? I have been waiting for the item.", "en", "late-en"),
    ("I need copies of two invoices", "en", "invoice-en"),
    ("forgot password, cannot login", "en", "password-en"),
    ("Returning an item of my order", "en", "return-en"),
    ("customs duty on a gift", "en", "customs"),
    ("pause my subscriptions", "en", "subscription"),
)
NOTHING: tuple[tuple[str, str], ...] = (
    ("注文", "ja"),
    ("ご注文の商品について", "ja"),
    ("お世話になっております。よろしくお願いいたします。", "ja"),
    ("駐車場はありますか\n犬を連れて行きたいです。", "ja"),
    ("宇宙旅行の申込み\n商品の注文はできますか。", "ja"),
    ("your order", "en"),
    ("Thank you, please call me", "en"),
    ("Do you sell trumpets for left-handed elephants?\nI would like to order one.", "en"),
    ("", "ja"),
    ("？！…", "ja"),
)


@pytest.fixture
async def library(database: Database) -> Database:
    """Texts in two languages, and many inquiries that all say the same common words."""
    await a_queue(database, "support")
    hana = await an_agent(database)
    async with database.transaction() as tx:
        for name, (title, body) in TEMPLATES.items():
            await tx.templates.add(Draft(name, name[-2:], title, body), hana, MORNING)
        for question, words, language in ARTICLES.values():
            draft = an_article(question, words=words, language=language)
            await tx.articles.add(draft.approve(TODAY), hana, MORNING)
    asked = [(subject, text) for subject, text, _ in PAST.values()]
    numbers = [one.number for one in await arrived(database, [*asked, *COMMON])]
    answers = [*(answer for _, _, answer in PAST.values()), *("承知しました" for _ in COMMON)]
    for number, answer in zip(numbers, answers, strict=True):
        await resolved(database, number, answer, hana)
    await indexed(database)
    return database


async def fitting(database: Database, text: str, language: str = "ja", limit: int = 3) -> list[Fitting]:
    async with database.snapshot() as tx:
        return await tx.search.fitting(text, language, limit)


def _texts() -> dict[str, tuple[str, str]]:
    """What each text is called in these tests: its title and words."""
    articles = {name: (question, words) for name, (question, words, _) in ARTICLES.items()}
    return TEMPLATES | articles | {name: (subject, answer) for name, (subject, _, answer) in PAST.items()}


def _names(found: Sequence[Fitting]) -> list[str]:
    called = {texts: name for name, texts in _texts().items()}
    return [called.get((one.title, one.text), one.title) for one in found]


async def test_what_fits_best_comes_first_and_what_does_not_fit_never(library: Database) -> None:
    first = {text: _names(await fitting(library, text, language)) for text, language, _ in CASES}
    assert {text: names[:1] for text, names in first.items()} == {text: [name] for text, _, name in CASES}
    noise = {text: _names(await fitting(library, text, language)) for text, language in NOTHING}
    assert noise == {text: [] for text, _ in NOTHING}


def test_any_word_that_is_alike_would_not_do() -> None:
    """The search that one would write at first, over the same texts: whatever holds any of the words, by how many."""

    def naive(text: str) -> list[str]:
        words = set(re.findall(r"[一-鿿]{2,}|[ァ-ヺー]{2,}|[a-z]{3,}", text.lower()))
        every = [*_texts().items(), *(("common", one) for one in COMMON)]
        counts = {name: sum(word in "\n".join(one).lower() for word in words) for name, one in every}
        return sorted((name for name, count in counts.items() if count), key=lambda name: -counts[name])

    wrong = [text for text, _, name in CASES if naive(text)[:1] != [name]]
    noisy = [text for text, _ in NOTHING if naive(text)]
    assert len(wrong) >= 4
    assert len(noisy) >= 5


async def test_each_is_told_by_its_kind_and_number(library: Database) -> None:
    (broken, *_) = await fitting(library, "画面が割れている")
    assert (broken.kind, broken.ref, broken.title) == (TextKind.ARTICLE, 1, ARTICLES["broken"][0])
    (invoice, *_) = await fitting(library, "copy of my invoice", "en")
    assert (invoice.kind, invoice.text) == (TextKind.TEMPLATE, TEMPLATES["invoice-en"][1])
    (noise, *_) = await fitting(library, "掃除機の異音")
    assert (noise.kind, noise.ref, noise.text) == (TextKind.ANSWER, 1001, PAST["noise"][2])


async def test_no_more_than_wanted_and_in_the_reader_s_language_if_there_is_any(library: Database) -> None:
    both = "password reset パスワード 再設定"
    assert _names(await fitting(library, both, "ja")) == ["password-ja"]
    assert _names(await fitting(library, both, "en")) == ["password-en"]
    assert set(_names(await fitting(library, both, "fr"))) == {"password-ja", "password-en"}
    assert len(await fitting(library, both, "fr", 1)) == 1
    assert await fitting(library, both, "fr", 0) == []


async def test_what_is_retired_drafted_or_reopened_is_never_offered(library: Database) -> None:
    async with library.transaction() as tx:
        article = await tx.articles.get(1)
        assert article
        await tx.articles.save(article, article.retire(), None, MORNING)
        await tx.articles.add(an_article("画面が割れた商品が届いたら", language="ja"), None, MORNING)
        [late] = await tx.templates.variants("late-ja")
        template = Draft("late-ja", "ja", late.title, late.body, retired=True)
        await tx.templates.change(late, template, None, MORNING, "")
        past = await tx.inquiries.get(1001)
        assert past
        await tx.inquiries.save(past.reopen(an_act(past.holder, 700)))
    for words in ("画面が割れた商品が届いたら", "配送の遅れのお詫び", "掃除機の異音について"):
        assert await fitting(library, words) == []
    await indexed(library)
    for words in ("画面が割れた商品が届いたら", "配送の遅れのお詫び", "掃除機の異音について"):
        assert await fitting(library, words) == []


@pytest.mark.parametrize("hostile", ["'\"*:^(){}<->&|!", "AND OR NOT NEAR", "\0\ud800 a" * 9, "請求書" * 3000, "é ß ﬁ"])
async def test_nothing_that_anybody_says_breaks_it(library: Database, hostile: str) -> None:
    assert isinstance(await fitting(library, hostile), list)
    assert isinstance(await fitting(library, f"返品 {hostile}"), list)


async def test_few_texts_are_found_alike_by_looking_at_all_of_them_and_by_the_index(library: Database) -> None:
    asked = [[gram.term] for text, *_ in CASES for gram in telling_grams(text, 16)]
    own = (TextKind.TEMPLATE, TextKind.ARTICLE)
    async with library.snapshot() as tx:
        index = Hits(tx.session)
        looked_at = await index.among(asked, own, 3)
        assert looked_at == await index.of_each(asked, own, 3)
    assert len(max(looked_at, key=len)) == 3
    assert sum(map(bool, looked_at)) > len(CASES)


async def test_an_empty_store_offers_nothing(database: Database) -> None:
    assert await fitting(database, "請求書の再発行") == []
