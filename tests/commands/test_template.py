"""Templates as people use them: found, filled in, added, edited by two at once, retired, and compared."""

import re
from datetime import timedelta

import pytest

from bot.chat.card import Card, Form, InputKind, Tone
from bot.chat.invocation import Answer
from bot.domain.agent import Agent
from bot.domain.template import Draft, Template
from bot.ports import Handle
from storage.database import Database
from tests.builders import a_message, opened
from tests.commands.window import STRANGER, Window, labels, rows, said
from tests.support.clock import MORNING, Clock

BODY = "Dear {customer_name},\nyour {item} (#{inquiry_number}) is late. {agent_name}, {today}"
HOSTILE = (
    "'; DROP TABLE template; --",
    '" OR 1=1',
    "<script>alert(1)</script>",
    "<!channel> @everyone",
    "{0.__class__.__init__}",
    "{customer_name!r:>9999999}",
    "{} {{",
    "%s%n \\0",
    "id:999999",
    "id:²",
    "id:abc",
    "#99999999999999999999",
    "²",
    "name:x inquiry:y",
    "*",
    "😀‮",
    "ー" * 300,
)


async def people(database: Database) -> dict[str, Agent]:
    async with database.snapshot() as tx:
        found = {user: await tx.agents.by_handle(Handle("workspace", user)) for user in ("hana", "ken", "emma")}
    return {user: agent for user, agent in found.items() if agent}


async def has(database: Database, owner: str = "ken", **fields: str) -> Template:
    """A template of somebody's."""
    given = {"name": "late", "language": "en", "title": "Late delivery", "body": BODY, **fields}
    by = (await people(database))[owner]
    async with database.transaction() as tx:
        return await tx.templates.add(Draft(**given, owner=by, review_on=None).checked(), by, MORNING)  # type: ignore[arg-type]


async def now(database: Database, id_: int) -> Template:
    async with database.snapshot() as tx:
        found = await tx.templates.get(id_)
    assert found
    return found


def button(answer: Answer, label: str) -> str:
    """The call of a button that says this, on the card or in its rows."""
    assert isinstance(answer, Card), answer
    pressable = [*answer.buttons, *(item.button for item in answer.items if item.button)]
    return next(one.call for one in pressable if label in (one.label, one.call.partition(":")[0]))


def copied(answer: Answer) -> str:
    assert isinstance(answer, Card), answer
    return answer.copy


async def test_a_template_is_filled_in_from_an_inquiry_and_asks_for_the_rest(
    window: Window, database: Database
) -> None:
    one = await has(database)
    [inquiry] = await opened(database)
    form = await window.types("ken", f"/template late {inquiry.number}")
    assert isinstance(form, Form)
    assert [(each.label, each.value, each.required) for each in form.inputs] == [("Item", "", True)]
    answer = await window.fills("ken", form, v1="{customer_name} <b>")
    assert copied(answer) == (
        f"Dear Ms Ito,\nyour {{customer_name}} <b> (#{inquiry.number}) is late. Ken Miller, April 1, 2026"
    )
    assert (await now(database, one.id)).uses == 1
    assert len(form.call) <= 100


@pytest.mark.parametrize(
    "line", ["/template late {}", "/template late #{}", "/template　late　＃{}", "/template late inquiry:{}"]
)
async def test_every_way_to_say_the_inquiry(window: Window, database: Database, line: str) -> None:
    await has(database, body="#{inquiry_number} {subject}, {queue}")
    [inquiry] = await opened(database)
    verb, _, rest = line.format(inquiry.number).replace("　", " ", 1).partition(" ")
    answer = await window.types("ken", f"{verb} {rest}")
    assert copied(answer) == f"#{inquiry.number} The parcel is late, support"


async def test_the_thread_of_a_card_says_the_inquiry(window: Window, database: Database) -> None:
    await has(database, body="#{inquiry_number}")
    [inquiry] = await opened(database)
    answer = await window.presses("ken", f"template:{inquiry.number}::template=late")
    assert copied(answer) == f"#{inquiry.number}"


