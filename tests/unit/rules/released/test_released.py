"""What differs between two sets of Freight, the issues in it, and the words for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from towpath.expressions.need import LoadedObjects, Need, Suspended
from towpath.expressions.values import Failure
from towpath.patterns import PatternError
from towpath.resources.freight import collection_id
from towpath.resources.structs import to_document
from towpath.rules.released import changes, functions, notes, report, tickets
from towpath.rules.released.changes import REVISION, SOURCE, ArtifactKind, ChangeKind
from towpath.rules.released.notes import NotesFormat
from towpath.rules.released.report import ReleasedArtifact, ReleaseReport

ONE, TWO = "1" * 40, "2" * 40


def _reference(origin: str = "main", **artifacts: Any) -> dict[str, Any]:
    return {"origin": {"kind": "Warehouse", "name": origin}, **artifacts}


def _of(found: list[changes.ArtifactChange]) -> list[tuple[str, str, str]]:
    return [(str(each.kind), each.name, str(each.change)) for each in found]


def test_artifacts_are_matched_by_warehouse_kind_and_repository() -> None:
    """However their addresses are written; what comes is first."""
    before = [
        _reference(
            commits=[{"repoURL": "https://git.example/a.git", "id": ONE}],
            images=[{"repoURL": "app", "tag": "1", "digest": "sha256:1"}],
            charts=[{"repoURL": "https://charts.example", "name": "web", "version": "1"}],
        ),
        _reference("other", images=[{"repoURL": "app", "tag": "1", "digest": "sha256:1"}]),
    ]
    after = [
        _reference(
            commits=[{"repoURL": "https://git.example/a", "id": TWO}],
            images=[{"repoURL": "docker.io/library/app", "tag": "2", "digest": "sha256:1"}],
            artifacts=[{"artifactType": "npm", "subscriptionName": "ui", "version": "1"}],
        )
    ]
    assert _of(changes.changes(before, after)) == [
        ("commit", "https://git.example/a", "changed"),
        ("image", "docker.io/library/app", "same"),
        ("artifact", "ui", "added"),
        ("chart", "https://charts.example/web", "removed"),
        ("image", "app", "removed"),
    ]


def test_two_subscriptions_to_one_repository_stay_two() -> None:
    """By their names, else by their places."""

    def both(one: str, two: str, *names: str) -> list[dict[str, Any]]:
        pairs = zip((one, two), names, strict=True)
        return [
            _reference(
                commits=[
                    {"repoURL": "u", "id": id_, "subscriptionName": name} for id_, name in pairs
                ]
            )
        ]

    found = changes.changes(both(ONE, TWO, "a", "b"), both(TWO, ONE, "b", "a"))
    assert [each.change for each in found] == [ChangeKind.SAME, ChangeKind.SAME]
    found = changes.changes(both(ONE, TWO, "", ""), both(ONE, ONE, "", ""))
    assert [each.change for each in found] == [ChangeKind.SAME, ChangeKind.CHANGED]


def test_an_image_without_a_digest_is_told_by_its_tag() -> None:
    """With one the digest alone counts."""

    def image(tag: str, digest: str = "") -> list[dict[str, Any]]:
        return [_reference(images=[{"repoURL": "app", "tag": tag, "digest": digest}])]

    def change(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
        return changes.changes(before, after)[0].change

    assert change(image("1"), image("1")) == "same"
    assert change(image("1"), image("2")) == "changed"
    assert change(image("1", "sha256:1"), image("1", "sha256:2")) == "changed"
    assert change(image("1", "sha256:1"), image("2", "sha256:1")) == "same"


def _report() -> ReleaseReport:
    commits = [
        report.commit(
            TWO,
            "SHOP-2 *Bold* [link](https://evil.example) <b>",
            "Ada <ada@example.com>",
            "2026-01-02T03:04:05Z",
        ),
        report.commit("3" * 40, "Fix\x1b[2J", "", None, "Closes SHOP-1 and SHOP-2, #17"),
    ]
    known: dict[str, Any] = {"kind": "commit", "change": "changed", "before": "v1", "after": "v2"}
    return ReleaseReport(
        artifacts=[
            ReleasedArtifact(
                name="https://git.example/a",
                repo_url="https://git.example/a",
                commits=commits,
                **known,
            ),
            ReleasedArtifact(
                name="app",
                repo_url="https://git.example/a",
                commits=commits[:1],
                **{**known, "kind": "image"},
            ),
            ReleasedArtifact(name="old", removed_commits=commits[1:], **known),
            ReleasedArtifact(
                name="web", unknown="charts do not say it", **{**known, "kind": "chart"}
            ),
            ReleasedArtifact(name="still", **{**known, "change": "same"}),
        ],
        left_out=3,
    )


def test_commits_and_issues_come_once() -> None:
    """Whichever artifacts they are in; those that go away bring no issues."""
    whole = _report()
    assert [each.id[0] for _, each in whole.commits] == ["2", "3"]
    assert [each.id[0] for _, each in whole.removed_commits] == ["3"]
    assert tickets.issues(whole, r"SHOP-\d+") == ["SHOP-2", "SHOP-1"]
    assert tickets.issues(whole, r"#(\d+)") == ["17"]
    assert tickets.issues(whole, "z*") == []
    with pytest.raises(PatternError):
        tickets.issues(whole, "(")


def test_issues_are_bounded() -> None:
    """However many there are."""
    many = [report.commit(str(n), f"A-{n}", "") for n in range(tickets.MOST_ISSUES + 50)]
    found = ReleaseReport(
        artifacts=[ReleasedArtifact(kind="commit", name="u", change="changed", commits=many)]
    )
    assert len(tickets.issues(found, r"A-\d+")) == tickets.MOST_ISSUES


def test_all_commits_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too much is cut, and said to be."""
    monkeypatch.setattr(report, "MOST_IN_ALL", 3)
    whole = _report()
    found = report.bounded(whole.artifacts, 1).artifacts
    assert [len(each.commits) for each in found] == [2, 1, 0, 0, 0]
    assert [each.is_cut for each in found] == [False] * 5
    assert (found[2].removed_commits, found[2].is_removed_cut) == ([], True)
    assert "and more" in notes.text(whole)


