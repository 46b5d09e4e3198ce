"""How two renderings differ: object by object, whatever files they lie in."""

from __future__ import annotations

import pytest

from towpath.documents.manifests import differences

WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n"


def _told(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    found = differences.between(before.items(), after.items())
    return [(each.kind, each.name, each.change) for each in found.objects]


def test_objects_are_added_changed_and_removed() -> None:
    """By kind and name, with the lines in the form of unified diffs."""
    after = {
        "b.yaml": WEB.replace("replicas: 1", "replicas: 2"),
        "c.yaml": MAP.replace(": a,", ": b,"),
    }
    found = differences.between({"all.yaml": f"{WEB}---\n{MAP}"}.items(), after.items())
    assert [(each.kind, each.name, each.change) for each in found.objects] == [
        ("ConfigMap", "a", "removed"),
        ("ConfigMap", "b", "added"),
        ("Deployment", "web", "changed"),
    ]
    web = found.objects[-1]
    assert (web.api_version, web.added, web.removed, web.is_cut) == ("apps/v1", 1, 1, False)
    assert web.patch.endswith(" spec:\n-  replicas: 1\n+  replicas: 2\n")
    assert (found.objects[0].namespace, found.objects[0].removed) == ("shop", 3)


def test_where_an_object_lies_is_no_difference() -> None:
    """Another file, another order, and the line that names the template."""
    before = {"one.yaml": f"# Source: web/a.yaml\n{WEB}", "two.yaml": MAP}
    assert _told(before, {"all.yaml": f"---\n{MAP}---\n# Source: web/b.yaml\n{WEB}"}) == []


def test_another_version_of_an_api_is_a_change() -> None:
    """The object stays the same one; another group makes another one."""
    assert _told({"a": WEB}, {"a": WEB.replace("apps/v1", "apps/v2")}) == [
        ("Deployment", "web", "changed")
    ]
    assert _told({"a": WEB}, {"a": WEB.replace("apps/v1", "extensions/v1")}) == [
        ("Deployment", "web", "removed"),
        ("Deployment", "web", "added"),
    ]


@pytest.mark.parametrize(
    "text", ["", "a: [", "- 1\n", "kind: Deployment\n", "kind: [x]\nmetadata: {name: 1}\n", "\0"]
)
def test_what_is_no_object_is_passed_over(text: str) -> None:
    """Nothing raises."""
    assert _told({"a": text}, {"b": f"{text}\n---\n{MAP}"}) == [("ConfigMap", "a", "added")]


def test_one_object_several_times() -> None:
    """Which is no use to anybody, is compared as a whole."""
    assert _told({"a": f"{MAP}---\n{MAP}data: {{}}\n"}, {"a": f"{MAP}data: {{}}\n---\n{MAP}"}) == []
    assert _told({"a": f"{MAP}---\n{MAP}"}, {"a": MAP}) == [("ConfigMap", "a", "changed")]


def test_what_is_told_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects, lines of one, and of all together; counts are whole all the same."""
    many = "---\n".join(MAP.replace("name: a", f"name: a{number:02}") for number in range(9))
    monkeypatch.setattr(differences, "MOST_OBJECTS", 4)
    found = differences.between([], [("a", many)])
    assert ([each.name for each in found.objects], found.left_out) == (
        ["a00", "a01", "a02", "a03"],
        5,
    )
    long = MAP + "".join(f"k{number}: v\n" for number in range(9_000))
    [changed] = differences.between([("a", MAP)], [("a", long)]).objects
    assert (changed.added, changed.removed, changed.patch, changed.is_cut) == (9_000, 0, "", True)
    monkeypatch.setattr(differences, "MOST_PATCH_BYTES", 10)
    [changed] = differences.between([], [("a", MAP)]).objects
    assert (len(changed.patch), changed.is_cut, changed.added) == (10, True, 3)
