"""Warnings of manifests, as the APIs answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import TOKEN, client

if TYPE_CHECKING:
    from pathlib import Path

_RESOURCES = "/v1beta1/resources"
_STAGES = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/stages"


async def test_what_comes_later_in_the_same_request_is_there(tmp_path: Path) -> None:
    """In whatever order the documents stand, with PUT and POST; one alone is told at once."""
    prod, test = stage_document("prod", "test"), stage_document("test")
    policies = project_document("prod", "nope")
    documents = [prod, policies, test, warehouse_document()]
    async with running(tmp_path) as world, client(world, TOKEN) as http:
        answer = await http.put(f"{_RESOURCES}?upsert=true", json=documents)
        results = answer.json()["results"]
        assert [result.get("error") for result in results] == [None] * 4
        told = [result.get("warnings") for result in results]
        assert told[1:] == [None, None, None]
        assert [said for said in told[0] or () if "matches no" in said] == [
            'spec.promotionPolicies[1].stage: "nope" matches no Stage of the Project; there are "prod", "test"'
        ]
        more = [stage_document("b", "c"), stage_document("c")]
        answer = await http.post(_RESOURCES, json=more)
        assert [result.get("warnings") for result in answer.json()["results"]] == [None, None]
        [alone] = (await http.post(_RESOURCES, json=stage_document("d", "e"))).json()["results"]
        assert 'Stage "e" does not exist' in alone["warnings"][0]


async def test_the_kubernetes_api_has_a_header_for_each(tmp_path: Path) -> None:
    """For create, dry runs, PUT, PATCH and server-side apply."""
    stage = stage_document("prod", "tset")
    stage["spec"]["promotionTemplate"]["spec"]["steps"] = [{"uses": "wrok"}]
    apply = {"content-type": "application/apply-patch+yaml"}
    merge = {"content-type": "application/merge-patch+json"}
    one = f"{_STAGES}/prod"
    async with running(tmp_path) as world, client(world, TOKEN) as http:
        await world.apply(project_document(), warehouse_document(), stage_document("test"))
        answers = [
            await http.post(f"{_STAGES}?dryRun=All", json=stage),
            await http.post(_STAGES, json=stage),
        ]
        # What controllers write of it would come between reading and PUT.
        await world.settled()
        answers += [
            await http.put(one, json=(await http.get(one)).json()),
            await http.patch(one, json={"spec": {"shard": "a"}}, headers=merge),
            await http.patch(f"{one}?fieldManager=m&force=true", json=stage, headers=apply),
        ]
        for answer in answers:
            assert answer.status_code in (200, 201), answer.text
            said = answer.headers.get_list("warning")
            assert len(said) == 2, said
            assert said[0].startswith('299 - "spec.promotionTemplate.spec.steps[0].uses: there is')
            assert 'Stage \\"tset\\" does not exist; did you mean \\"test\\"?' in said[1]
