"""A supervisor's board in a channel: a call comes up on it, is looked into by a press in its row, and is gone."""

from tests.journeys.desk import Desk
from tests.journeys.driver import Channel, SeenCard
from tests.support.texts import says


def board(channel: Channel) -> SeenCard:
    """The only card of the channel. Raises LookupError when it is not there yet."""
    found = channel.cards[0]
    assert len(channel.cards) == 1
    return found


async def test_a_call_comes_up_on_the_board_and_is_pressed_in_its_row(desk: Desk) -> None:
    assert says((await desk.emma.types("/board here", channel="team")).title, "en", "board.here")
    team = desk.channel("team")
    empty = await team.until(board)
    assert says(empty.lines[0], "en", "board.nobody")
    await desk.hana.types("/phone start 090-1234-5678 Broken printer", channel="team")
    await desk.ken.types("/phone start 03-1234-9999 Toner", channel="team")

    shown = await team.until(lambda channel: len(board(channel).rows) == 2 and board(channel))

    assert [row.text.rpartition(" · ")[2] for row in shown.rows] == ["090-••••-5678", "03-••••-9999"]
    assert [[one.verb for one in row.buttons] for row in shown.rows] == [["whisper", "phone"]] * 2
    assert shown.verbs == []
    told = await desk.emma.clicks("phone", on=shown, of="9999")
    assert "Toner" in told.words
    assert "Broken" not in told.words
    await desk.emma.clicks_for_form("whisper", on=shown, of="5678")
    await desk.emma.fills(text="Offer a new one")
    await team.until(lambda channel: "Offer a new one" in board(channel).rows[0].detail)
    assert says((await desk.hana.types("/board", channel="team")).title, "ja", "refused.role")

    await desk.hana.types("/phone end settled", channel="team")
    await team.until(lambda channel: len(board(channel).rows) == 1)
    assert says((await desk.emma.types("/board off", channel="team")).title, "en", "board.off")
    await team.until(lambda channel: says(board(channel).title, "en", "board.gone"))