def test_what_is_compared_has_no_more_than_it_needs() -> None:
    """Of annotations those that say where an image comes from."""
    told = {REVISION: ONE, SOURCE: "u", "org.example.notes": "x" * 100_000}
    image = {"repoURL": "app", "tag": "1", "annotations": told, "other": "y"}
    (kept,) = functions.compared(functions.wanted([], [_reference(images=[image])]))[1]
    assert kept["images"] == [
        {"repoURL": "app", "tag": "1", "annotations": {REVISION: ONE, SOURCE: "u"}}
    ]


def test_notes_for_people() -> None:
    """What is the same is left out; what is not known is said."""
    assert notes.text(_report()).splitlines() == [
        "commit https://git.example/a  v1 -> v2",
        "  2222222  SHOP-2 *Bold* [link](https://evil.example) <b> (Ada, 2026-01-02)",
        "  3333333  Fix (nobody)",
        "",
        "image app  v1 -> v2",
        "  2222222  SHOP-2 *Bold* [link](https://evil.example) <b> (Ada, 2026-01-02)",
        "",
        "commit old  v1 -> v2",
        "  1 commit goes away:",
        "  3333333  Fix (nobody)",
        "",
        "chart web  v1 -> v2",
        "  commits not known: charts do not say it",
        "  3 more artifacts are not compared",
    ]
    assert notes.text(ReleaseReport()) == notes.markdown(ReleaseReport()) == "Nothing differs."


def test_words_of_others_do_nothing_in_markdown() -> None:
    """No links, no emphasis, no HTML, no mentions."""
    line = notes.markdown(_report()).splitlines()[2]
    assert line == (
        r"- `2222222` SHOP-2 \*Bold\* \[link\]\(https://evil.example\) \<b> (Ada, 2026-01-02)"
    )
    assert notes.escaped("@all `x` a_b") == r"\@all \`x\` a\_b"


def test_as_json_it_is_what_the_api_answers() -> None:
    """Without what only issues are looked for in."""
    found = json.loads(notes.written(_report(), NotesFormat.JSON))
    assert found["leftOut"] == 3
    assert found["artifacts"][0]["commits"][0]["author"] == "Ada <ada@example.com>"
    assert "body" not in found["artifacts"][0]["commits"][1]


def _stage(*collections: str, last: str = "", phase: str = "Succeeded") -> dict[str, Any]:
    history = [
        {
            "id": name,
            "items": {"Warehouse/main": _reference(commits=[{"repoURL": "u", "id": name}])},
        }
        for name in collections
    ]
    return {
        "status": {
            "freightHistory": history,
            "lastPromotion": {"name": last, "status": {"phase": phase}},
        }
    }