async def test_a_customer_who_gave_no_name_is_asked_for(window: Window, database: Database) -> None:
    await has(database, body="Dear {customer_name}")
    [inquiry] = await opened(database, a_message(from_name=""))
    form = await window.types("ken", f"/template late {inquiry.number}")
    assert isinstance(form, Form)
    assert [each.label for each in form.inputs] == [window.speaker("en")("template.variable.customer_name")]
    again = await window.fills("ken", form, v0="  ")
    assert isinstance(again, Form), "an empty value is none"
    assert copied(await window.fills("ken", form, v0="Ito")) == "Dear Ito"


async def test_without_an_inquiry_it_is_shown_and_not_ready_to_copy(window: Window, database: Database) -> None:
    one = await has(database)
    card = await window.types("hana", "/template late")
    assert isinstance(card, Card)
    assert (card.quote, card.copy) == (BODY, "")
    assert labels(card) == ["template", "template_versions"]
    assert labels(await window.types("ken", "/template late")) == [
        "template",
        "template_edit",
        "template_versions",
        "template_retire",
    ]
    form = await window.presses("ken", button(card, "template"))
    assert isinstance(form, Form)
    assert len(form.inputs) == 3
    answer = await window.fills("ken", form, v0="Ito", v1="printer", v2="1042")
    assert copied(answer).startswith("Dear Ito,\nyour printer (#1042) is late. Ken Miller, ")
    assert (await now(database, one.id)).uses == 1


async def test_more_values_than_a_form_has_inputs_share_the_last(window: Window, database: Database) -> None:
    await has(database, body="{customer_name}{subject}{queue}{a}{b}{色}{d}{e}")
    form = await window.presses("ken", button(await window.types("ken", "/template late"), "template"))
    assert isinstance(form, Form)
    assert [each.name for each in form.inputs] == ["v0", "v1", "v2", "v3", "rest"]
    assert form.inputs[-1].kind is InputKind.PARAGRAPH
    assert form.inputs[-1].value == "b: \n色: \nd: \ne: "
    known = {"v0": "1", "v1": "2", "v2": "3", "v3": "4"}
    again = await window.fills("ken", form, **known, rest="b: 5\n色：赤\nd:\n")
    assert isinstance(again, Form)
    assert [each.value for each in again.inputs] == ["1", "2", "3", "4", "b: 5\n色: 赤\nd: \ne: "]
    answer = await window.fills("ken", form, **known, rest="b: 5\n色：赤\nd: x: y\ne: two\nlines")
    assert copied(answer) == "12345赤x: ytwo\nlines"


async def test_a_template_that_changed_while_its_form_was_open(window: Window, database: Database) -> None:
    one = await has(database, body="{item} {color}")
    [inquiry] = await opened(database)
    form = await window.types("ken", f"/template late {inquiry.number}")
    await edited(window, "emma", "late", body="{color}! {item}!")
    answer = await window.fills("ken", form, v0="printer", v1="red")
    assert copied(answer) == "red! printer!"
    assert isinstance(answer, Card)
    assert (window.speaker("en")("template.changed_since"),) in answer.lines
    await edited(window, "emma", "late", body="{color} {size}")
    asked = await window.fills("ken", form, v0="printer", v1="red")
    assert isinstance(asked, Form)
    assert asked.intro == window.speaker("en")("template.changed_since")
    assert [(each.label, each.value) for each in asked.inputs] == [("Color", "red"), ("Size", "")]
    assert copied(await window.fills("ken", asked, v0="red", v1="big")) == "red big"
    assert (await now(database, one.id)).uses == 2


async def test_the_language_is_the_customers_or_the_queues(window: Window, database: Database) -> None:
    await has(database, body="en {today}")
    await has(database, language="ja", body="日本語 {today}", title="遅れ")
    [inquiry] = await opened(database)
    english = await window.types("hana", f"/template late {inquiry.number}")
    assert copied(english) == "en April 1, 2026"
    assert rows(english) == ["遅れ"]
    japanese = await window.presses("hana", button(english, "template"))
    assert copied(japanese) == "日本語 2026年4月1日"
    shown = await window.types("hana", "/template late")
    assert isinstance(shown, Card)
    assert shown.quote == "日本語 {today}", "without an inquiry it is the reader's language"


