"""What is not there: the answer says what is, to whoever may list it; the history of what never was is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pipeline import (
    PROJECT,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.serving import TOKEN, account_token, client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

_API = f"/v1beta1/projects/{PROJECT}"
_OWN = f"/towpath/v1/projects/{PROJECT}"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Pipeline]:
    """A Project with two Stages and a Freight."""
    async with running(tmp_path) as found:
        await found.apply(
            project_document(),
            warehouse_document(),
            stage_document("preprod"),
            stage_document("prod", "preprod"),
        )
        await found.settled()
        yield found


async def _said(http: httpx.AsyncClient, path: str, method: str = "GET", **more: object) -> str:
    answer = await http.request(method, path, **more)  # type: ignore[arg-type]  # what httpx takes
    assert answer.status_code == 404, answer.text
    said: str = answer.json()["error"]
    return said


async def test_what_is_like_it_is_named_or_else_the_first_few(world: Pipeline) -> None:
    """Of every kind that a path names, and of the Project."""
    name = await world.freight("1.0.0")
    async with client(world, TOKEN) as http:
        freight = (await http.get(f"{_API}/freight/{name}")).json()
        alias = freight["metadata"]["labels"]["kargo.akuity.io/alias"]
        assert await _said(http, f"{_API}/stages/prdo") == (
            f'stages.kargo.akuity.io "prdo" not found in Project {PROJECT}; did you mean "prod"?'
        )
        assert (await _said(http, f"{_API}/stages/PROD")).endswith('did you mean "prod"?')
        assert (await _said(http, f"{_API}/stages/quux")).endswith('; there are "preprod", "prod"')
        assert (await _said(http, f"{_API}/warehouses/x")).endswith('; there is "main"')
        assert (await _said(http, f"{_API}/promotions/x")).endswith("; there is none")
        assert (await _said(http, f"{_API}/freight/nope")).endswith(f'; there is "{alias}"')
        told = await _said(http, f"{_API}/freight/{alias[:-1]}/approve?stage=prod", "POST")
        assert told.endswith(f'; did you mean "{alias}"?')
        told = await _said(
            http, f"{_API}/stages/prod/promotions", "POST", json={"freightAlias": alias[1:]}
        )
        assert told.endswith(f'; did you mean "{alias}"?')
        for path in (f"{_OWN}/stages/prdo/explain", f"{_OWN}/stages/prdo/history"):
            assert (await _said(http, path)).endswith('did you mean "prod"?')
        told = await _said(http, f"/v1beta1/projects/{PROJECT[:-1]}/stages")
        assert told.endswith(f'; did you mean "{PROJECT}"?')


async def test_of_secrets_those_are_named_that_the_path_is_about(world: Pipeline) -> None:
    """A wrong name of a token tells of tokens, that of a credential of credentials: other Secrets have no part in it."""
    async with client(world, TOKEN) as http:
        for collection, body in (
            ("generic-credentials", {"name": "slack", "data": {"url": "x"}}),
            (
                "repo-credentials",
                {"name": "git", "type": "git", "repoUrl": "https://a.example/b", "username": "u", "password": "p"},
            ),
        ):  # fmt: skip
            made = await http.post(f"{_API}/{collection}", json=body)
            assert made.status_code == 201, made.text
        for method in ("GET", "DELETE"):
            for collection, told in (
                ("api-tokens", "there is none"),
                ("generic-credentials", 'there is "slack"'),
                ("repo-credentials", 'there is "git"'),
            ):
                for name in ("nope", "git", "slack"):
                    path = f"{_API}/{collection}/{name}"
                    if told.endswith(f'"{name}"'):
                        continue
                    assert (await _said(http, path, method)).endswith(f"; {told}"), path


async def test_whoever_may_not_list_learns_no_names(world: Pipeline) -> None:
    """A right to one object is none to know the others."""
    account = {"kind": "ServiceAccount", "name": "narrow", "namespace": PROJECT}
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    metadata = {"name": "narrow", "namespace": PROJECT}
    rule = {"apiGroups": ["kargo.akuity.io"], "resources": ["stages"], "verbs": ["get"]}
    await world.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {**rbac, "kind": "Role", "metadata": metadata, "rules": [rule]},
        {
            **rbac,
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "narrow"},
            "subjects": [account],
        },
    )
    async with client(world, await account_token(world, PROJECT, "narrow")) as http:
        for path in (f"{_API}/stages/prdo", f"{_OWN}/stages/prdo/history"):
            said = await _said(http, path)
            assert said == f'stages.kargo.akuity.io "prdo" not found in Project {PROJECT}'


async def test_history_of_what_is_or_was_is_an_answer(world: Pipeline) -> None:
    """Also where nothing has ever been in it, and after its end."""
    name = await world.freight("1.0.0")
    async with client(world, TOKEN) as http:
        assert (await http.get(f"{_OWN}/stages/prod/history")).json() == {"items": []}
        at = f"{_OWN}/stages/preprod/history?at=2001-01-01T00:00:00Z"
        assert (await http.get(at)).json() == {"items": []}
        made = await http.post(f"{_API}/stages/preprod/promotions", json={"freight": name})
        assert made.status_code == 201, made.text
        await world.settled()
        assert (await http.delete(f"{_API}/stages/preprod")).status_code == 204
        await world.settled()
        assert (await http.get(f"{_API}/stages/preprod")).status_code == 404
        was = (await http.get(f"{_OWN}/stages/preprod/history")).json()["items"]
        assert [item["freight"] for item in was] == [name]
        assert (await http.get(at)).json() == {"items": []}


async def test_history_tells_who_approved_and_what_cannot_be_asked(world: Pipeline) -> None:
    """With the reason; an approval that does not hold any more has its end."""
    name = await world.freight("1.0.0")
    async with client(world, TOKEN) as http:
        path = f"{_OWN}/stages/prod/history"
        for kind in ("approvals", "verifications"):
            assert (await http.get(f"{path}?of={kind}")).json() == {"items": []}
            assert (await http.get(f"{_OWN}/stages/prdo/history?of={kind}")).status_code == 404
        approved = await http.post(f"{_API}/freight/{name}/approve?stage=prod")
        assert approved.status_code == 200, approved.text
        [item] = (await http.get(f"{path}?of=approvals")).json()["items"]
        assert (item["freight"], item["actor"], item["until"]) == (name, "admin", None)
        assert (await http.delete(f"{_API}/freight/{name}")).status_code == 204
        [item] = (await http.get(f"{path}?of=approvals")).json()["items"]
        assert item["until"]
        assert item["endedBy"]
        wrong = await http.get(f"{path}?of=everything")
        assert (
            wrong.status_code,
            "freight, promotions, approvals, verifications" in wrong.text,
        ) == (400, True)
        wrong = await http.get(f"{path}?of=approvals&at=2001-01-01T00:00:00Z")
        assert (wrong.status_code, "history of freight" in wrong.text) == (400, True)


async def test_kinds_and_fields_that_are_not_there(world: Pipeline) -> None:
    """The right one is named, with its version."""
    async with client(world, TOKEN) as http:

        async def refused(document: dict[str, object]) -> str:
            whole = {"metadata": {"name": "x", "namespace": PROJECT}, **document}
            path = "/v1beta1/resources?upsert=true&fieldValidation=Strict"
            answer = await http.put(path, json=whole)
            assert answer.status_code == 400, answer.text
            said: str = answer.json()["error"]
            return said

        version = "kargo.akuity.io/v1alpha1"
        assert f"did you mean Stage ({version})" in await refused(
            {"apiVersion": version, "kind": "Stge"}
        )
        assert (await refused({"apiVersion": version, "kind": "stage"})).endswith(
            f"did you mean Stage ({version})?"
        )
        assert (await refused({"apiVersion": "v1", "kind": "Stage"})).endswith(
            f"Stage is of version {version}: put that into apiVersion"
        )
        assert "there are AnalysisRun" in await refused({"apiVersion": version, "kind": "Quux"})
        stage = stage_document("prod")
        stage["spec"]["promotionTemplte"] = {}
        stage["spec"]["quux"] = {}
        assert (await refused(stage)).endswith(
            'unknown field "spec.promotionTemplte" (did you mean "promotionTemplate"?), unknown field "spec.quux"'
        )
