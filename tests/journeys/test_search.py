"""Finding what the team knows: words in Japanese and English, and past answers to questions like this one."""

from tests.journeys.desk import Desk
from tests.journeys.driver import finds


async def test_words_are_found_in_any_width_and_kana_and_shown_in_their_sentence(desk: Desk) -> None:
    wish = "昨日買ったﾌﾟﾘﾝﾀｰが動きません。返品したいです。"
    await desk.customer("Aki", "aki@example.com").writes("プリンターの件", wish)
    await desk.customer("Bo", "bo@example.com").writes("The invoice", "Please send the invoice 4711 again.")
    await desk.support.shows("#1001")
    await desk.support.shows("#1002")

    for typed in ("返品", "ぷりんたー", "プリンタ", "ﾌﾟﾘﾝﾀｰ 返品"):
        found = await finds(desk.hana, f"/find {typed}", "#1001")
        assert "#1002" not in found.words, typed
        assert "返品" in found.words, typed
    assert "#1002" in (await finds(desk.ken, "/find INVOICE 4711", "#1002")).words
    nothing = await desk.ken.types("/find 存在しない語")
    assert "#100" not in nothing.words
    resolved = await desk.ken.types("/find 返品 status:resolved")
    assert "#1001" not in resolved.words


async def test_a_past_answer_helps_with_a_question_like_it(desk: Desk) -> None:
    await desk.customer("Aki", "aki@example.com").writes("Toner", "The printer is out of toner, what can I do?")
    await desk.support.shows("#1001")
    await desk.ken.types("/resolve 1001 Sent toner cartridge TK-1170 by express")
    await desk.customer("Bo", "bo@example.com").writes("Printer", "My printer is out of toner again")
    card = await desk.support.shows("#1002")
    await finds(desk.ken, "/find toner", "TK-1170")
    await finds(desk.ken, "/find printer status:new", "#1002")

    past = await desk.hana.clicks("similar", on=card)
    assert past.title.startswith("#1001")
    assert "TK-1170" in past.copy
    await desk.hana.clicks("rate", on=past)

    again = await desk.ken.clicks("similar", on=card)
    assert "1" in again.words
