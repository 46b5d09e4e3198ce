"""Verifications of Stages: when their runs begin, what they are made of, what comes of them, and what is cut off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import (
    PROJECT,
    USER,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.verifying import (
    FROM_IMAGE,
    TEMPLATE,
    ask,
    come_to,
    entries,
    reasons,
    run_of,
    runs,
    verified_stage,
)
from towpath.admission.writer import Writer
from towpath.errors import Invalid, NotFound
from towpath.resources import scheme
from towpath.resources.annotations import ABORT, PROMOTION, REVERIFY, SMOKE, VERIFICATION
from towpath.resources.kinds import Ref
from towpath.resources.labels import FREIGHT_COLLECTION_LABEL, STAGE_LABEL

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.store.contract import Document


async def test_a_run_is_made_and_its_verdict_verifies_the_freight(tmp_path: Path) -> None:
    """The run names Stage, collection, Promotion and Freight; the Freight says which run found it good."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            verified_stage("web", url="https://${{ ctx.stage }}.example.com", tag=FROM_IMAGE),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        [run] = await runs(world)
        [promotion] = await world.promotions("dev")
        [entry] = await entries(world)
        metadata = run.document["metadata"]
        held = (await world.status(scheme.STAGE, "dev"))["freightHistory"][0]
        assert run.ref.name.startswith("dev.")
        assert run.ref.name.endswith(f".{held['id'][:7]}")
        assert metadata["labels"] == {STAGE_LABEL: "dev", FREIGHT_COLLECTION_LABEL: held["id"]}
        assert metadata["annotations"] == {
            VERIFICATION: entry["id"],
            PROMOTION: promotion.ref.name,
        }
        [owner] = metadata["ownerReferences"]
        assert (owner["kind"], owner["name"]) == ("Freight", freight)
        assert "controller" not in owner
        assert run.document["spec"]["args"] == [
            {"name": "url", "value": "https://dev.example.com"},
            {"name": "tag", "value": "1.0.0"},
        ]
        assert entry["phase"] == "Pending"
        assert entry["analysisRun"]["phase"] == "Pending"
        assert "finishTime" not in entry
        await come_to(world, "Running")
        assert (await entries(world))[0]["phase"] == "Running"
        assert "verifiedIn" not in await world.status(scheme.FREIGHT, freight)
        assert await reasons(world) == []
        await come_to(world, "Successful")
        [entry] = await entries(world)
        assert (entry["phase"], entry["finishTime"]) == ("Successful", "2030-01-01T00:00:00Z")
        status = await world.status(scheme.FREIGHT, freight)
        assert status["verifiedIn"]["dev"]["verifiedAt"] == "2030-01-01T00:00:00Z"
        assert status["metadata"] == {"towpath.dev/verified-by": {"dev": run.ref.name}}
        assert await reasons(world) == ["Succeeded"]
        assert (await world.condition(scheme.STAGE, "dev", "Ready"))[:2] == ("True", "Verified")


@pytest.mark.parametrize(
    ("phase", "reason"),
    [("Failed", "Failed"), ("Error", "Errored"), ("Inconclusive", "Inconclusive")],
)
async def test_any_other_verdict_keeps_the_freight_here(
    tmp_path: Path, phase: str, reason: str
) -> None:
    """It is said on the Stage, by an Event, and the Freight is not verified."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            verified_stage("web", url="u"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        await come_to(world, phase, "metric up said so")
        assert "verifiedIn" not in await world.status(scheme.FREIGHT, freight)
        assert await reasons(world) == [reason]
        verified = await world.condition(scheme.STAGE, "dev", "Verified")
        assert verified[1] == f"Verification{phase}"
        assert verified[2] == "metric up said so"


async def test_every_promotion_is_verified_anew_and_waits_for_the_verdict_before(
    tmp_path: Path,
) -> None:
    """Going back to the same collection does not take over its old verdict."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document(), warehouse_document(), TEMPLATE, verified_stage("web", url="u")
        )
        first, second = await world.freight("1.0.0"), await world.freight("1.1.0")
        await world.promote("dev", first)
        await world.settled()
        waiting = await world.promote("dev", second)
        await world.settled()
        assert await world.held("dev") == first
        assert (await world.status(scheme.PROMOTION, waiting)).get("phase") != "Succeeded"
        await come_to(world, "Successful")
        assert await world.held("dev") == second
        await come_to(world, "Successful")
        await world.promote("dev", first)
        await world.settled()
        assert await world.held("dev") == first
        assert len(await runs(world)) == 3
        assert (await entries(world))[0]["phase"] == "Pending"


