"""Personal tokens, and API tokens of ServiceAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import serving
from tests.support.browsers import browser, serve
from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from towpath.errors import Unauthenticated
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import User
from towpath.server.auth.access import AccessTerms
from towpath.server.auth.authenticator import Means, Presented
from towpath.server.auth.personal_tokens import PersonalTerms

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = "/towpath/v1/me/tokens"
ADMIN = {"Authorization": f"Bearer {serving.TOKEN}"}
JO = User(
    "email:jo@example.com",
    ("system:authenticated",),
    claims={"email": ("jo@example.com",), "groups": ("a",)},
)


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_acts_as_its_owner_until_it_ends(tmp_path: Path) -> None:
    """It is shown once; what it does is recorded as the owner's with its name; when it was used is told."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, found = serve(world)
        async with browser(app) as client:
            made = await client.post(TOKENS, json={"name": "ci", "ttl": "2h"}, headers=ADMIN)
            assert made.status_code == 201
            token = made.json()["token"]
            assert token.startswith("towpath_")
            new = {"name": "x", "data": {"a": "b"}}
            path = f"/v1beta1/projects/{PROJECT}/configmaps"
            assert (await client.post(path, json=new, headers=bearer(token))).status_code == 201
            [entry] = await world.store.log(after=world.store.revision() - 1)
            assert entry.actor == "admin"
            assert entry.via == '{"means": "PersonalToken", "name": "ci", "address": "127.0.0.1"}'
            await world.clock.advance(61)
            assert (await client.get(path, headers=bearer(token))).status_code == 200
            listed = await client.get(TOKENS, headers=ADMIN)
            [shown] = listed.json()["items"]
            assert shown["name"] == "ci"
            assert shown["used"] is not None
            assert token not in listed.text
            await found.access.bearers.settled()
            [kept] = await world.store.bearers.all()
            assert kept.used == world.clock.now()
            assert token.encode() not in kept.digest + kept.record.encode()
            again, _ = serve(world)
            async with browser(again) as restarted:
                assert (await restarted.get(path, headers=bearer(token))).status_code == 200
            await world.clock.advance(2 * 3600)
            assert (await client.get(path, headers=bearer(token))).status_code == 401


async def test_a_token_that_is_deleted_holds_no_more_and_is_nobody_elses(tmp_path: Path) -> None:
    """Others neither see nor delete it."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, found = serve(world)
        theirs = await found.access.personal.issue(JO, "ci", seconds=3600)
        async with browser(app) as client:
            token = (await client.post(TOKENS, json={"name": "ci"}, headers=ADMIN)).json()["token"]
            jos = bearer(theirs.secret)
            assert [
                each["name"] for each in (await client.get(TOKENS, headers=jos)).json()["items"]
            ] == ["ci"]
            assert (await client.delete(f"{TOKENS}/ci", headers=jos)).status_code == 204
            assert (await client.get(TOKENS, headers=jos)).status_code == 401
            assert (await client.get(TOKENS, headers=bearer(token))).status_code == 200
            assert (await client.delete(f"{TOKENS}/ci", headers=ADMIN)).status_code == 204
            assert (await client.get(TOKENS, headers=bearer(token))).status_code == 401
            assert (await client.delete(f"{TOKENS}/ci", headers=ADMIN)).status_code == 404


async def test_what_a_token_may_not_be(tmp_path: Path) -> None:
    """Made by a token, by an account, for somebody else, twice of a name, for longer than the operator allows."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, _ = serve(
            world, serving.access(world, AccessTerms(personal=PersonalTerms(most_seconds=7200)))
        )
        account = await serving.account_token(world, PROJECT, "kargo-admin")
        async with browser(app) as client:
            token = (await client.post(TOKENS, json={"name": "ci"}, headers=ADMIN)).json()["token"]
            impersonating = {**ADMIN, "Impersonate-User": "jo"}
            for headers in (bearer(token), bearer(account), impersonating):
                assert (
                    await client.post(TOKENS, json={"name": "b"}, headers=headers)
                ).status_code == 403
            assert (
                await client.post(TOKENS, json={"name": "ci"}, headers=ADMIN)
            ).status_code == 409
            for body in (
                {"name": ""}, {"name": "A b"}, {"name": 3}, {}, {"name": "b", "ttl": "3h"},
                {"name": "b", "ttl": "1s"}, {"name": "b", "ttl": "soon"}, {"name": "b", "ttl": "-1h"},
            ):  # fmt: skip
                answer = await client.post(TOKENS, json=body, headers=ADMIN)
                assert answer.status_code == 400, body


async def test_tokens_of_people_for_whom_another_provider_vouched_hold_no_more(
    tmp_path: Path,
) -> None:
    """Whoever is configured now may call others by the same names."""
    async with running(tmp_path) as world:
        before, now = serving.access(world), serving.access(world)
        now.personal._issuer = "https://another.example"
        issue = await before.personal.issue(JO, "ci", seconds=3600)
        found = await before.personal.identify(Presented(issue.secret))
        assert found is not None
        assert found.user == JO
        with pytest.raises(Unauthenticated, match="invalid token"):
            await now.personal.identify(Presented(issue.secret))


async def api_token(world: Pipeline, access: Any, name: str = "deploy", **more: Any) -> str:
    """Return the token of a Secret, which is made for it."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": PROJECT},
        "type": "Opaque",
    }
    stored = await world.store.create(secret, actor="test")
    account = await world.store.get(Ref(scheme.SERVICE_ACCOUNT, PROJECT, "kargo-viewer"))
    token: str = access.api_tokens.issue(
        account.ref, account.uid, secret=name, secret_uid=stored.uid, **more
    )
    return token


async def test_an_api_token_holds_as_long_as_its_secret(tmp_path: Path) -> None:
    """And its account; one made anew under the name of either is another. When it was used is remembered."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        app, found = serve(world)
        token = await api_token(world, found.access)
        path = f"/v1beta1/projects/{PROJECT}/stages"
        async with browser(app) as client:
            await world.clock.advance(4_000)
            assert (await client.get(path, headers=bearer(token))).status_code == 200
            ref = Ref(scheme.SECRET, PROJECT, "deploy")
            uid = (await world.store.get(ref)).uid
            await found.access.api_tokens.settled()
            assert await found.access.api_tokens.last_uses([uid, "x"]) == {uid: world.clock.now()}
            assert await world.store.bearers.token_uses() == {uid: world.clock.now()}
            known = await found.access.api_tokens.identify(Presented(token))
            assert known is not None
            assert (known.means, known.name) == (Means.API_TOKEN, f"{PROJECT}/deploy")
            await world.writer.delete(ref, USER)
            refused = await client.get(path, headers=bearer(token))
            assert (refused.status_code, "revoked" in refused.text) == (401, True)
            another = await api_token(world, found.access)
            assert (await client.get(path, headers=bearer(token))).status_code == 401
            assert (await client.get(path, headers=bearer(another))).status_code == 200
            short = await api_token(world, found.access, "short", seconds=60)
            assert (await client.get(path, headers=bearer(short))).status_code == 200
            await world.clock.advance(61)
            assert (await client.get(path, headers=bearer(short))).status_code == 401