async def test_an_answer_is_in_the_language_of_the_question(window: Window, database: Database) -> None:
    await has(database, body="en")
    await has(database, language="ja", body="日本語", title="遅れ")
    in_japanese = ("商品がまだ届きません", "ﾌﾟﾘﾝﾀｰ")
    for subject in (*in_japanese, "Where is my parcel, please?", "請求書 4711"):
        expected = "日本語" if subject in in_japanese else "en"
        [one] = await opened(database, a_message(subject=subject, text="", reply_text=""))
        assert copied(await window.types("hana", f"/template late {one.number}")) == expected, subject


async def test_words_find_and_several_are_listed(window: Window, database: Database) -> None:
    await has(database)
    await has(database, name="late-parcel", title="Late parcel", body="A parcel.")
    await has(database, name="返品", language="ja", title="返品のご案内", body="送料")
    [inquiry] = await opened(database)
    listed = await window.types("ken", f"/template lat {inquiry.number}")
    assert rows(listed) == ["Late delivery", "Late parcel"]
    assert said(listed) == "2 templates for “lat”"
    filled = await window.presses("ken", next(item.button.call for item in listed.items[1:] if item.button))  # type: ignore[union-attr]
    assert copied(filled) == "A parcel."
    for typed in ("送料", "へんぴん返品".removeprefix("へんぴん"), "ご案内"):
        one = await window.types("ken", f"/template {typed}")
        assert said(one) == "返品のご案内"
    assert len(rows(await window.types("ken", "/template"))) == 3
    nothing = await window.types("ken", "/template zebra")
    assert said(nothing) == window.speaker("en")("template.nothing_found", given="zebra")


async def test_a_long_list_has_pages(window: Window, database: Database) -> None:
    for number in range(19):
        await has(database, name=f"t{number:02}", title=f"Title {number:02}", body="x")
    first = await window.types("ken", "/template")
    second = await window.presses("ken", button(first, window.speaker("en")("queue.on")))
    assert rows(second)[0] == "Title 08"
    third = await window.types("ken", "/template page:3")
    assert (len(rows(third)), len(rows(await window.types("ken", "/template page:99")))) == (3, 3)
    assert labels(third) == ["template", "template_add"]


async def test_adding_one(window: Window, database: Database, clock: Clock) -> None:
    form = await window.types("hana", "/template add お詫び")
    assert isinstance(form, Form)
    assert [each.name for each in form.inputs] == ["name", "title", "language", "queue", "body"]
    assert [each.value for each in form.inputs] == ["お詫び", "", "ja", "*", ""]
    fields = {"name": "お詫び", "title": "お詫び", "language": "ja", "queue": "support", "body": "{customer_name}様"}
    answer = await window.fills("hana", form, **fields)
    assert isinstance(answer, Card)
    assert answer.tone is Tone.DONE
    async with database.snapshot() as tx:
        one = await tx.templates.by_name("お詫び", "support", "ja")
    assert one
    assert (one.queue, one.owner, one.review_on) == (
        "support",
        (await people(database))["hana"],
        (clock() + timedelta(days=365)).date(),
    )
    refused = await window.fills("hana", form, **fields)
    assert said(refused) == window.speaker("ja")("template.exists", name="お詫び")


async def edited(window: Window, user: str, name: str, **inputs: str) -> Answer:
    """Somebody opens the form and sends it with these changes."""
    form = await window.types(user, f"/template edit {name}")
    assert isinstance(form, Form), form
    return await window.fills(user, form, **{each.name: each.value for each in form.inputs} | inputs)


