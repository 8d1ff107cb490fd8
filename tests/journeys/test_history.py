"""What a customer asked before: on the card, in the history, and for people who write from several addresses."""

from tests.journeys.desk import Desk


async def test_a_stand_in_sees_everything_about_a_customer(desk: Desk) -> None:
    aki = desk.customer("伊藤 亜紀", "aki@example.com")
    await aki.writes("The label is missing")
    await desk.ken.clicks("Claim", on=await desk.support.shows("#1001"))
    await desk.ken.types("/resolve 1001 Sent a new label by mail")
    await desk.customer("Somebody Else", "else@example.com").writes("Another thing")
    await aki.writes("ラベルがまだ届きません")
    card = await desk.support.shows("#1003")
    assert "2" in card.words
    assert "30" in card.words

    history = await desk.hana.clicks("History", on=card)

    listed = [row.text for row in history.rows if "#" in row.text]
    assert [one.split()[0] for one in listed] == ["#1003", "#1001"], "open ones first"
    assert "Sent a new label by mail" in history.words
    assert desk.ken.name in history.words
    for asked in ("aki@example.com", "ＡＫＩ＠example.com", "#1001", "1003"):
        assert (await desk.emma.types(f"/history {asked}")).words.count("#100") == 2, asked


async def test_a_flagged_customer_is_known_from_the_card_and_why_only_from_the_history(desk: Desk) -> None:
    await desk.customer("Aki Ito", "aki@example.com").writes()
    await desk.support.shows("#1001")

    await desk.emma.types("/customer caution customer:aki@example.com Shouted at Rei in May")
    card = await desk.support.until(lambda channel: "⚠" in channel.card("#1001").words and channel.card("#1001"))

    assert "Shouted" not in card.words
    assert "Shouted at Rei in May" in (await desk.hana.clicks("History", on=card)).words


async def test_two_addresses_of_one_person_are_joined_by_a_person_and_split_again(desk: Desk) -> None:
    await desk.customer("Aki Ito", "aki@example.com").writes("From the office")
    await desk.customer("Aki Ito", "aki.home@example.com").writes("From home")
    await desk.support.shows("#1001")
    await desk.support.shows("#1002")
    assert "#1002" not in (await desk.ken.types("/history aki@example.com")).words, "never joined by a name"

    sure = await desk.ken.types("/customer merge aki.home@example.com aki@example.com")
    await desk.ken.clicks("customer_merge", on=sure)

    for asked in ("aki@example.com", "aki.home@example.com", "#1002"):
        words = (await desk.ken.types(f"/history {asked}")).words
        assert "#1001" in words, asked
        assert "#1002" in words, asked

    shown = await desk.ken.types("/customer aki@example.com")
    split = await desk.ken.clicks("customer_split", on=shown)
    await desk.ken.clicks("customer_split", on=split)
    assert "#1002" not in (await desk.ken.types("/history aki@example.com")).words


async def test_a_caller_is_known_by_their_number_however_it_is_spelt(desk: Desk) -> None:
    await desk.ken.types("/new 090-1234-5678 The printer is out of toner")
    await desk.support.shows("#1001")
    await desk.hana.types("/new ０９０１２３４５６７８ トナーがまだ届きません")
    await desk.support.shows("#1002")

    for spelt in ("+81 90 1234 5678", "０９０−１２３４−５６７８", "(090) 1234-5678"):
        words = (await desk.hana.types(f"/history {spelt}")).words
        assert "#1001" in words, spelt
        assert "#1002" in words, spelt
