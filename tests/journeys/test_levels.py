"""Service levels in chat: seen by everybody, set by supervisors through forms, on every platform."""

from tests.journeys.desk import Desk
from tests.journeys.driver import HELD, SeenCard, SeenForm
from tests.support.texts import says


def values(form: SeenForm) -> dict[str, str]:
    return {one.name: one.value for one in form.inputs}


async def test_a_policy_is_seen_and_set_by_forms_that_keep_what_was_typed(desk: Desk) -> None:
    listed = await desk.hana.types("/sla")
    assert [row.text for row in listed.rows] == ["1. standard"]
    shown = await desk.hana.clicks("sla", on=listed)
    assert shown.title == "standard"
    assert shown.buttons == (), "agents look"
    assert says((await desk.ken.types("/sla set standard")).title, "en", "refused.role")

    form = await desk.emma.opens("/sla set standard")
    assert values(form)["first_response"] == "4h"
    typed = {**values(form), "first_response": "soon", "resolution": "24h"}
    seen = await desk.emma.platform.submit("emma", form, typed)
    if isinstance(seen, SeenCard):  # where a form cannot answer a form, a button brings it
        assert "“soon”" in seen.words
        seen = await desk.emma.clicks_for_form("sla_set", on=seen)
    assert values(seen) == typed, "nothing is typed twice"

    saved = await desk.emma.fills(seen, **typed | {"first_response": "2h"})
    assert says(saved.title, "en", "levels.saved", name="standard")
    assert "4 hours → 2 hours" in saved.words
    assert saved.verbs == ["sla", "sla_versions"]


async def test_hours_are_set_and_taken_back(desk: Desk) -> None:
    form = await desk.emma.opens("/sla hours")
    given = {
        **values(form),
        "week": "月-金 10:00-12:00, 13:00-16:00\n土 10:00-12:00",
        "closed": "2027-12-29..2028-01-03",
    }
    saved = await desk.emma.fills(form, **given)
    assert says(saved.title, "en", "levels.saved", name="office")
    again = await desk.emma.opens("/sla hours office")
    assert values(again)["week"] == "mon-fri 10:00-12:00, 13:00-16:00\nsat 10:00-12:00"
    shown = await desk.emma.clicks("sla_versions", on=saved)
    back = await desk.emma.clicks("sla_versions", on=shown)
    assert says(back.title, "en", "levels.gone_back", version=1)
    assert values(await desk.emma.opens("/sla hours office")) == values(form)


async def test_an_inquiry_tells_its_clocks_in_its_thread(desk: Desk) -> None:
    await desk.customer("Aki Ito").writes()
    card = await desk.support.shows("#1001")
    by_number = await desk.hana.types("/sla 1001")
    assert says(by_number.title, "ja", "levels.of_inquiry", inquiry=1001, name="standard")
    await desk.ken.clicks("claim", on=card)
    card = await desk.support.shows("#1001", *HELD)

    told = await desk.ken.types("/sla", under=card)

    assert says(told.title, "en", "levels.of_inquiry", inquiry=1001, name="standard")
    assert told.fields
    assert list(told.fields) == ["First response"]
    assert "left" in told.fields["First response"]
