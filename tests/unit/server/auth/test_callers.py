"""Who calls: tokens of the administrator and of accounts, and whom a caller speaks for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from tests.support import serving
from tests.support.pipeline import PROJECT, USER, Pipeline, project_document, running
from towpath.admission import default_roles
from towpath.clock import VirtualClock
from towpath.disk import private_file
from towpath.errors import Unauthenticated, Unavailable
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.server.auth.account_tokens import AUDIENCE, AccountTokens, new_key
from towpath.server.auth.admin_token import AdminToken

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def who(world: Pipeline, token: str, **headers: str) -> httpx.Response:
    """Return what the server says of whom it takes a caller for."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with serving.client(world, token) as client:
        return await client.post(REVIEW, json={}, headers=given)


def test_a_token_of_the_administrator_that_others_could_read_counts_once_they_cannot(
    tmp_path: Path,
) -> None:
    """Else the old one goes on counting, though the log told what to do about the new one and it was done."""
    path = tmp_path / "admin-token"
    token = AdminToken.load_or_create(path)
    before = path.read_text().strip()
    path.write_text("another-token\n")
    path.chmod(0o644)
    assert token.matches(before)
    path.chmod(0o600)
    assert token.matches("another-token")
    assert not token.matches(before)


async def test_an_account_is_known_by_its_token(tmp_path: Path) -> None:
    """Until the token ends, or the account goes, or another takes its name."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        await default_roles.ensure(world.store, actor="test")
        token = await serving.account_token(world, PROJECT, "kargo-viewer")
        told = (await who(world, token)).json()["status"]["userInfo"]
        assert told["username"] == f"system:serviceaccount:{PROJECT}:kargo-viewer"
        assert f"system:serviceaccounts:{PROJECT}" in told["groups"]
        await world.clock.advance(3601)
        assert (await who(world, token)).status_code == 401
        account = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "bot", "namespace": PROJECT},
        }
        await world.writer.create(account, USER)
        token = await serving.account_token(world, PROJECT, "bot")
        assert (await who(world, token)).status_code == 201
        await world.writer.delete(Ref(scheme.SERVICE_ACCOUNT, PROJECT, "bot"), USER)
        assert (await who(world, token)).status_code == 401
        await world.writer.create(account, USER)
        refused = await who(world, token)
        assert refused.status_code == 401
        assert refused.json()["reason"] == "Unauthorized"


async def test_forged_and_foreign_tokens_are_refused(tmp_path: Path) -> None:
    """Another key, another algorithm, none, another audience, a missing claim, nonsense."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        await default_roles.ensure(world.store, actor="test")
        good = await serving.account_token(world, PROJECT, "kargo-admin")
        claims = jwt.decode(good, options={"verify_signature": False})
        stored = await world.store.get(Ref(scheme.SERVICE_ACCOUNT, PROJECT, "kargo-admin"))
        elsewhere = AccountTokens(world.store, world.clock, serving.KEY).issue(
            stored.ref, stored.uid, audiences=["elsewhere"], seconds=3600
        )
        without = {key: value for key, value in claims.items() if key != "exp"}
        for token in (
            jwt.encode(claims, new_key(), algorithm="ES256"),
            jwt.encode(claims, "x" * 40, algorithm="HS256"),
            jwt.encode(claims, "", algorithm="none"),
            jwt.encode(without, serving.KEY, algorithm="ES256"),
            jwt.encode({**claims, "kubernetes.io": "x"}, serving.KEY, algorithm="ES256"),
            elsewhere.token,
            good[:-2],
            "a.b.c",
            "..",
            "é.é.é",
        ):
            headers = {b"Authorization": f"Bearer {token}".encode()}
            async with serving.client(world, "") as client:
                assert (await client.post(REVIEW, json={}, headers=headers)).status_code == 401


