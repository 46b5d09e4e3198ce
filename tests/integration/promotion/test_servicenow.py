"""The steps about ServiceNow against an instance that behaves as it is known to: what they do, once, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import trackers
from tests.support.servicenow import KEY, PASSWORD, TEMPLATE
from tests.support.steps import said, told
from tests.support.trackers import SNOW_BASIC, SNOW_KEY
from towpath.promotion.effects.unanswered import Unanswered
from towpath.promotion.step import Failed, Succeeded, Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.trackers import SnowBench

TABLE = "change_request"
CREATE = {
    "credentials": SNOW_KEY,
    "tableName": TABLE,
    "parameters": {"short_description": "Release 1.2.0", "state": -5},
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[SnowBench]:
    """Return a Promotion beside an instance."""
    async with trackers.servicenow(tmp_path) as made:
        yield made


async def done(bench: SnowBench, step: str, **config: Any) -> dict[str, Any]:
    """Run a step that has to succeed; return what it puts out."""
    outcome = await bench.run(step, {"credentials": SNOW_BASIC, "tableName": TABLE, **config})
    assert isinstance(outcome, Succeeded), told(outcome)
    return outcome.output or {}


# --- what they do ------------------------------------------------------------------------------------


@pytest.mark.parametrize("credentials", [SNOW_BASIC, SNOW_KEY])
async def test_a_record_is_made(bench: SnowBench, credentials: dict[str, str]) -> None:
    """With either credential; values become texts."""
    made = await done(bench, "snow-create", **{**CREATE, "credentials": credentials})
    [record] = bench.instance.records[TABLE].values()
    assert made == {"sys_id": record["sys_id"], "number": record["number"]}
    assert (record["short_description"], record["state"]) == ("Release 1.2.0", "-5")
    assert record["correlation_id"].startswith("towpath-")
    assert bench.disclosed.holds(PASSWORD if credentials is SNOW_BASIC else KEY)


@pytest.mark.parametrize("type_", ["standard", "emergency", "normal"])
async def test_a_change_of_a_type(bench: SnowBench, type_: str) -> None:
    """By the Change Management API, from beginning to end."""
    template = {"type": type_, **({"templateId": TEMPLATE} if type_ == "standard" else {})}
    made = await done(bench, "snow-create", **{**CREATE, "template": template})
    id_ = made["sys_id"]
    [record] = bench.instance.records[TABLE].values()
    assert record["type"] == type_
    await done(
        bench, "snow-update", ticketId=id_, parameters={"state": "-2"}, template={"type": type_}
    )
    assert record["state"] == "-2"
    await done(bench, "snow-delete", ticketId=id_, template={"type": type_})
    assert bench.instance.records[TABLE] == {}
    changing = [each for each in bench.instance.requests if not each.startswith("GET")]
    assert all(f"/api/sn_chg_rest/change/{type_}" in each for each in changing)


@pytest.mark.parametrize("step", ["snow-query-for-records", "snow-query-records"])
async def test_a_record_is_found(bench: SnowBench, step: str) -> None:
    """Its fields stand at the top, and under `record`."""
    bench.instance.make(TABLE, short_description="other")
    record = bench.instance.make(TABLE, short_description="Release 1.2.0", state="-4")
    found = await done(bench, step, query={"short_description": "release 1.2.0", "state": -4})
    assert found["sys_id"] == found["record"]["sys_id"] == record["sys_id"]
    assert found["number"] == record["number"]
    none = await bench.run(
        step, {"credentials": SNOW_BASIC, "tableName": TABLE, "query": {"state": "9"}}
    )
    assert isinstance(none, Failed)
    assert told(none) == "there is no record of change_request with state '9'"


async def test_a_condition_is_waited_for(bench: SnowBench) -> None:
    """The instance decides, about this record alone, and the message says what it has."""
    bench.instance.make(TABLE, state="-2", approval="approved")
    record = bench.instance.make(TABLE, state="-5", approval="requested")
    config = {
        "credentials": SNOW_BASIC, "tableName": TABLE, "ticketId": record["sys_id"],
        "condition": "state=-2^ORstate=-1^approval=approved^NQstate=3", "pollInterval": "90s",
    }  # fmt: skip
    waiting = await bench.run("snow-wait-for-condition", config)
    assert isinstance(waiting, Waiting)
    assert waiting.waiting_for.startswith(
        f"{record['number']} has state=-5, approval=requested, waiting for state=-2"
    )
    assert (list(waiting.wake), waiting.again_seconds) == (
        [f"ticket:127.0.0.1/{record['sys_id']}"],
        90.0,
    )
    record.update(state="-1")
    assert isinstance(await bench.run("snow-wait-for-condition", config), Waiting)
    record.update(approval="approved")
    assert said(await bench.run("snow-wait-for-condition", config)) == ("Succeeded", True)
    record.update(state="3", approval="rejected")
    assert said(await bench.run("snow-wait-for-condition", config)) == ("Succeeded", True)


# --- once --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", [None, {"type": "normal"}])
async def test_a_crash_before_the_record_is_noted(
    bench: SnowBench, template: dict[str, str] | None
) -> None:
    """It is known by its `correlation_id`, and no second one made."""
    config = {**CREATE, **({"template": template} if template else {})}
    bench.instance.faults.loses_answers = 1
    assert isinstance(await bench.run("snow-create", config), Waiting)
    [record] = bench.instance.records[TABLE].values()
    outcome = await bench.run("snow-create", config)
    assert told(outcome) == f"{record['number']} was there: an earlier run of this step had made it"
    assert len(bench.instance.records[TABLE]) == 1


async def test_a_correlation_of_the_manifests_own(bench: SnowBench) -> None:
    """Stays; the mark is in the field beside it."""
    parameters = {"correlation_id": "ours", "short_description": "x"}
    bench.instance.make(TABLE, **parameters)
    bench.instance.faults.loses_answers = 1
    await bench.run("snow-create", {**CREATE, "parameters": parameters})
    made = await done(bench, "snow-create", **{**CREATE, "parameters": parameters})
    records = bench.instance.records[TABLE]
    assert len(records) == 2
    assert records[made["sys_id"]]["correlation_id"] == "ours"
    assert records[made["sys_id"]]["correlation_display"].startswith("towpath-")


async def test_a_table_without_a_place_for_the_mark(bench: SnowBench) -> None:
    """A query for it would match every record: none of them is taken for ours."""
    other = bench.instance.make("u_release", u_version="0.9")
    config = {"credentials": SNOW_KEY, "tableName": "u_release", "parameters": {"u_version": "1"}}
    bench.instance.faults.loses_answers = 1
    await bench.run("snow-create", config)
    outcome = await bench.run("snow-create", config)
    assert isinstance(outcome, Succeeded)
    assert outcome.output is not None
    assert outcome.output["sys_id"] != other["sys_id"]


async def test_a_deletion_that_a_crash_has_hidden(bench: SnowBench) -> None:
    """What is gone by then is what was wanted; what was never there is not."""
    record = bench.instance.make(TABLE)
    config = {"credentials": SNOW_BASIC, "tableName": TABLE, "ticketId": record["sys_id"]}
    bench.instance.faults.loses_answers = 2
    assert isinstance(await bench.run("snow-delete", config), Waiting)
    assert said(await bench.run("snow-delete", config)) == ("Succeeded", True)
    bench.notes.kept.clear()
    never = await bench.run("snow-delete", config)
    assert said(never) == ("Errored", False)
    assert "No Record found" in told(never)


# --- what they say -----------------------------------------------------------------------------------


async def test_a_query_that_the_instance_leaves_out(bench: SnowBench) -> None:
    """It would match every record: it is no success, and says which field there is not."""
    record = bench.instance.make(TABLE)
    query = {"credentials": SNOW_BASIC, "tableName": TABLE, "query": {"short_descripton": "x"}}
    refused = await bench.run("snow-query-for-records", query)
    assert said(refused) == ("Errored", True)
    assert (
        'have no field short_descripton, which the query names; did you mean "short_description"'
        in told(refused)
    )
    waiting = {
        "credentials": SNOW_BASIC, "tableName": TABLE, "ticketId": record["sys_id"], "condition": "sttate=3",
    }  # fmt: skip
    wrong = await bench.run("snow-wait-for-condition", waiting)
    assert said(wrong) == ("Errored", True)
    assert "have no field sttate" in told(wrong)


@pytest.mark.parametrize(
    ("step", "config", "problem"),
    [
        ("snow-query-for-records", {"query": {}}, "it would match every record"),
        (
            "snow-query-for-records",
            {"query": {"a": "1^NQsys_idISNOTEMPTY"}},
            "which begins another term",
        ),
        ("snow-query-for-records", {"query": {"a^b": "1"}}, "is no name of a field"),
        ("snow-query-for-records", {"query": {"a": ["x"]}}, "ServiceNow keeps texts"),
        ("snow-delete", {"ticketId": "CHG0030001"}, "is no sys_id"),
        ("snow-delete", {"ticketId": "../" * 10 + "ab"}, "is no sys_id"),
        (
            "snow-update",
            {"ticketId": "a" * 32, "parameters": {"a": {"b": 1}}},
            "ServiceNow keeps texts",
        ),
        ("snow-wait-for-condition", {"ticketId": "a" * 32, "condition": "^"}, "is no condition"),
        (
            "snow-create",
            {"parameters": {}, "template": {"type": "standard"}},
            "name it by template.templateId",
        ),
        ("snow-create", {"parameters": {}, "tableName": "../x"}, "is no name of a table"),
        ("snow-create", {"parameters": {}, "template": {"type": "big"}}, "template.type"),
        ("snow-create", {"parameters": {}, "credentials": {"type": "basic"}}, "exactly one way"),
    ],
)
async def test_configurations_that_are_refused(
    bench: SnowBench, step: str, config: dict[str, Any], problem: str
) -> None:
    """Before anything is sent."""
    outcome = await bench.run(step, {"credentials": SNOW_BASIC, "tableName": TABLE, **config})
    assert problem in told(outcome)
    assert bench.instance.requests == []


@pytest.mark.parametrize("planned", [False, True])
async def test_secrets_reach_no_record(bench: SnowBench, planned: bool) -> None:
    """Whatever field holds one."""
    record = bench.instance.make(TABLE)
    bench.disclosed.learn("open-sesame")
    parameters = {"description": "open-sesame"}
    ticket = {"credentials": SNOW_BASIC, "tableName": TABLE, "ticketId": record["sys_id"]}
    for step, config in (("snow-create", CREATE), ("snow-update", ticket)):
        refused = await bench.run(step, {**config, "parameters": parameters}, planned=planned)
        assert "it holds a value of a Secret" in told(refused)
    assert list(bench.instance.records[TABLE].values()) == [record]
    assert record["description"] == ""


async def test_a_credential_that_is_not_accepted(bench: SnowBench) -> None:
    """Says which Secret to mend."""
    bench.secret.values = {**(bench.secret.values or {}), "apiToken": "an-old-token-123"}
    outcome = await bench.run("snow-create", CREATE)
    assert "answered 401 (User Not Authenticated" in told(outcome)
    assert "replaced in Secret shop/tracker" in told(outcome)
    assert "an-old-token-123" not in told(outcome)


async def test_a_bearer_token(bench: SnowBench) -> None:
    """Where the Secret says that it is one."""
    bench.secret.values = {**(bench.secret.values or {}), "tokenType": "Bearer"}
    await done(bench, "snow-create", **CREATE)


@pytest.mark.parametrize(
    ("fault", "value", "again"),
    [("is_away", True, 30.0), ("status", 503, 30.0), ("limited", 9, 45.0)],
)
async def test_what_passes_is_waited_for(
    bench: SnowBench, fault: str, value: Any, again: float
) -> None:
    """As long as the instance asks for."""
    setattr(bench.instance.faults, fault, value)
    waiting = await bench.run("snow-create", CREATE)
    assert isinstance(waiting, Waiting)
    assert waiting.again_seconds == again
    setattr(bench.instance.faults, fault, 0)
    await bench.clock.advance(again)
    assert said(await bench.run("snow-create", CREATE)) == ("Succeeded", True)
    assert len(bench.instance.records[TABLE]) == 1


async def test_answers_of_something_else(bench: SnowBench) -> None:
    """A page, and twenty megabytes."""
    bench.instance.faults.html = True
    assert "answered with a page for people" in told(await bench.run("snow-create", CREATE))
    bench.instance.faults.html = False
    bench.instance.faults.padding_bytes = 20 << 20
    query = {"credentials": SNOW_BASIC, "tableName": TABLE, "query": {"state": "1"}}
    assert "larger than 1,048,576 bytes" in told(await bench.run("snow-query-for-records", query))


# --- plans -------------------------------------------------------------------------------------------


async def test_a_plan_says_what_would_be_done(bench: SnowBench) -> None:
    """And does none of it."""
    record = bench.instance.make(TABLE)
    ticket = {"credentials": SNOW_BASIC, "tableName": TABLE, "ticketId": record["sys_id"]}
    with pytest.raises(Unanswered):
        await bench.run("snow-create", CREATE, planned=True)
    await bench.run("snow-update", {**ticket, "parameters": {"state": "1"}}, planned=True)
    await bench.run("snow-delete", ticket, planned=True)
    name = f"ServiceNow {bench.instance.url.partition('//')[2]}"
    assert bench.planned == [
        f"create a record of change_request of {name} with short_description, state",
        f"update state of record {record['sys_id']} of change_request of {name}",
        f"delete record {record['sys_id']} of change_request of {name}",
    ]
    assert all(each.startswith("GET") for each in bench.instance.requests)
    waiting = await bench.run(
        "snow-wait-for-condition", {**ticket, "condition": "state=3"}, planned=True
    )
    assert isinstance(waiting, Waiting)