async def test_editing_keeps_who_when_and_why(window: Window, database: Database) -> None:
    one = await has(database)
    answer = await edited(
        window, "ken", "late", body="New {item}.", why="shorter", review="2027/4/1", owner="佐藤 花", title=" A  b "
    )
    assert isinstance(answer, Card)
    assert answer.tone is Tone.DONE
    after = await now(database, one.id)
    assert (after.version, after.title, after.body, after.review_on and after.review_on.isoformat()) == (
        2,
        "A b",
        "New {item}.",
        "2027-04-01",
    )
    assert after.owner == (await people(database))["hana"]
    shown = await window.types("emma", "/template versions late")
    assert isinstance(shown, Card)
    assert [re.sub(r" · \d.*", "", one) for one in rows(shown)] == ["Version 2 · Ken Miller", "Version 1 · Ken Miller"]
    assert shown.items[0].detail == ("shorter",)
    assert shown.quote.splitlines()[:4] == [
        "- Late delivery",
        "- Dear {customer_name},",
        f"- {BODY.splitlines()[1]}",
        "+ A b",
    ]


async def test_saving_what_was_not_changed_makes_no_version(window: Window, database: Database) -> None:
    one = await has(database)
    assert said(await edited(window, "ken", "late")) == window.speaker("en")("template.unchanged", name="late")
    assert (await now(database, one.id)).version == 1


async def test_of_two_who_edit_the_same_version_the_second_loses_nothing(window: Window, database: Database) -> None:
    one = await has(database, body="First line.\nSecond line.")
    form = await window.types("ken", "/template edit late")
    await edited(window, "emma", "late", body="First line.\nSecond line, changed by Emma.")
    typed = {"title": "Mine", "body": "My own text.", "review": "2030-01-01", "owner": "Emma Clark", "why": "mine"}
    again = await window.fills("ken", form, **typed)
    assert isinstance(again, Form)
    assert {each.name: each.value for each in again.inputs} == typed
    assert "Emma Clark" in again.intro
    assert "- Second line.\n+ Second line, changed by Emma." in again.intro
    assert (await now(database, one.id)).body.endswith("changed by Emma.")
    assert isinstance(await window.fills("ken", again, **typed), Card)
    after = await now(database, one.id)
    assert (after.version, after.body, after.title) == (3, "My own text.", "Mine")


async def test_only_owners_and_supervisors_change_a_template(window: Window, database: Database) -> None:
    one = await has(database, owner="hana")
    form = await window.types("hana", "/template edit late")
    for answer in (
        await window.types("ken", "/template edit late"),
        await window.fills("ken", form, title="x", body="y"),
        await window.types("ken", "/template retire late"),
        await window.presses("ken", f"template_edit::1:template=id%3A{one.id}:right=1"),
    ):
        assert said(answer) == window.speaker("en")("template.not_yours", name="late", owner="佐藤 花")
    assert await now(database, one.id) == one
    assert isinstance(await edited(window, "emma", "late", body="y"), Card)
    for line in ("/template", "/template late", "/template add", "/template edit late", "/template versions late"):
        assert said(await window.types(STRANGER, line)) == window.speaker("en")("refused.stranger", handle=STRANGER)


async def test_retiring_and_restoring(window: Window, database: Database) -> None:
    one = await has(database)
    [inquiry] = await opened(database)
    card = await window.types("ken", "/template late")
    retired = await window.types("ken", "/template retire late")
    assert labels(retired) == ["template_retire", "template_versions"]
    assert said(await window.presses("ken", button(card, "template"))) == window.speaker("en")(
        "template.is_retired", name="late"
    )
    assert said(await window.types("ken", f"/template late {inquiry.number}")) == window.speaker("en")(
        "template.is_retired", name="late"
    )
    found = await window.types("ken", "/template late")
    assert isinstance(found, Card)
    assert found.badge == window.speaker("en")("template.retired")
    again = await window.types("ken", "/template retire late")
    assert said(again) == said(retired)
    await window.presses("ken", button(retired, "template_retire"))
    await window.types("ken", "/template retire late restore")
    after = await now(database, one.id)
    assert (after.retired, after.version) == (False, 3)
    assert said(await window.types("ken", "/template late")) == "Late delivery"


async def test_an_exact_name_never_brings_another_template(window: Window, database: Database) -> None:
    await has(database, name="postage", queue="returns", title="Postage", body="Postage.")
    await has(database, name="wrong", title="Wrong item", body="We pay the postage.")
    [inquiry] = await opened(database)
    filled = await window.types("ken", f"/template postage {inquiry.number}")
    assert isinstance(filled, Card)
    assert filled.copy == "Postage."


