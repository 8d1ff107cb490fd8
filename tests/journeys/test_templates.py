"""What the team says to customers again and again: templates, from the starter set and their own."""

from tests.journeys.desk import Desk
from tests.journeys.driver import SeenCard
from tests.support.texts import says

BODY = "Dear {customer_name},\n\nyour parcel {tracking_number} left on {today}.\n\n{agent_name} (#{inquiry_number})"


async def added(desk: Desk, name: str = "parcel-left", **more: str) -> SeenCard:
    """A template that Ken adds by the form."""
    form = await desk.ken.opens("/template add")
    given = {"name": name, "title": "The parcel has left", "language": "en", "queue": "", "body": BODY, **more}
    return await desk.ken.fills(form, **{key: value for key, value in given.items() if value})


async def test_a_template_is_filled_from_the_inquiry_in_whose_thread_it_is_asked_for(desk: Desk) -> None:
    await desk.customer("Aki Ito").writes()
    card = await desk.support.shows("#1001")
    await added(desk)

    form = await desk.ken.opens("/template parcel-left", under=card)
    assert [one.label for one in form.inputs] == ["Tracking number"], "only what the inquiry does not tell"
    filled = await desk.ken.fills(form, **{form.inputs[0].name: "JP-4711 {agent_name} <@U1> `x`"})

    assert filled.copy.startswith("Dear Aki Ito,\n\nyour parcel JP-4711 {agent_name} <@U1> `x` left on ")
    assert filled.copy.endswith("Ken Miller (#1001)")
    again = await desk.emma.opens("/template parcel-left 1001")
    assert again.inputs == form.inputs


async def test_the_starter_set_answers_in_the_customers_language(desk: Desk) -> None:
    listed = await desk.hana.types("/template")
    assert listed.rows
    found = await desk.hana.types("/template ﾊﾟｽﾜｰﾄﾞ")
    assert "password" in found.words.lower()


async def test_an_edit_makes_a_version_that_others_can_compare(desk: Desk) -> None:
    await added(desk)

    form = await desk.ken.opens("/template edit parcel-left")
    await desk.ken.fills(form, body=BODY.replace("left on", "was sent on"), why="Clearer")
    history = await desk.emma.types("/template versions parcel-left")

    assert "Clearer" in history.words
    assert "was sent on" in history.words
    assert "left on" in history.words
    assert says((await desk.hana.types("/template edit parcel-left")).title, "ja", "template.not_yours")
    await desk.restart()
    assert "was sent on" in (await desk.hana.types("/template parcel-left")).words
