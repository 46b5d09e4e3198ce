"""Registries as they are in the field: odd pages, odd challenges, tags without manifests, rate limits."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.odd_registry import CONFIG, DIGEST, HOST, MANIFEST, world
from towpath import errors
from towpath.artifacts.images import ImageType
from towpath.artifacts.subscription import LookClients, Subscription
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential
from towpath.clients.oci.kept_contents import KeptContents
from towpath.clients.oci.registry_memory import RegistryMemory
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.clients.oci import Registries
    from towpath.demo.loopback import Answer, Request


def _pages(link: Callable[[str], str]) -> Callable[[Request], Answer]:
    """Return answers of two pages: the first has one tag and a link to the second."""

    def answer(request: Request) -> Answer:
        if "last=" in request.query or "tok=" in request.query:
            return 200, {}, b'{"tags": ["1.1.0", "1.2.0"]}'
        host = request.headers.get("Host", "")
        return 200, {"Link": link(host)}, b'{"tags": ["1.0.0"]}'

    return answer


@pytest.mark.parametrize(
    "link",
    [
        lambda host: f'<https://{host}/v2/a/tags/list?last=1.0.0>; rel="next"',
        lambda host: (
            f'<http://{host.replace("127.0.0.1", "LOCALHOST")}/v2/a/tags/list?last=x>; rel="next"'
        ),
        lambda _: '<http://elsewhere.example:80/v2/a/tags/list?last=1.0.0>; rel="next"',
        lambda _: '</v2/a/tags/list?tok=a,b>; rel="next"',
        lambda _: '</v2/a/tags/list?last=x>; rel="Next last"',
        lambda _: "</v2/a/tags/list?last=x>; rel='next'",
    ],
)
async def test_a_part_is_never_taken_for_the_whole(link: Callable[[str], str]) -> None:
    """The next page is asked for where the first came from, whatever the link says of scheme, host and port."""
    async with world() as (served, registries):
        served.special["/v2/a/tags"] = _pages(link)
        assert await registries.open(f"{HOST}/a").tags() == ["1.0.0", "1.1.0", "1.2.0"]


@pytest.mark.parametrize("link", ['/v2/a/tags/list?last=x; rel="next"', "next page, please"])
async def test_a_link_that_cannot_be_read_fails_aloud(link: str) -> None:
    """It names the repository."""
    async with world() as (served, registries):
        served.special["/v2/a/tags"] = _pages(lambda _: link)
        with pytest.raises(errors.Unavailable, match=r"next page cannot be read|registry\.example"):
            await registries.open(f"{HOST}/a").tags()


async def test_pages_that_go_round_in_a_circle_fail_aloud() -> None:
    """A page that points to itself, or to one before it."""
    async with world() as (served, registries):
        here = {"Link": '</v2/a/tags/list?n=1000>; rel="next"'}
        served.special["/v2/a/tags"] = lambda _: (200, here, b'{"tags": ["1.0.0"]}')
        with pytest.raises(errors.Unavailable, match="go round in a circle"):
            await registries.open(f"{HOST}/a").tags()
        assert len(served.asked) < 10


async def test_a_tag_that_is_listed_twice_counts_once() -> None:
    """Pages may overlap."""
    async with world() as (served, registries):
        served.tags = ["1.0.0", "1.0.0", "1.1.0", "1.0.0"]
        assert await registries.open(f"{HOST}/a").tags() == ["1.0.0", "1.1.0"]


def _holding(manifest: bytes, named: str, config: bytes = CONFIG) -> Callable[[Request], Answer]:
    """Return answers of a registry that names what it holds by digests of its choice."""

    def answer(request: Request) -> Answer:
        if "/blobs/" in request.path:
            return 200, {}, config
        kind = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
        return 200, {**kind, "Docker-Content-Digest": named}, manifest

    return answer


def _manifest_of(config: str) -> bytes:
    return MANIFEST.replace(json.loads(MANIFEST)["config"]["digest"].encode(), config.encode())


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
async def test_contents_are_those_of_their_digest(algorithm: str) -> None:
    """Of the manifest and of the configuration, whatever the algorithm; others are refused."""
    config = f"{algorithm}:{hashlib.new(algorithm, CONFIG).hexdigest()}"
    manifest = _manifest_of(config)
    named = f"{algorithm}:{hashlib.new(algorithm, manifest).hexdigest()}"
    async with world() as (served, registries):
        served.special["/v2/a/"] = _holding(manifest, named)
        assert (await registries.open(f"{HOST}/a").image("1.0.0")).digest == named
        served.special["/v2/b/"] = _holding(manifest + b" ", named)
        with pytest.raises(errors.Unavailable, match="has another digest"):
            await registries.open(f"{HOST}/b").image("1.0.0")
        served.special["/v2/c/"] = _holding(manifest, named, CONFIG + b" ")
        with pytest.raises(errors.Unavailable, match="has another digest"):
            await registries.open(f"{HOST}/c").image("1.0.0")


@pytest.mark.parametrize(
    "digest",
    [
        f"md5:{'0' * 32}",
        f"blake3:{'0' * 64}",
        f"sha256:{'0' * 63}",
        f"sha256:{'A' * 64}",
        f"sha512:{'0' * 64}",
        "sha256",
        "../../b/blobs/x",
        "",
    ],
)
async def test_what_cannot_be_verified_is_not_asked_for(digest: str) -> None:
    """An unknown algorithm, digits too few or of another form; a tag named so is named by its contents instead."""
    manifest = _manifest_of(digest)
    async with world() as (served, registries):
        served.special["/v2/a/"] = _holding(manifest, digest)
        with pytest.raises(errors.Unsupported, match="no digest that can be verified") as refused:
            await registries.open(f"{HOST}/a").image("1.0.0")
        assert HOST in refused.value.message
        assert not [path for path in served.asked if "/blobs/" in path]
        named = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
        assert await registries.open(f"{HOST}/a").digest("1.0.0") == named


@pytest.mark.parametrize(
    "challenge",
    [
        'Basic realm="x", Bearer realm="{url}/token",service="s",scope="repository:a:pull"',
        'Bearer realm = "{url}/token" , service = "s" , scope = "repository:a:pull"',
        'Negotiate, bearer REALM="/token"',
    ],
)
async def test_challenges_of_all_kinds(challenge: str) -> None:
    """The token service is found wherever it stands, also by its path alone."""
    async with world() as (served, registries):

        def ask(request: Request) -> Answer | None:
            if request.headers.get("Authorization") == "Bearer T":
                return None
            told = challenge.replace("{url}", served.http.url)
            return 401, {"WWW-Authenticate": told}, b"{}"

        served.special = {"/token": lambda _: (200, {}, b'{"token": "T"}'), "/v2/": ask}
        assert await registries.open(f"{HOST}/a").tags() == served.tags


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
async def test_head_is_refused_and_get_works(status: int) -> None:
    """Then GET is asked."""
    async with world() as (served, registries):
        served.special["/v2/a/manifests"] = lambda request: (
            (status, {}, b"") if request.method == "HEAD" else None
        )
        assert await registries.open(f"{HOST}/a").digest("1.0.0") == DIGEST


class _Nobody:
    async def find(self, *args: Any, **kwargs: Any) -> None:
        """No Secret matches."""


async def _discover(registries: Registries, notes: list[str]) -> list[str]:
    nobody: Any = _Nobody()
    subscription = Subscription(
        project="shop",
        warehouse="images",
        name="",
        config={"repoURL": f"{HOST}/a", "imageSelectionStrategy": "SemVer", "discoveryLimit": 3},
        now=datetime(2026, 1, 1, tzinfo=UTC),
        is_manual=False,
        note=notes.append,
    )
    clients = LookClients(registries=registries, credentials=nobody)
    found = await ImageType().discover(subscription, clients)
    return [reference.tag for reference in found.references]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, {}, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}'), "has no manifest for it"),
        (
            (
                200,
                {"Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws"},
                b'{"x": 1}',
            ),
            "are not images",
        ),
        ((200, {}, b"[]"), "not a JSON object"),
    ],
)
async def test_a_tag_that_is_no_image_is_passed_over_and_said(answer: Answer, why: str) -> None:
    """Only when nothing is left does the look fail."""
    async with world() as (served, registries):
        served.tags = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]
        digest = {"Docker-Content-Digest": f"sha256:{hashlib.sha256(answer[2]).hexdigest()}"}
        status, headers, body = answer
        odd: Answer = (status, {**headers, **(digest if status == 200 else {})}, body)
        served.special["/v2/a/manifests/1.3.0"] = lambda _: odd
        served.special[f"/v2/a/manifests/{digest['Docker-Content-Digest']}"] = lambda _: odd
        notes: list[str] = []
        assert await _discover(registries, notes) == ["1.2.0", "1.1.0", "1.0.0"]
        assert len(notes) == 1
        assert "tag 1.3.0" in notes[0]
        assert why in notes[0]
        served.tags = ["1.3.0"]
        with pytest.raises(
            errors.Unavailable, match=r"none of the tags that match can be used: tag 1\.3\.0"
        ):
            await _discover(registries, [])


@pytest.mark.parametrize(
    "repeat",
    [
        lambda sent: (302, {"Location": f"https://u@elsewhere.example/{sent}"}, b""),
        lambda sent: (302, {"Location": f"https://{sent.lower().strip('=')}%.example/"}, b""),
        lambda sent: (200, {"Link": f"{sent}; rel=next"}, b"{}"),
        lambda sent: (500, {}, json.dumps({"errors": [{"message": sent}]}).encode()),
        lambda sent: (401, {"WWW-Authenticate": f'Bearer realm="https://{sent}%/"'}, b""),
    ],
)
async def test_a_registry_that_repeats_what_it_was_sent_is_not_quoted_with_it(
    repeat: Callable[[str], Answer],
) -> None:
    """Whoever may read a Warehouse would read the credential."""
    credential = RegistryCredential(username="bot", password="hunter2-CANARY")
    pair = base64.b64encode(b"bot:hunter2-CANARY").decode()
    async with world() as (served, registries):

        def answer(request: Request) -> Answer:
            sent = request.headers.get("Authorization")
            if sent is None:
                return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
            return repeat(sent.partition(" ")[2])

        served.special["/v2/"] = answer
        with pytest.raises(errors.TowpathError) as caught:
            await registries.open(f"{HOST}/a", credential).tags()
        said = caught.value.message
        assert pair.strip("=").lower() not in said.lower(), said


def _always(answer: Answer) -> Callable[[Request], Answer]:
    return lambda _: answer


async def test_answers_that_cost_more_than_they_weigh_are_not_read() -> None:
    """Everybody waits while one is read."""
    async with world() as (served, registries):
        image = registries.open(f"{HOST}/a")
        for body, error in (
            (b'{"tags": [' + b'"",' * 600_000 + b'""]}', errors.TooLarge),
            (b'{"tags": ["' + b"x" * 129 + b'", "1.0.0"]}', None),
            (b'{"tags": [[], {}, 5, "1.0.0"]}', None),
            (b'{"tags": [' + b"[]," * 400_000 + b'"1.0.0"]}', errors.Unavailable),
        ):
            served.special["/v2/a/tags"] = _always((200, {}, body))
            if error is None:
                assert await image.tags() == ["1.0.0"]
            else:
                with pytest.raises(error, match=r"more than|cannot be read"):
                    await image.tags()
        child = {"digest": "x", "platform": {"os": "linux", "architecture": "amd64"}}
        for manifest, why in (
            (b'{"manifests": [' + b"{}," * 60_000 + b"{}]}", "more than 50,000 values"),
            (b'{"manifests": 5}', "names no image"),
            (json.dumps({"manifests": [child] * 501}).encode(), "more than 500 images"),
        ):
            digest = {"Docker-Content-Digest": f"sha256:{hashlib.sha256(manifest).hexdigest()}"}
            served.special["/v2/a/manifests"] = _always((200, digest, manifest))
            with pytest.raises(errors.TowpathError, match=why):
                await image.image("1.0.0")
        served.special = {
            "/v2/": lambda _: (401, {"WWW-Authenticate": 'Bearer realm="/token"'}, b""),
        }
        for token in (b"[" * 200_000, b'{"token": "T", "expires_in": 1' + b"0" * 400 + b"}"):
            served.special["/token"] = _always((200, {}, token))
            with pytest.raises(errors.Unavailable, match="gave no token"):
                await image.tags()


def test_pages_that_are_remembered_have_a_bound() -> None:
    """Of tags, not only of pages: a registry decides how many there are on a page."""
    memory = RegistryMemory(SystemClock())
    page = ("etag", ["tag"] * 400_000, None)
    for number in range(4):
        memory.keep_page(f"https://{HOST}/{number}", ANONYMOUS, page)
        memory.keep_page(f"https://{HOST}/{number}", ANONYMOUS, page)
    known = [memory.known_page(f"https://{HOST}/{number}", ANONYMOUS) for number in range(4)]
    assert known == [None, None, page, page]


async def test_a_rate_limit_holds_for_one_account_and_names_the_remedy() -> None:
    """Another credential is asked for at once: that is what a changed Secret is."""
    async with world() as (served, registries):

        def limit(request: Request) -> Answer | None:
            if request.headers.get("Authorization"):
                return None
            return 429, {"Retry-After": "120"}, b"{}"

        served.special["/v2/"] = limit
        anonymous = registries.open(f"{HOST}/a", ANONYMOUS)
        with pytest.raises(errors.TooManyRequests, match=r"rate limit.*a Secret with a credential"):
            await anonymous.tags()
        before = len(served.asked)
        with pytest.raises(errors.TooManyRequests, match="left alone for"):
            await anonymous.tags()
        assert len(served.asked) == before
        mine = RegistryCredential(username="me", password="pw", source="Secret shop/me")

        def basic(request: Request) -> Answer | None:
            if request.headers.get("Authorization"):
                return None
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b"{}"

        served.special["/v2/"] = basic
        assert await registries.open(f"{HOST}/a", mine).tags() == served.tags


async def test_a_first_look_asks_twice_for_an_image_and_a_later_one_once(tmp_path: Path) -> None:
    """The manifest at once, as it is not known; its digest alone when it is; after a restart nothing but the digest."""
    kept = KeptContents(tmp_path, SystemClock())
    async with world(kept) as (served, registries):
        image = registries.open(f"{HOST}/a")
        assert (await image.image("1.0.0")).digest == DIGEST
        first, served.asked = served.asked, []
        assert (await image.image("1.0.0")).digest == DIGEST
        later = served.asked
    blob = f"GET /v2/a/blobs/{json.loads(MANIFEST)['config']['digest']}"
    assert first == ["GET /v2/a/manifests/1.0.0", blob]
    assert later == ["HEAD /v2/a/manifests/1.0.0"]
    async with world(KeptContents(tmp_path, SystemClock())) as (served, registries):
        found = await registries.open(f"{HOST}/a").image("1.0.0")
        assert found.digest == DIGEST
        assert served.asked == ["HEAD /v2/a/manifests/1.0.0"]
        for file in tmp_path.glob("*/*"):
            file.write_bytes(file.read_bytes()[:-1])
    async with world(KeptContents(tmp_path, SystemClock())) as (served, registries):
        assert await registries.open(f"{HOST}/a").image("1.0.0") == found
        assert served.asked == [
            "HEAD /v2/a/manifests/1.0.0", f"GET /v2/a/manifests/{DIGEST}", blob,
        ]  # fmt: skip


async def test_docker_hub_is_asked_in_the_way_that_it_does_not_count() -> None:
    """It counts GET of manifests, not HEAD: several tags of one image are one such GET."""
    async with world() as (served, registries):
        image = registries.open("acme/app")
        for tag in served.tags:
            await image.image(tag)
        manifests = [each for each in served.asked if "/manifests/" in each]
        assert [each.partition(" ")[0] for each in manifests] == ["HEAD", "GET", "HEAD", "HEAD"]


async def test_a_manifest_that_is_not_the_one_that_it_is_called_is_refused() -> None:
    """Whichever way it came."""
    async with world() as (served, registries):
        lie = {"Docker-Content-Digest": f"sha256:{'0' * 64}"}
        served.special["/v2/a/"] = lambda _: (200, lie, MANIFEST)
        with pytest.raises(errors.Unavailable, match=r"tag 1\.0\.0, .*has another digest"):
            await registries.open(f"{HOST}/a").image("1.0.0")
        with pytest.raises(errors.Unavailable, match="has another digest"):
            await registries.open("a/a").image("1.0.0")