async def test_variants_are_asked_for(window: Window, database: Database) -> None:
    await has(database)
    await has(database, language="ja", title="遅れ")
    for verb in ("template_edit", "template_retire", "template_versions"):
        which = await window.types("ken", f"/{verb} late")
        assert said(which) == window.speaker("en")("template.which", name="late")
        assert rows(which) == ["Late delivery", "遅れ"]
    form = await window.presses("ken", button(await window.types("ken", "/template edit late"), "template_edit"))
    assert isinstance(form, Form)


async def test_any_two_versions_are_compared(window: Window, database: Database) -> None:
    await has(database, body="one")
    for text in ("two", "three"):
        await edited(window, "ken", "late", body=text)
    shown = await window.types("ken", "/template versions late 1 3")
    assert isinstance(shown, Card)
    assert shown.quote.splitlines()[-2:] == ["- one", "+ three"]
    last = await window.types("ken", "/template versions late")
    assert isinstance(last, Card)
    assert last.quote.splitlines()[-2:] == ["- two", "+ three"]
    of_the_second = last.items[1].button
    assert of_the_second
    second = await window.presses("ken", of_the_second.call)
    assert isinstance(second, Card)
    assert second.quote.splitlines()[-2:] == ["- one", "+ two"]
    of_the_first = second.items[2].button
    assert of_the_first
    first = await window.presses("ken", of_the_first.call)
    assert isinstance(first, Card)
    assert first.quote == "one"
    no = await window.types("ken", "/template versions late 1 9")
    assert said(no) == window.speaker("en")("template.no_version", given=9, newest=3)


@pytest.mark.parametrize("typed", HOSTILE)
async def test_hostile_words_in_every_argument(window: Window, database: Database, typed: str) -> None:
    one = await has(database)
    [inquiry] = await opened(database)
    answers = [
        await window.types("ken", f"/template {typed}"),
        await window.types("ken", f"/template {typed} {inquiry.number}"),
        await window.types("ken", f"/template late {typed}"),
        await window.types("ken", f"/template late inquiry:{typed}"),
        await window.types("ken", f"/template page:{typed}"),
        await window.types("ken", f"/template add {typed}"),
        *[await window.types("ken", f"/template {verb} {typed}") for verb in ("edit", "retire", "versions")],
        await window.types("ken", f"/template versions late {typed} {typed}"),
        await window.types("ken", f"/template retire late {typed}"),
        *[await edited(window, "ken", "late", **{name: typed}) for name in ("owner", "review", "why")],
    ]
    add = await window.types("ken", "/template add")
    fields = {"name": "new", "title": "t", "language": "en", "queue": "*", "body": "b"}
    answers += [await window.fills("ken", add, **{**fields, name: typed}) for name in fields]
    bug = window.speaker("en")("refused.bug", reference="").split()[0]
    assert all(isinstance(answer, Form) or not answer.title.startswith(bug) for answer in answers)
    after = await now(database, one.id)
    assert (after.body, after.owner) == (one.body, one.owner)


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_values_are_filled_in_as_they_are(window: Window, database: Database, value: str) -> None:
    await has(database, body="<{item}> {customer_name}")
    [inquiry] = await opened(database, a_message(from_name=value))
    form = await window.types("ken", f"/template late {inquiry.number}")
    answer = await window.fills("ken", form, v0=value)
    assert copied(answer) == f"<{value}> {value}"


async def test_a_form_that_nobody_made_is_answered_in_words(window: Window, database: Database) -> None:
    one = await has(database, body="{a}")
    for call in (
        f"template::77:template=id%3A{one.id}:fill=1:v0=x",
        "template::1:template=id%3A99999:fill=1",
        f"template:999999:1:template=id%3A{one.id}:fill=1:v0=x",
        f"template_edit::77:template=id%3A{one.id}:body=x",
        f"template_versions:::template=id%3A{one.id}:from=0:to=-1",
        f"template_retire::9:template=id%3A{one.id}:do=drop",
    ):
        answer = await window.presses("ken", call)
        assert isinstance(answer, Form) or answer.tone is Tone.ALERT
    assert await now(database, one.id) == one