async def test_a_verification_is_run_again_when_somebody_asks(tmp_path: Path) -> None:
    """It says who; the same request is met once."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            verified_stage("web", url="u"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        await come_to(world, "Failed")
        [entry] = await entries(world)
        await ask(world, REVERIFY, entry["id"])
        again, before = await entries(world)
        assert before["id"] == entry["id"] != again["id"]
        assert again["actor"] == USER.actor
        assert len(await runs(world)) == 2
        run = await world.store.get(await run_of(world))
        assert PROMOTION not in run.document["metadata"]["annotations"]
        await come_to(world, "Successful")
        assert "dev" in (await world.status(scheme.FREIGHT, freight))["verifiedIn"]
        await ask(world, REVERIFY, entry["id"])
        assert len(await runs(world)) == 2


async def test_a_verification_is_given_up_when_somebody_asks(tmp_path: Path) -> None:
    """Its run is told to end, whose Successful does not count then."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            verified_stage("web", url="u"),
        )
        freight = await world.freight("1.0.0")
        await world.settled()
        await come_to(world, "Running")
        await ask(world, ABORT, (await entries(world))[0]["id"])
        [entry] = await entries(world)
        assert entry["phase"] == "Aborted"
        assert entry["message"] == f"Verification aborted by {USER.actor}"
        assert entry["finishTime"]
        [run] = await runs(world)
        assert run.document["spec"]["terminate"] is True
        await come_to(world, "Successful")
        assert (await entries(world))[0]["phase"] == "Aborted"
        assert "verifiedIn" not in await world.status(scheme.FREIGHT, freight)
        assert await reasons(world) == ["Aborted"]
        assert world.analysis_runs._tally.verifications == {"Aborted": 1}


async def test_a_run_that_is_deleted_leaves_a_named_error(tmp_path: Path) -> None:
    """It is not made again by itself; asked for, it is."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            verified_stage("web", url="u"),
        )
        await world.freight("1.0.0")
        await world.settled()
        [run] = await runs(world)
        await world.writer.delete(run.ref, USER)
        await world.settled()
        [entry] = await entries(world)
        assert entry["phase"] == "Error"
        assert entry["message"] == f"AnalysisRun {run.ref.name} was deleted before it had ended"
        assert await runs(world) == []
        await ask(world, REVERIFY, entry["id"])
        assert len(await runs(world)) == 1


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (verified_stage(), "names no analysisTemplates"),
        (verified_stage("web"), "url"),
        (verified_stage("gone", url="u"), 'AnalysisTemplate "gone" does not exist'),
        (verified_stage("web", url="u", other="x"), "other"),
        (verified_stage("web", url="${{ 5 }}"), "args.url: its value is a number"),
        (verified_stage("web", url="${{ 1 + }}"), "spec.verification.args"),
    ],
)
async def test_what_cannot_be_measured_is_an_error_that_says_why(
    tmp_path: Path, document: Document, said: str
) -> None:
    """At once, without a run, and it is not tried again by itself."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(project_document("dev"), warehouse_document(), TEMPLATE, document)
        await world.freight("1.0.0")
        await world.settled()
        [entry] = await entries(world)
        assert entry["phase"] == "Error"
        assert said in entry["message"]
        assert "analysisRun" not in entry
        assert await runs(world) == []
        assert await reasons(world) == ["Errored"]
        await world.clock.advance(3600)
        await world.settled()
        assert len(await entries(world)) == 1


async def test_a_smoke_test_needs_no_template(tmp_path: Path) -> None:
    """Its expressions are evaluated; it becomes a metric of the run, beside those of templates."""
    smoke = f"url: https://${{{{ ctx.stage }}}}.example.com\njson:\n  $.version: {FROM_IMAGE}\nstatus: 200\n"
    alone = stage_document("dev")
    alone["metadata"]["annotations"] = {SMOKE: smoke}
    both = verified_stage(
        "web",
        name="test",
        smoke="- {url: http://a.example}\n- {url: http://b.example, name: b}",
        url="u",
    )
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev", "test"), warehouse_document(), TEMPLATE, alone, both
        )
        await world.freight("1.0.0")
        await world.settled()
        by_stage = {
            run.document["metadata"]["labels"][STAGE_LABEL]: run.document["spec"]["metrics"]
            for run in await runs(world)
        }
        [metric] = by_stage["dev"]
        assert metric == {
            "name": "smoke",
            "provider": {
                "plugin": {
                    "smoke": {
                        "url": "https://dev.example.com",
                        "json": {"$.version": "1.0.0"},
                        "status": 200,
                    }
                }
            },
        }
        assert [each["name"] for each in by_stage["test"]] == ["up", "smoke", "b"]
        assert by_stage["test"][2]["provider"]["plugin"]["smoke"] == {"url": "http://b.example"}


