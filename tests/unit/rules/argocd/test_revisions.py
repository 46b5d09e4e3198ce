"""Whether a revision is the wanted one, and what a repository has to be asked."""

from __future__ import annotations

import pytest

from tests.support.applications import ONE, REPOSITORY, TWO, application
from towpath.rules.argocd.revision_match import Related, Relation, compared, questions, same
from towpath.rules.argocd.source_paths import paths

COMMIT = "8c41d0f7a92be35561f07d4c9e8ab2d3f4756a10"


@pytest.mark.parametrize(
    ("wanted", "observed", "is_same"),
    [
        (COMMIT, COMMIT, True),
        (COMMIT.upper(), COMMIT, True),
        (COMMIT[:7], COMMIT, True),
        (COMMIT[:6], COMMIT, False),
        ("1fe2b7c", COMMIT, False),
        ("main", COMMIT, False),
        ("v1.5.2", "1.5.2", True),
        ("1.5.2", "v1.5.2+b3", True),
        ("1.5", "1.5.0", False),
        ("1.4.x", "1.4.0", False),
        ("1.4.0", "1.04.0", False),
        ("1.4.0-rc.1", "1.4.0", False),
        ("sha256:5a", "sha256:5a", True),
        ("2.0.0", COMMIT, False),
        ("", "", True),
    ],
)
def test_what_texts_tell(wanted: str, observed: str, is_same: bool) -> None:
    """Ranges and names stand for nothing but themselves."""
    assert same(wanted, observed) is is_same


def test_sources_are_compared_by_position() -> None:
    """One that has no revision yet has none; more than are wanted do not matter."""
    found = application(spec={"sources": [{"repoURL": "a"}, {"repoURL": "b"}]})
    fewer = compared(found, [ONE, TWO], [ONE])
    assert [each.relation for each in fewer] == [Relation.SAME, Relation.NONE]
    assert "no revision yet" in fewer[1].said
    more = compared(found, ["", TWO], [ONE, TWO, ONE])
    assert [(each.place, each.relation) for each in more] == [(1, Relation.SAME)]


def test_repositories_are_asked_of_git_alone_and_of_commits() -> None:
    """What they say counts."""
    sources = [
        {"repoURL": "a"},
        {"repoURL": "b", "chart": "c"},
        {"repoURL": "oci://x"},
        {"repoURL": "d"},
    ]
    found = application(spec={"sources": sources})
    wanted, observed = [ONE, "1.0.0", ONE, ONE], [TWO, "2.0.0", TWO, "main"]
    assert questions(found, wanted, observed) == [(0, ONE, TWO)]
    known = {(0, ONE, TWO): Related(Relation.SAME_TREES)}
    assert compared(found, wanted, observed, known)[0].relation.matches


def test_paths_that_have_to_be_the_same() -> None:
    """The folder, files of values beyond it, what the Application says, and files that others borrow."""
    helm = {
        "valueFiles": ["values.yaml", "../../common.yaml", "$vals/uat.yaml", "$vals/a/../b.yaml"]
    }
    found = application(
        spec={
            "sources": [
                {"repoURL": REPOSITORY, "path": "env/uat/", "helm": helm},
                {"repoURL": REPOSITORY, "ref": "vals"},
                {"repoURL": REPOSITORY},
            ]
        },
        metadata={"annotations": {"argocd.argoproj.io/manifest-generate-paths": ".;/base; ../x"}},
    )
    assert paths(found, 0) == ("base", "common.yaml", "env/uat", "env/x")
    assert paths(application(), 0) == ("env/prod",)
    lent = application(spec={"sources": [{"helm": helm}, {"repoURL": REPOSITORY, "ref": "vals"}]})
    assert paths(lent, 1) == ("b.yaml", "uat.yaml")
    assert paths(application(spec={"source": {"repoURL": REPOSITORY, "path": "."}}), 0) == ("",)
