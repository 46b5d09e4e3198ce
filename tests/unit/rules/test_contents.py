"""What Freight of a Warehouse holds, and what a Warehouse may subscribe to."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.resources.freight import Freight
from towpath.resources.structs import view
from towpath.resources.warehouse import DiscoveredArtifacts, Warehouse
from towpath.rules.aliases import draw_alias
from towpath.rules.freight_contents import contents_errors, freight_of
from towpath.rules.subscriptions import subscription_errors, subscription_warnings

KNOWN = dict.fromkeys({"image", "git", "chart", "other"})
IMAGE = {"repoURL": "registry.example/app"}
GIT = {"repoURL": "https://git.example/app.git"}
CHART = {"repoURL": "https://charts.example", "name": "web"}


def _warehouse(*subscriptions: dict[str, Any]) -> Warehouse:
    spec = {"subscriptions": list(subscriptions)}
    return view(Warehouse, {"metadata": {"name": "main", "namespace": "shop"}, "spec": spec})


WHOLE = _warehouse({"image": IMAGE}, {"git": GIT}, {"chart": CHART})


def _freight(**held: Any) -> Freight:
    return view(Freight, {"origin": {"kind": "Warehouse", "name": "main"}, **held})


def _paths(**held: Any) -> list[str]:
    return [str(each).partition(":")[0] for each in contents_errors(_freight(**held), WHOLE)]


def test_one_artifact_of_each_subscription() -> None:
    """None missing, none twice, none that nobody subscribes to; Git addresses compare in their normal form."""
    image = {"repoURL": "registry.example/app", "tag": "1"}
    commit = {"repoURL": "https://GIT.example/app/", "id": "abc"}
    chart = {"repoURL": "https://charts.example", "name": "web", "version": "1.0.0"}
    assert _paths(images=[image], commits=[commit], charts=[chart]) == []
    assert _paths(images=[image], commits=[commit]) == ["charts"]
    assert _paths(images=[image, image], commits=[commit], charts=[chart]) == ["images[1]"]
    other = {"repoURL": "registry.example/other", "tag": "1"}
    assert _paths(images=[image, other], commits=[commit], charts=[chart]) == ["images[1]"]
    [said] = contents_errors(_freight(), WHOLE)
    assert "at least one artifact" in str(said)


def test_freight_is_made_of_the_newest_of_everything() -> None:
    """And not at all where something is lacking."""
    found = view(
        DiscoveredArtifacts,
        {
            "images": [
                {
                    **IMAGE,
                    "references": [
                        {"tag": "2", "digest": "sha256:b", "annotations": {"a": "b"}},
                        {"tag": "1", "digest": "sha256:a"},
                    ],
                }
            ],
            "git": [
                {
                    **GIT,
                    "commits": [{"id": "c2", "subject": "Second", "branch": "main"}, {"id": "c1"}],
                }
            ],
            "charts": [{**CHART, "versions": ["1.1.0", "1.0.0"]}],
        },
    )
    made = freight_of(WHOLE, found)
    assert made is not None
    assert made["images"] == [
        {**IMAGE, "tag": "2", "digest": "sha256:b", "annotations": {"a": "b"}}
    ]
    assert made["commits"] == [{**GIT, "id": "c2", "branch": "main", "message": "Second"}]
    assert made["charts"] == [{**CHART, "version": "1.1.0"}]
    assert made["origin"] == {"kind": "Warehouse", "name": "main"}
    found.images[0].references = []
    assert freight_of(WHOLE, found) is None
    assert freight_of(WHOLE, DiscoveredArtifacts()) is None


@pytest.mark.parametrize(
    ("items", "paths"),
    [
        ([{"image": IMAGE}, {"git": GIT}, {"chart": CHART}], []),
        ([{"image": IMAGE}, {"image": {"repoURL": "registry.example/app"}}], ["[1].image.repoURL"]),
        ([{"git": GIT}, {"git": {"repoURL": "https://git.example/APP"}}], ["[1].git.repoURL"]),
        ([{"chart": CHART}, {"chart": {**CHART, "name": "other"}}], []),
        ([{"chart": {"repoURL": "oci://charts.example/web"}}], []),
        ([{"chart": {"repoURL": "https://charts.example"}}], ["[0].chart.name"]),
        ([{"chart": {"repoURL": "http://charts.example", "name": ""}}], ["[0].chart.name"]),
        ([{"chart": {"repoURL": "oci://charts.example/web", "name": "web"}}], ["[0].chart.name"]),
        ([{"chart": {**CHART, "semverConstraint": "new"}}], ["[0].chart.semverConstraint"]),
        ([{"image": IMAGE, "git": GIT}], [""]),
        ([{}], [""]),
        ([{"name": "x"}], [""]),
        ([{"helm": {}}], ["[0].helm"]),
        ([{"image": IMAGE, "name": "A"}], ["[0].name"]),
        ([{"image": IMAGE, "name": "a"}, {"git": GIT, "name": "a"}], ["[1].name"]),
        ([{"image": {**IMAGE, "constraint": "not a range"}}], ["[0].image.constraint"]),
        ([{"image": {**IMAGE, "imageSelectionStrategy": "Digest"}}], []),
        ([{"git": {"repoURL": "git@git-host.example.com:org/repo.git"}}], []),
        ([{"git": {"repoURL": "first.last@git.example:org/repo"}}], []),
        ([{"git": {"repoURL": "ssh://first.last@git-host.example/org/repo"}}], []),
        ([{"image": {**IMAGE, "imageSelectionStrategy": "Lexical", "constraint": "any"}}], []),
        ([{"image": {**IMAGE, "discoveryLimit": 101}}], ["[0].image.discoveryLimit"]),
        ([{"git": {**GIT, "semverConstraint": ">>1"}}], ["[0].git.semverConstraint"]),
        ([{"image": {**IMAGE, "allowTagsRegexes": ["("]}}], ["[0].image.allowTagsRegexes[0]"]),
        ([{"image": {**IMAGE, "allowTags": "("}}], ["[0].image.allowTags"]),
        ([{"git": {**GIT, "ignoreTagsRegexes": ["a", "[b"]}}], ["[0].git.ignoreTagsRegexes[1]"]),
        ([{"git": {**GIT, "includePaths": ["a(", "regex:("]}}], ["[0].git.includePaths[1]"]),
        ([{"git": {**GIT, "excludePaths": ["glob:{a"]}}], ["[0].git.excludePaths[0]"]),
        (
            [{"git": {**GIT, "expressionFilter": 'subject matches "("'}}],
            ["[0].git.expressionFilter"],
        ),
        ([{"git": {**GIT, "expressionFilter": 'subject matches "^fix" and ('}}], []),
        ([{"other": {"config": {"any": 1}}, "name": "x"}], []),
        ([{"other": {}}], ["[0].name"]),
        ([{"other": {"discoveryLimit": 500}, "name": "x"}], ["[0].other.discoveryLimit"]),
    ],
)
def test_subscriptions(items: list[dict[str, Any]], paths: list[str]) -> None:
    """What is refused at once, regular expressions that RE2 does not read among it."""
    found = [
        each.path.removeprefix("spec.subscriptions") for each in subscription_errors(items, KNOWN)
    ]
    wanted = [path or "[0]" for path in paths]
    assert found == wanted


def test_digest_without_a_tag_to_follow_is_warned_about() -> None:
    """It is accepted, and finds nothing."""
    digest = {**IMAGE, "imageSelectionStrategy": "Digest"}
    [said] = subscription_warnings([{"git": GIT}, {"image": digest}])
    assert said.startswith("spec.subscriptions[1].image.constraint: ")
    assert subscription_warnings([{"image": {**digest, "constraint": "latest"}}]) == []
    assert subscription_warnings([{"image": {**digest, "semverConstraint": "1"}}]) == []
    assert subscription_warnings([{"image": IMAGE}]) == []


def test_an_alias_is_drawn_until_it_is_free() -> None:
    """Two words, then two words and a number: it always ends."""
    drawn: list[str] = []

    def is_taken(alias: str) -> bool:
        drawn.append(alias)
        return alias.count("-") < 2

    alias = draw_alias(lambda words: words[0], is_taken)
    assert alias.count("-") == 2
    assert all(part.isascii() and part for part in alias.split("-"))
    assert len(drawn) < 100