async def test_secret_values_do_not_stand_in_a_run(tmp_path: Path) -> None:
    """They lie in a Secret of its own, which is gone once the run has ended."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "shop", "namespace": PROJECT},
        "stringData": {"token": "hush-hush-7"},
    }
    smoke = "url: https://shop.example.com\nheaders:\n- key: Authorization\n  value: Bearer ${{ secret('shop').token }}\n"
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            secret,
            verified_stage("web", smoke=smoke, url="https://x/${{ secret('shop').token }}"),
        )
        await world.freight("1.0.0")
        await world.settled()
        [run] = await runs(world)
        assert "hush-hush-7" not in json.dumps(run.document)
        spec = run.document["spec"]
        by_name = {each["name"]: each for each in spec["args"]}
        reference = by_name["url"]["valueFrom"]["secretKeyRef"]
        own = Ref(scheme.SECRET, PROJECT, reference["name"])
        values = await world.store.reveal(own, actor="test", reason="test")
        assert "hush-hush-7" in json.dumps(_decoded(values))
        header = spec["metrics"][1]["provider"]["plugin"]["smoke"]["headers"][0]["value"]
        assert header == "{{args.smoke-confided-1}}"
        assert by_name["smoke-confided-1"]["valueFrom"]["secretKeyRef"]["name"] == own.name
        await come_to(world, "Successful")
        with pytest.raises(NotFound):
            await world.store.get(own)


def _decoded(document: Document) -> list[str]:
    import base64

    return [base64.b64decode(value).decode() for value in document["data"].values()]


async def test_runs_go_with_their_stage(tmp_path: Path) -> None:
    """And only those that were made for it."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            verified_stage("web", url="u"),
        )
        await world.freight("1.0.0")
        await world.settled()
        by_hand = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": "mine", "namespace": PROJECT, "labels": {STAGE_LABEL: "dev"}},
            "spec": {"metrics": TEMPLATE["spec"]["metrics"]},
        }
        await world.apply(by_hand)
        await world.writer.delete(Ref(scheme.STAGE, PROJECT, "dev"), USER)
        await world.settled()
        assert [run.ref.name for run in await runs(world)] == ["mine"]


async def test_a_wrong_smoke_test_is_refused_on_write(tmp_path: Path) -> None:
    """The error names the field, and what may be meant."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(project_document("dev"), warehouse_document())
        document = stage_document("dev")
        document["metadata"]["annotations"] = {
            SMOKE: "url: http://a.example\nstatsu: 200\np95: fast\n"
        }
        with pytest.raises(Invalid) as caught:
            await world.apply(document)
        said = str(caught.value)
        assert "metadata.annotations[towpath.dev/smoke].statsu" in said
        assert 'did you mean "status"?' in said
        assert "metadata.annotations[towpath.dev/smoke].p95" in said


async def test_a_pass_that_is_cut_off_before_the_run_is_made_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next one, with the run that the Stage names already, and with the Secret that is there already."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "shop", "namespace": PROJECT},
        "stringData": {"token": "hush-hush-7"},
    }
    honest, cut_off = Writer.create, list[str]()

    async def cut(self: Writer, document: Document, *given: Any, **more: Any) -> Any:
        if document["kind"] == "AnalysisRun" and not cut_off:
            cut_off.append(document["metadata"]["name"])
            message = "the process ended here"
            raise RuntimeError(message)
        return await honest(self, document, *given, **more)

    monkeypatch.setattr(Writer, "create", cut)
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"),
            warehouse_document(),
            TEMPLATE,
            secret,
            verified_stage("web", url="${{ secret('shop').token }}"),
        )
        await world.freight("1.0.0")
        await world.settled()
        assert [each.ref.name for each in await runs(world)] == []
        await world.clock.advance(2)
        await world.settled()
        assert [each.ref.name for each in await runs(world)] == cut_off
        [entry] = await entries(world)
        assert (entry["phase"], entry["analysisRun"]["name"]) == ("Pending", cut_off[0])
        await come_to(world, "Successful")
        assert await reasons(world) == ["Succeeded"]


async def test_a_verification_of_what_is_not_there_any_more_is_ended(tmp_path: Path) -> None:
    """However it came about; its run is told to end, and the Freight is owed a verdict."""
    async with running(tmp_path, measuring=False) as world:
        await world.apply(
            project_document("dev"), warehouse_document(), TEMPLATE, verified_stage("web", url="u")
        )
        await world.freight("1.0.0")
        await world.settled()
        await come_to(world, "Running")
        other = {"id": "other", "items": {}, "verificationHistory": []}

        def superseded(status: Document) -> Document:
            return {**status, "freightHistory": [other, *status["freightHistory"]]}

        await world.writer.set_status(Ref(scheme.STAGE, PROJECT, "dev"), superseded, USER)
        await world.writer.annotate(Ref(scheme.STAGE, PROJECT, "dev"), {"look": "now"}, USER)
        await world.settled()
        history = (await world.status(scheme.STAGE, "dev"))["freightHistory"]
        [entry] = history[1]["verificationHistory"]
        assert entry["phase"] == "Aborted"
        assert entry["message"].startswith("superseded before it had ended")
        terminated = [each.document["spec"].get("terminate") for each in await runs(world)]
        assert True in terminated
