"""What a Promotion wants of sources, and what becomes of them: what it does not name stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications import ONE, REPOSITORY, TWO, application
from towpath.errors import Invalid
from towpath.rules.argocd.desired_revisions import ImageUpdate, SourceUpdate, desired, wanted
from towpath.rules.argocd.sources import image_name, spec_patch, updated

A = {"repoURL": REPOSITORY, "targetRevision": "main", "path": "a"}
B = {"repoURL": REPOSITORY, "targetRevision": "main", "path": "b"}
CHART = {"repoURL": "https://charts.example/stable", "chart": "pump", "targetRevision": "1.4.0"}


def _update(url: str = REPOSITORY, **more: Any) -> SourceUpdate:
    return SourceUpdate(repo_url=url, **more)


def _source(source: dict[str, Any], **update: Any) -> dict[str, Any]:
    found = application(spec={"source": source})
    [after] = updated(found, wanted([_update(**update)], found))
    return after


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/deploy",
        "https://bot@git.example/deploy.git/",
        " https://git.example/deploy.git",
        "https://GIT.example/deploy.git",
    ],
)
def test_addresses_are_compared_in_one_form(url: str) -> None:
    """For what is set and for what is checked alike."""
    found = application()
    update = _update(url, desired_revision=TWO, sets_target=True)
    assert desired([update], found) == [TWO]
    [after] = updated(found, wanted([update], found))
    assert after["targetRevision"] == TWO
    assert after["repoURL"] == REPOSITORY


def test_every_source_that_fits_is_changed_and_checked() -> None:
    """Unless a position says which one is meant."""
    found = application(spec={"sources": [A, CHART, B]})
    update = _update(desired_revision=TWO, sets_target=True)
    assert desired([update], found) == [TWO, "", TWO]
    assert [each["targetRevision"] for each in updated(found, wanted([update], found))] == [
        TWO,
        "1.4.0",
        TWO,
    ]
    third = _update(desired_revision=TWO, sets_target=True, position=3)
    assert desired([third], found) == ["", "", TWO]
    patch = spec_patch(found, wanted([third], found))
    assert [each["targetRevision"] for each in patch["sources"]] == ["main", "1.4.0", TWO]


def test_two_updates_of_a_source_are_taken_together() -> None:
    """Where they do not contradict one another."""
    found = application()
    both = [_update(), _update(desired_revision=TWO, sets_target=True)]
    assert desired(both, found) == [TWO]
    [after] = updated(found, wanted(both, found))
    assert after["targetRevision"] == TWO


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"desired_revision": ONE}, {"desired_revision": TWO}, "desiredRevision"),
        ({"parameters": (("k", "1"),)}, {"parameters": (("k", "2"),)}, "Helm parameter k"),
        (
            {"images": (ImageUpdate(repo_url="i", tag="1"),)},
            {"images": (ImageUpdate(repo_url="i", tag="2"),)},
            "image i",
        ),
    ],
)
def test_contradictions_are_refused(one: Any, other: Any, said: str) -> None:
    """With both values and a remedy."""
    found = application()
    with pytest.raises(Invalid, match=said) as caught:
        wanted([_update(**one), _update(**other)], found)
    assert "sourcePosition" in str(caught.value)


def test_an_update_that_fits_no_source_is_refused() -> None:
    """With the sources that there are."""
    with pytest.raises(Invalid, match=r"no source fits.*git\.example/deploy"):
        wanted([_update("https://git.example/other.git")], application())
    with pytest.raises(Invalid, match="chart pump"):
        wanted([_update(CHART["repoURL"], chart="pump")], application())


def test_images_that_are_not_named_stay() -> None:
    """Those of the update take the place of what there is of their names."""
    there = ["r/gate:0.9.0", "r/pump:2.0.0", "x=y:z", "r/pump=old:1"]
    after = _source(
        {**A, "kustomize": {"images": there, "namePrefix": "p-"}},
        images=(
            ImageUpdate(repo_url="r/pump", tag="3"),
            ImageUpdate(repo_url="new", digest="sha256:1"),
        ),
    )
    assert after["kustomize"] == {
        "images": ["r/gate:0.9.0", "r/pump:3", "x=y:z", "new@sha256:1"],
        "namePrefix": "p-",
    }


def test_an_image_without_tag_and_digest_is_refused() -> None:
    """Nothing would come after the colon."""
    with pytest.raises(Invalid, match="neither tag nor digest"):
        _source(A, images=(ImageUpdate(repo_url="r/pump", new_name="m/pump"),))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("nginx", "nginx"),
        ("nginx:1", "nginx"),
        ("h:5000/nginx", "h:5000/nginx"),
        ("h:5000/nginx:1", "h:5000/nginx"),
        ("a=b:1", "a"),
        ("a@sha256:1", "a"),
        ("a:1@sha256:1", "a"),
    ],
)
def test_the_name_of_an_image(written: str, name: str) -> None:
    """A port is no tag."""
    assert image_name(written) == name


def test_helm_parameters() -> None:
    """All of a name get the value, as given, and keep their other fields; new ones come at the end, in order."""
    there = [
        {"name": "tag", "value": "1", "forceString": True},
        {"name": "replicas", "value": "2"},
        {"name": "tag", "value": "2"},
    ]
    after = _source(
        {**A, "helm": {"parameters": there, "releaseName": "r"}},
        parameters=(("tag", ""), ("z", "26"), ("a", "1")),
    )
    assert after["helm"] == {
        "parameters": [
            {"name": "tag", "value": "", "forceString": True},
            {"name": "replicas", "value": "2"},
            {"name": "tag", "value": ""},
            {"name": "z", "value": "26"},
            {"name": "a", "value": "1"},
        ],
        "releaseName": "r",
    }


def test_nothing_is_sent_of_a_spec_that_stays() -> None:
    """Neither of one source nor of several."""
    for spec in ({}, {"sources": [A, B]}):
        found = application(spec=spec)
        assert spec_patch(found, wanted([_update(desired_revision=ONE)], found)) == {}


def test_the_document_is_left_alone() -> None:
    """What was read may be read again."""
    source = {**A, "helm": {"parameters": [{"name": "tag", "value": "1"}]}}
    found = application(spec={"source": source})
    updated(found, wanted([_update(parameters=(("tag", "2"),))], found))
    assert source["helm"] == {"parameters": [{"name": "tag", "value": "1"}]}
