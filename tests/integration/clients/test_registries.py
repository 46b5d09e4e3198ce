"""Registries: Debian's docker-registry, the demo's for what that one cannot, and a token service."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support import registry
from tests.support.registry import INDEX, PASSWORD, USER, put
from towpath import errors
from towpath.clients.http import Egress
from towpath.clients.oci import Registries
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential
from towpath.clients.oci.manifest import Platform
from towpath.clock import SystemClock
from towpath.demo.image_registry import DemoRegistry
from towpath.demo.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.registry import Registry
    from towpath.demo.loopback import Answer, Request

HOST = "registry.example"
REPOSITORY = f"{HOST}/acme/app"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that lets everybody in."""
    with registry.serving(tmp_path_factory.mktemp("registry")) as found:
        yield found


def _registries(egress: Egress, url: str) -> Registries:
    return Registries(egress, clock=SystemClock(), mirrors={HOST: [url]})


def _egress(*urls: str) -> Egress:
    return Egress(allow=[url.removeprefix("http://") for url in urls], clock=SystemClock())


async def test_tags_digests_and_what_an_image_says(real: Registry) -> None:
    """The tag's own digest; labels, annotations and configuration tell when it was built."""
    digest = real.push("acme/app", "1.0.0", annotations={"org.opencontainers.image.title": "App"})
    real.push(
        "acme/app", "1.1.0", labels={"org.opencontainers.image.created": "2026-03-01T00:00:00Z"}
    )
    real.push(
        "acme/app",
        "1.2.0",
        annotations={"org.opencontainers.image.created": "2020-01-01T00:00:00Z"},
    )
    async with _egress(real.url) as egress:
        repository = _registries(egress, real.url).open(REPOSITORY)
        assert sorted(await repository.tags()) == ["1.0.0", "1.1.0", "1.2.0"]
        assert await repository.digest("1.0.0") == digest
        first, second, third = [await repository.image(tag) for tag in ("1.0.0", "1.1.0", "1.2.0")]
        assert first.digest == digest
        assert first.annotations == {"org.opencontainers.image.title": "App"}
        assert str(first.created) == "2026-01-02 03:04:05+00:00"
        assert str(second.created) == "2026-03-01 00:00:00+00:00"
        assert str(third.created) == "2020-01-01 00:00:00+00:00", "an annotation wins outright"
        assert first.runs_on(Platform.parse("linux/amd64"))
        assert not first.runs_on(Platform.parse("linux/arm64"))


async def test_an_index_of_several_platforms(real: Registry) -> None:
    """Its own digest, its children's platforms; what is of no known platform does not count."""
    amd = real.push("acme/multi", "amd", platform="linux/amd64")
    arm = real.push("acme/multi", "arm", platform="linux/arm64", created="2026-05-01T00:00:00Z")
    children = [
        {"digest": amd, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": arm, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {"digest": amd, "platform": {"os": "unknown", "architecture": "unknown"}},
    ]
    manifest: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [{**child, "mediaType": registry.MANIFEST, "size": 1} for child in children],
    }
    with httpx.Client(base_url=real.url) as client:
        digest = put(client, "acme/multi", "all", manifest, INDEX)
    async with _egress(real.url) as egress:
        found = await _registries(egress, real.url).open(f"{HOST}/acme/multi").image("all")
    assert found.digest == digest
    assert str(found.created) == "2026-05-01 00:00:00+00:00"
    assert len(found.platforms) == 2
    for text, runs in (("linux/arm64", True), ("linux/arm64/v8", True), ("linux/arm64/v7", False)):
        assert found.runs_on(Platform.parse(text)) is runs


async def test_names_that_are_not_there(real: Registry) -> None:
    """The mirror's answer and the registry's own are both told."""
    async with _egress(real.url) as egress:
        repository = _registries(egress, real.url).open(f"{HOST}/acme/none")
        with pytest.raises(errors.Unavailable) as error:
            await repository.tags()
    assert f"mirror {real.url}: {HOST}/acme/none: its tags" in str(error.value)
    assert "answered 404 (NAME_UNKNOWN" in str(error.value)
    assert f"{HOST}: {HOST}/acme/none" in str(error.value)


async def test_mirrors_are_asked_in_their_order(real: Registry, tmp_path: Path) -> None:
    """One that is down or does not have it is passed over."""
    real.push("acme/app", "1.0.0")
    empty = DemoRegistry(tmp_path)
    down = f"http://127.0.0.1:{registry.free_port()}"
    try:
        async with _egress(real.url, empty.url, down) as egress:
            registries = Registries(
                egress, clock=SystemClock(), mirrors={HOST: [down, empty.url, real.url]}
            )
            assert "1.0.0" in await registries.open(REPOSITORY).tags()
    finally:
        empty.close()