def test_what_was_there_before_a_promotion() -> None:
    """The newest of the history, or the one before when the Promotion is recorded already."""

    def ids(stage: dict[str, Any] | None, promotion: str) -> list[str]:
        return [each["commits"][0]["id"] for each in functions.was_there(stage, promotion)]

    assert ids(None, "p") == ids({}, "p") == ids(_stage(), "p") == []
    assert ids(_stage("new", "old", last="other"), "p") == ["new"]
    assert ids(_stage("new", "old", last="p"), "p") == ["old"]
    assert ids(_stage("new", "old", last="p", phase="Failed"), "p") == ["new"]
    assert ids(_stage("new", last="p"), "p") == []
    assert ids(_stage("new", last=""), "") == ["new"]


def test_what_was_there_before_other_freight() -> None:
    """For hooks, which run when it is in the Stage already; more may have come since."""

    def reference(name: str) -> dict[str, Any]:
        return _reference(name=name)

    def collected(name: str) -> dict[str, Any]:
        return {"id": collection_id([name]), "items": {"Warehouse/main": reference(name)}}

    stage = {"status": {"freightHistory": [collected(each) for each in ("c", "b", "a", "b")]}}

    def names(name: str) -> list[str]:
        return [each["name"] for each in functions.was_before(stage, [reference(name)])]

    assert [names(each) for each in ("c", "b", "a", "other")] == [["b"], ["a"], ["b"], ["c"]]
    assert functions.was_before(None, [reference("a")]) == []

    def compared(event: str) -> list[str]:
        """Return what a hook's functions compare with when Freight `c` has come, or is to come."""
        made = functions.functions("shop", "prod", "run", [reference("c")], {"event": event})
        with pytest.raises(Suspended) as suspended:
            made["releaseNotes"].call(LoadedObjects({Need("Stage", "shop", "prod"): stage}))
        return [json.dumps(each) for each in functions.compared(suspended.value.need.name)[0]]

    stage["status"]["freightHistory"][1]["items"]["Warehouse/main"]["images"] = [{"tag": "before"}]
    assert "before" in compared("promotion-succeeded")[0]
    assert "before" in compared("verification-failed")[0]
    assert "before" not in compared("promotion-started")[0]


def _called(name: str, *arguments: Any) -> Any:
    """Return what a function gives, once what it needs is loaded."""
    made = functions.functions(
        "shop", "prod", "p", [_reference(commits=[{"repoURL": "u", "id": TWO}])]
    )
    known: dict[Need, Any] = {Need("Stage", "shop", "prod"): _stage(ONE)}
    with pytest.raises(Suspended) as suspended:
        made[name].call(LoadedObjects(known), *arguments)
    need = suspended.value.need
    assert need.kind == functions.RELEASE
    before, after = functions.compared(need.name)
    assert (before[0]["commits"][0]["id"], after[0]["commits"][0]["id"]) == (ONE, TWO)
    known[need] = to_document(_report())
    return made[name].call(LoadedObjects(known), *arguments)


def test_functions_give_plain_values() -> None:
    """Of what they need to know they say what is compared."""
    found = _called("commitsBetween")
    assert found[0]["repoURL"] == "https://git.example/a"
    assert set(found[0]) == {"id", "subject", "author", "date", "repoURL"}
    assert len(_called("commitsBetween", "https://git.example/a.git")) == 2
    assert _called("commitsBetween", "https://git.example/b") == []
    assert _called("issuesBetween", r"SHOP-\d+") == ["SHOP-2", "SHOP-1"]
    assert _called("releaseNotes").startswith("### commit ")
    assert _called("releaseNotes", "text") == notes.text(_report())


def test_functions_say_what_is_wrong() -> None:
    """A pattern, a format, and that nobody looks."""
    for name, argument, said in (
        ("issuesBetween", "(", "no regular expression"),
        ("issuesBetween", 5, "must be a string"),
    ):
        with pytest.raises(Failure, match=said):
            _called(name, argument)
    made = functions.functions("shop", "prod", "p", [])
    need = Need(functions.RELEASE, "shop", functions.wanted([], []))
    known = LoadedObjects({Need("Stage", "shop", "prod"): None, need: None})
    with pytest.raises(Failure, match="not looked at here"):
        made["releaseNotes"].call(known)
    with pytest.raises(Failure, match="there is no format 'html'"):
        made["releaseNotes"].call(known, "html")


def test_versions_as_people_call_them() -> None:
    """Tags before ids."""
    version = changes.version
    assert version(ArtifactKind.COMMIT, {"id": ONE}) == ONE[:7]
    assert version(ArtifactKind.COMMIT, {"id": ONE, "tag": "v1"}) == "v1"
    assert version(ArtifactKind.IMAGE, {"digest": "sha256:1"}) == "sha256:1"
    assert version(ArtifactKind.CHART, None) == ""