async def test_speaking_for_others_takes_the_right_to(tmp_path: Path) -> None:
    """User, groups, uid and more each; the administrator may."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        await default_roles.ensure(world.store, actor="test")
        told = (
            await who(
                world, serving.TOKEN, Impersonate_User="jo", Impersonate_Group="team",
                Impersonate_Uid="7", Impersonate_Extra_Scopes="a",
            )
        ).json()["status"]["userInfo"]  # fmt: skip
        assert told == {
            "username": "jo",
            "uid": "7",
            "groups": ["team", "system:authenticated"],
            "extra": {"scopes": ["a"]},
        }
        account = f"system:serviceaccount:{PROJECT}:kargo-viewer"
        spoken = await who(world, serving.TOKEN, Impersonate_User=account)
        assert f"system:serviceaccounts:{PROJECT}" in spoken.json()["status"]["userInfo"]["groups"]
        token = await serving.account_token(world, PROJECT, "kargo-admin")
        refused = await who(world, token, Impersonate_User="jo")
        assert refused.status_code == 403
        assert 'cannot impersonate resource "users"' in refused.json()["message"]
        assert (await who(world, serving.TOKEN, Impersonate_Group="team")).status_code == 400
        await world.apply(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "speaker"},
                "rules": [{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}],
            },
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "speaker"},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "speaker",
                },
                "subjects": [
                    {"kind": "ServiceAccount", "name": "kargo-admin", "namespace": PROJECT}
                ],
            },
        )
        assert (await who(world, token, Impersonate_User="jo")).status_code == 201
        for more in (
            {"Impersonate_Group": "team"},
            {"Impersonate_Uid": "7"},
            {"Impersonate_Extra_Scopes": "a"},
        ):
            assert (await who(world, token, Impersonate_User="jo", **more)).status_code == 403


@pytest.mark.parametrize("authorization", ["", "Basic x", "Bearer", "Bearer  ", "Bearer wrong"])
async def test_who_has_no_token_is_told_so_by_both_apis(tmp_path: Path, authorization: str) -> None:
    """As a Status where Kubernetes is spoken, as Kargo's error elsewhere."""
    async with running(tmp_path) as world:
        headers = {"Authorization": authorization} if authorization else {}
        async with serving.client(world, "") as client:
            status = await client.get("/api/v1/namespaces", headers=headers)
            error = await client.get("/v1beta1/projects", headers=headers)
            assert (await client.get("/readyz")).text == "ok"
        assert (status.status_code, status.json()["kind"]) == (401, "Status")
        assert status.headers["www-authenticate"] == "Bearer"
        assert (error.status_code, set(error.json())) == (401, {"error"})


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    """What others can read is refused, and so is what is none."""
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"secret")
        return b"secret"

    path = tmp_path / "key"
    for _ in range(2):
        assert private_file.load_or_create(path, "the key", make) == b"secret"
    assert len(made) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600"):
        private_file.load_or_create(path, "the key", make)
    path.chmod(0o600)
    path.write_text("")
    with pytest.raises(Unavailable, match="empty"):
        private_file.load_or_create(path, "the key", make)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(Unavailable, match="it is no file, and should hold the key; remove"):
        private_file.load_or_create(path, "the key", make)
    nothing: Any = None
    broken = AccountTokens(nothing, VirtualClock(), b"nonsense")
    with pytest.raises(Unavailable, match="no private key"):
        broken.issue(Ref(scheme.SERVICE_ACCOUNT, "n", "a"), "1", audiences=[AUDIENCE], seconds=600)


async def test_the_signature_of_a_token_is_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the token still holds is asked each time; what is no token of ours is never remembered."""
    async with running(tmp_path) as world:
        await world.apply(project_document())
        await world.settled()
        await default_roles.ensure(world.store, actor="test")
        looked: list[str] = []
        decode = jwt.decode

        def counting(token: str, *given: Any, **named: Any) -> Any:
            looked.append(token)
            return decode(token, *given, **named)

        monkeypatch.setattr(jwt, "decode", counting)
        accounts = AccountTokens(world.store, world.clock, new_key())
        account = await world.store.get(Ref(scheme.SERVICE_ACCOUNT, PROJECT, "kargo-viewer"))
        token = accounts.issue(account.ref, account.uid, audiences=[AUDIENCE], seconds=60).token
        for _ in range(3):
            await accounts.user(token)
        assert looked == [token]
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await accounts.user(token[:-4] + "AAAA")
        with pytest.raises(Unauthenticated):
            await accounts.user(token, ["others"])
        assert len(looked) == 4
        for _ in range(1_100):
            each = accounts.issue(account.ref, account.uid, audiences=[AUDIENCE], seconds=60).token
            await accounts.user(each)
        assert len(accounts._verified) == 1_000
        await world.clock.advance(61)
        with pytest.raises(Unauthenticated, match="expired"):
            await accounts.user(token)