async def test_name_and_password(tmp_path: Path) -> None:
    """Right, wrong and none; the password is in no error."""
    with registry.serving(tmp_path, asks=True) as asking:
        asking.push("acme/app", "1.0.0")
        async with _egress(asking.url) as egress:
            registries = _registries(egress, asking.url)
            right = RegistryCredential(
                username=USER, password=PASSWORD, source="Secret shop/registry"
            )
            wrong = RegistryCredential(
                username=USER, password="hunter2", source="Secret shop/wrong"
            )
            assert await registries.open(REPOSITORY, right).tags() == ["1.0.0"]
            with pytest.raises(
                errors.Forbidden, match="check the credential in Secret shop/wrong"
            ) as no:
                await registries.open(REPOSITORY, wrong).tags()
            assert "hunter2" not in str(no.value)
            with pytest.raises(errors.Forbidden, match="no Secret matches this repository"):
                await registries.open(REPOSITORY, ANONYMOUS).tags()


class TokenRegistry:
    """A registry that takes tokens only, and the service that gives them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tokens = 0
        self.realm = ""
        self.http = Loopback(self._respond)

    def _respond(self, request: Request) -> Answer:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/token":
            given = request.headers.get("Authorization", "")
            if given != "Basic " + base64.b64encode(b"me:pw").decode():
                return 401, {}, b"{}"
            assert "scope=repository%3Aacme%2Fapp%3Apull" in request.query
            self.tokens += 1
            body = {"token": f"t{self.tokens}", "expires_in": 300}
            return 200, {}, json.dumps(body).encode()
        if request.headers.get("Authorization") != f"Bearer t{self.tokens}":
            challenge = (
                f'Bearer realm="{self.realm or self.http.url + "/token"}",service="s",'
                'scope="repository:acme/app:pull"'
            )
            return 401, {"WWW-Authenticate": challenge}, b"{}"
        return 200, {"ETag": '"1"'}, json.dumps({"tags": ["1.0.0"]}).encode()


async def test_a_token_is_got_once_and_used_again() -> None:
    """Until the registry does not take it any more."""
    served = TokenRegistry()
    mine = RegistryCredential(username="me", password="pw", source="Secret shop/me")
    try:
        async with _egress(served.http.url) as egress:
            repository = _registries(egress, served.http.url).open(REPOSITORY, mine)
            assert await repository.tags() == ["1.0.0"]
            assert await repository.tags() == ["1.0.0"]
            assert served.asked == [
                "GET /v2/acme/app/tags/list", "GET /token", "GET /v2/acme/app/tags/list",
                "GET /v2/acme/app/tags/list",
            ]  # fmt: skip
            served.tokens += 1
            assert await repository.tags() == ["1.0.0"]
            anonymous = _registries(egress, served.http.url).open(REPOSITORY)
            with pytest.raises(errors.Forbidden, match="no Secret matches"):
                await anonymous.tags()
    finally:
        served.http.close()


async def test_a_credential_does_not_go_to_a_token_service_elsewhere_in_the_clear() -> None:
    """A registry names the place; it must be encrypted, or named by the operator."""
    served, thief = TokenRegistry(), TokenRegistry()
    served.realm = thief.http.url.replace("127.0.0.1", "127.0.0.2") + "/token"
    mine = RegistryCredential(username="me", password="pw", source="Secret shop/me")
    try:
        async with _egress(served.http.url) as egress:
            repository = _registries(egress, served.http.url).open(REPOSITORY, mine)
            with pytest.raises(errors.Forbidden, match="is not sent to http://127"):
                await repository.tags()
        assert thief.asked == []
    finally:
        served.http.close()
        thief.http.close()


async def test_many_tags_come_in_pages_and_unchanged_images_are_not_read_again(
    tmp_path: Path,
) -> None:
    """Manifests and configurations are read once; what is asked again are tags and digests."""
    served = DemoRegistry(tmp_path)
    try:
        with httpx.Client(base_url=served.url) as client:
            for number in range(30):
                registry.push(client, "acme/app", f"1.{number}.0")
        folder = tmp_path / "tags" / "acme" / "app"
        digest = (folder / "1.0.0").read_text()
        for number in range(2470):
            (folder / f"0.{number}.0").write_text(digest)
        async with _egress(served.url) as egress:
            repository = _registries(egress, served.url).open(REPOSITORY)
            tags = await repository.tags()
            assert len(tags) == len(set(tags)) == 2500
            found = await repository.image("1.3.0")
            assert await repository.image("1.3.0") is found
    finally:
        served.close()


@pytest.mark.parametrize(
    "url", ["", "HTTP://x/y", "registry.example/", "registry.example/UP", "a b", "r.example/a//b"]
)
async def test_what_is_no_repository(url: str) -> None:
    """It says what it must read."""
    async with _egress() as egress:
        with pytest.raises(errors.BadRequest, match="is not an image repository"):
            Registries(egress, clock=SystemClock()).open(url)
