"""What refers to an image: by the API, by the tag in its place, by cosign's tags, and from registries that lie."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.attaching import (
    IMAGE,
    INDEX,
    MANIFEST,
    NOTATION,
    SPDX,
    SUBJECT,
    Attaching,
    descriptor,
    index,
)
from tests.support.odd_registry import HOST, world
from tests.support.registry import PASSWORD, USER, put, serving
from towpath import errors
from towpath.clients.http import Egress
from towpath.clients.oci import Registries, digests
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential
from towpath.clients.oci.referrer import ListedBy
from towpath.clients.oci.referrers import MOST
from towpath.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.clients.oci.referrer import Referrers
    from towpath.demo.loopback import Answer, Request

PATH = f"/v2/a/referrers/{SUBJECT}"
TWO = [
    descriptor(NOTATION, annotations={"org.opencontainers.image.created": "2026-01-02T03:04:05Z"}),
    descriptor(SPDX, annotations={"kind": "x" * 5_000}),
]


async def _asked(told: Attaching, artifact_type: str = "") -> tuple[Referrers, list[str]]:
    async with world() as (served, registries):
        told.serve(served)
        found = await registries.open(f"{HOST}/a").referrers(SUBJECT, artifact_type)
        return found, served.asked


async def test_the_api_is_asked_first() -> None:
    """Types, moments and annotations come along, the long ones cut; the tag is not asked for."""
    found, asked = await _asked(Attaching(TWO))
    assert found.by is ListedBy.API
    assert [each.artifact_type for each in found.items] == [NOTATION, SPDX]
    assert found.items[0].created == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.items[0].size == 700
    assert len(found.items[1].annotations["kind"]) < 300
    assert f"GET /v2/a/manifests/{SUBJECT.replace(':', '-')}" not in asked


async def test_the_tag_stands_in_for_the_api() -> None:
    """Where there is none."""
    found, _ = await _asked(Attaching(TWO, api=False, tag=True))
    assert found.by is ListedBy.TAG
    assert [each.artifact_type for each in found.items] == [NOTATION, SPDX]


@pytest.mark.parametrize("api", [True, False])
@pytest.mark.parametrize("filters", [True, False])
async def test_one_artifact_type(api: bool, filters: bool) -> None:
    """Whether the registry filters, or we do."""
    told = Attaching(TWO, api=api, tag=not api, filters=filters)
    found, _ = await _asked(told, SPDX)
    assert [each.artifact_type for each in found.items] == [SPDX]


async def test_neither_is_said_and_no_error() -> None:
    """Nothing is attached, or the registry cannot tell: two things. An image that is not there is a third."""
    found, _ = await _asked(Attaching(api=False))
    assert (found.by, found.items) == (ListedBy.NOTHING, ())
    found, _ = await _asked(Attaching())
    assert (found.by, found.items) == (ListedBy.API, ())
    with pytest.raises(errors.NotFound, match="manifest sha256"):
        await _asked(Attaching(api=False, there=False))


async def test_tags_of_cosign() -> None:
    """Each layer is one attachment; with the API and without."""
    tag = SUBJECT.replace(":", "-")
    simple = "application/vnd.dev.cosign.simplesigning.v1+json"
    layers = [descriptor("", 1) | {"mediaType": simple}, "x", {"digest": "sha256:1"}]
    for api in (True, False):
        told = Attaching(TWO if api else [], api=api, tagged={f"{tag}.sig": {"layers": layers}})
        found, _ = await _asked(told)
        assert [each.media_type for each in found.items if each.by is ListedBy.COSIGN] == [simple]
        assert found.by is (ListedBy.API if api else ListedBy.NOTHING)


@pytest.mark.parametrize("there", [True, False])
async def test_a_mirror_that_does_not_tell_leads_on(there: bool) -> None:
    """Its word stays where the registry itself cannot be asked."""

    def mirror(request: Request) -> Answer:
        found = request.path.endswith(f"/manifests/{SUBJECT}")
        return (200, {"Content-Type": MANIFEST}, IMAGE) if found else (404, {}, b"")

    async with world() as (served, registries):
        if there:
            Attaching(TWO).serve(served)
        else:
            served.special["/v2/"] = lambda _: (404, {}, b"")
        served.special["/mirror/"] = mirror
        opened = registries.open(f"{HOST}/a")
        [base] = opened.bases
        repository = dataclasses.replace(opened, bases=(f"{base}/mirror", base))
        found = await repository.referrers(SUBJECT)
    assert (found.by, len(found.items)) == ((ListedBy.API, 2) if there else (ListedBy.NOTHING, 0))


async def test_attestations_in_the_index_of_the_image() -> None:
    """As BuildKit puts them there: each layer of a manifest that is none of an image; other children are not read."""
    predicate = {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
    layer = descriptor("", 1, predicate) | {"mediaType": "application/vnd.in-toto+json"}
    attests = json.dumps({"mediaType": MANIFEST, "layers": [layer]}).encode()
    marks = {"vnd.docker.reference.type": "attestation-manifest"}
    children = [
        descriptor("", 2),
        {"digest": 5, "annotations": marks},
        {"digest": "../../x", "annotations": marks},
        {"digest": digests.of(attests), "annotations": marks},
        "x",
    ]
    image = json.dumps(index(children)).encode()
    bodies = {digests.of(each): each for each in (image, attests)}

    def manifest(request: Request) -> Answer:
        body = bodies.get(request.path.rpartition("/")[2])
        return (404, {}, b"") if body is None else (200, {"Content-Type": INDEX}, body)

    async with world() as (served, registries):
        Attaching(api=False).serve(served)
        served.special["/v2/a/manifests/"] = manifest
        repository = registries.open(f"{HOST}/a")
        found = await repository.referrers(digests.of(image))
        assert [(each.by, each.annotations) for each in found.items] == [
            (ListedBy.INDEX, predicate)
        ]
        assert not (await repository.referrers(digests.of(image), SPDX)).items
        del bodies[digests.of(attests)]
        with pytest.raises(errors.NotFound):
            await repository.referrers(digests.of(image))


@pytest.mark.parametrize("asks", [False, True])
async def test_a_real_registry_without_the_api(tmp_path: Path, asks: bool) -> None:
    """The index of the tag, as clients push it, and the tags of cosign; with a credential where the registry asks for one."""
    clock = SystemClock()
    with serving(tmp_path, asks=asks) as real:
        digest = real.push("attached", "1.0.0")
        credential = RegistryCredential(username=USER, password=PASSWORD) if asks else ANONYMOUS
        async with Egress(allow=[real.url.removeprefix("http://")], clock=clock) as egress:
            registries = Registries(egress, clock=clock, mirrors={HOST: [real.url]})
            opened = registries.open(f"{HOST}/attached", credential)
            repository = dataclasses.replace(opened, bases=opened.bases[:1])
            found = await repository.referrers(digest)
            assert (found.by, found.items) == (ListedBy.NOTHING, ())
            with httpx.Client(base_url=real.url, auth=real.auth) as client:
                listed = index([descriptor(NOTATION) | {"digest": digest}])
                put(client, "attached", digest.replace(":", "-"), listed, INDEX)
            real.push("attached", f"{digest.replace(':', '-')}.sig")
            found = await repository.referrers(digest)
            assert found.by is ListedBy.TAG
            assert {each.by for each in found.items} == {ListedBy.TAG, ListedBy.COSIGN}
            with pytest.raises(errors.NotFound):
                await repository.referrers(f"sha256:{'0' * 64}")


async def test_pages_are_read_as_far_as_anybody_reads() -> None:
    """Of many pages the first ones, and that there is more is said."""
    few = [descriptor(NOTATION, number) for number in range(7)]
    found, asked = await _asked(Attaching(few, page=3))
    assert [each.digest for each in found.items] == [each["digest"] for each in few]
    assert not found.is_cut
    assert sum("referrers" in each for each in asked) == 3
    many = [descriptor(NOTATION, number) for number in range(MOST + 50)]
    for size in (1, 100, 0):
        found, _ = await _asked(Attaching(many, page=size))
        assert found.is_cut
        assert len(found.items) == (10 if size == 1 else MOST)


def _says(body: bytes, kind: str = INDEX, **headers: str) -> Callable[[Request], Answer]:
    return lambda _: (200, {"Content-Type": kind, **headers}, body)


_EMPTY = json.dumps(index([])).encode()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_says(b"{"), errors.Unavailable),
        (_says(b"[]"), errors.Unavailable),
        (_says(b'{"mediaType": "text/plain"}'), errors.Unavailable),
        (_says(b"[" * 100_000), errors.Unavailable),
        (_says(b'{"manifests": [' + b"1," * 60_000 + b"1]}"), errors.Unavailable),
        (_says(b" " * (5 << 20)), errors.TooLarge),
        (_says(_EMPTY, Link=f'<{PATH}>; rel="next"'), errors.Unavailable),
        (_says(_EMPTY, Link='<x; rel="next"'), errors.Unavailable),
        (lambda _: (403, {}, b""), errors.Forbidden),
    ],
)
async def test_lies_are_errors_of_this_image(
    answer: Callable[[Request], Answer], error: type[errors.TowpathError]
) -> None:
    """Which name the repository."""
    async with world() as (served, registries):
        Attaching().serve(served)
        served.special[PATH] = served.special["/v2/a/referrers/"] = answer
        with pytest.raises(error, match=r"registry\.example/a"):
            await registries.open(f"{HOST}/a").referrers(SUBJECT)


async def test_odd_descriptors_are_passed_over() -> None:
    """What has no digest that could be verified; the rest is read as far as it is what it should be."""
    good: dict[str, Any] = {
        "digest": f"sha256:{'1' * 64}",
        "size": True,
        "mediaType": 5,
        "artifactType": "a\x1b[31mb",
        "annotations": {"n": 1, "t": "y\x00"},
    }
    odd = [None, 1, {}, {"digest": 3}, {"digest": "sha256:zz"}, {"digest": "../../x"}, good]
    async with world() as (served, registries):
        Attaching().serve(served)
        served.special["/v2/a/referrers/"] = _says(json.dumps(index(odd)).encode())
        [only] = (await registries.open(f"{HOST}/a").referrers(SUBJECT)).items
    assert (only.artifact_type, only.media_type, only.annotations) == ("ab", "", {"t": "y"})


async def test_of_many_long_annotations_those_that_tell_what_it_is_stay() -> None:
    """What is kept of one artifact is bounded, whatever its registry sends."""
    told = {"in-toto.io/predicate-type": "p"}
    long = {f"k{number}": "é\x1b[1m" * 2_000 for number in range(40)}
    found, _ = await _asked(Attaching([descriptor(SPDX, annotations=long | told)]))
    kept = found.items[0].annotations
    assert kept["in-toto.io/predicate-type"] == "p"
    assert 2 < len(kept) < 16
    assert sum(len(key) + len(value) for key, value in kept.items()) <= 2 << 10
    assert all(value.isprintable() for value in kept.values())


@pytest.mark.parametrize(
    "answer", [_says(b"<html>", "text/html"), lambda _: (405, {}, b""), lambda _: (501, {}, b"")]
)
async def test_a_page_of_a_web_ui_is_no_api(answer: Callable[[Request], Answer]) -> None:
    """Nor is a registry that refuses the path: the tag is asked for."""
    async with world() as (served, registries):
        Attaching(TWO, tag=True).serve(served)
        served.special["/v2/a/referrers/"] = answer
        found = await registries.open(f"{HOST}/a").referrers(SUBJECT)
    assert (found.by, len(found.items)) == (ListedBy.TAG, 2)


async def test_an_image_under_the_tag_lists_nothing_and_a_wrong_digest_is_refused() -> None:
    """The index of the tag is held against the digest that the registry names."""
    tag = SUBJECT.replace(":", "-")
    told = Attaching(api=False, tagged={tag: {"mediaType": MANIFEST, "config": {}}})
    found, _ = await _asked(told)
    assert found.by is ListedBy.NOTHING
    async with world() as (served, registries):
        Attaching(api=False).serve(served)
        wrong = {"Docker-Content-Digest": f"sha256:{'0' * 64}"}
        served.special["/v2/a/manifests/"] = _says(_EMPTY, **wrong)
        with pytest.raises(errors.Unavailable, match="another digest"):
            await registries.open(f"{HOST}/a").referrers(SUBJECT)
        with pytest.raises(errors.Unsupported, match="no digest"):
            await registries.open(f"{HOST}/a").referrers("../x")
