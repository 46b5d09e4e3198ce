"""YAML texts put together: lines that nothing is put into stay, and nothing is lost unsaid."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from towpath import errors
from towpath.documents.yaml import merge_keys
from towpath.documents.yaml.merging import merged, merged_all
from towpath.documents.yaml.together import together


@pytest.mark.parametrize(
    ("base", "patch", "after"),
    [
        ("a: 1 # c\nb: 2\n", "a: x # d\n", "a: x # c\nb: 2\n"),
        ("a: 1", "b: 2", "a: 1\nb: 2\n"),
        ("\ufeffa: 1\r\n", "\ufeff# top\nb:\n  # in\n  c: 1\n", "\ufeffa: 1\r\nb:\r\n  # in\r\n  c: 1\r\n"),
        ("a:\n    b: 1\n", "a:\n  c:\n  - x\n  d: |\n    y\n\n    z\n", "a:\n    b: 1\n    c:\n    - x\n    d: |\n      y\n\n      z\n"),
        ("x:\n  a: {b: 1} # c\nz: 1", "x:\n  a: {c: 2}\n", "x:\n  a: # c\n    b: 1\n    c: 2\nz: 1"),
        ("a:\n  b: 1\n", "d: 3\na: {c: 2}\n", "a:\n  b: 1\n  c: 2\nd: 3\n"),
        ("# of a\na: 1\n# of b\nb: 2\n", "a: ~\n", "# of b\nb: 2\n"),
        ("a:\n  b: 1\nc: 2\n", "a: {b: null}\n", "a: {}\nc: 2\n"),
        ("a: 1\n", "a: null\n", "{}\n"),
        ("a: 1\n", "b: null\n", "a: 1\n"),
        ("a: &x 1\nb: *x\nn: ~\n", "c: 3\n", "a: &x 1\nb: *x\nn: ~\nc: 3\n"),
        ("a: 1\n", "c: &x {q: 1}\nd: *x\n", "a: 1\nc:\n  q: 1\nd:\n  q: 1\n"),
        ("a: >\n  x\n  y\nb: 1\n", "a: z\n", "a: z\nb: 1\n"),
        ("a:\n- x\n- y\nb: 1\n", "a:\n  - z\n", "a:\n  - z\nb: 1\n"),
        ("a:\nb: 1\n", "a: 2\n", "a: 2\nb: 1\n"),
        ('{"a": 1}', "b: 2", "a: 1\nb: 2\n"),
        ("", "b: 2", "b: 2"),
        ("a: 1\n", "# nothing\n", "a: 1\n"),
    ],
)  # fmt: skip
def test_what_becomes_of_two(base: str, patch: str, after: str) -> None:
    """Layout, comments and line ends are those of the first."""
    assert merged(base, patch, base_name="a", patch_name="b") == after
    assert (
        merged(after, patch, base_name="a", patch_name="b") == after
        or "~" in patch
        or "null" in patch
    )


@pytest.mark.parametrize(
    ("base", "patch", "said"),
    [
        ("a: 1\n---\nb: 1\n", "c: 1\n", "a: it has several documents"),
        ("a: 1\n...\n]", "c: 1\n", "a: what follows its first document is not valid YAML"),
        ("- a\n", "c: 1\n", "a: it is no mapping"),
        ("a: 1\n", "text\n", "b: it is no mapping"),
        ("a: 1\n", "c: [\n", "b: line 2"),
        ("a: 1\na: 2\n", "c: 1\n", 'a: line 2, column 1: key "a" is already set on line 1'),
        ("a: &x 1\nb: *x\n", "a: 3\n", "b cannot be merged into a so that it says what both say together"),
        ("x: &x {a: 1}\ny: {<<: *x}\nz:\n  <<: *x\n", "z: {a: ~}\n", "b cannot be merged into a"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_together_is_told(base: str, patch: str, said: str) -> None:
    """With the file that is wrong."""
    with pytest.raises(errors.BadRequest) as caught:
        merged(base, patch, base_name="a", patch_name="b")
    assert caught.value.message.startswith(said)


def test_several_files() -> None:
    """Each is put into those before it; empty ones are passed over; one alone is as it is."""
    assert (
        merged_all([("a", b""), ("b", b"x: 1 # c\n"), ("c", b" \n"), ("d", b"x: 2\ny: 3\n")])
        == b"x: 2 # c\ny: 3\n"
    )
    assert merged_all([("a", b"- x\n---\n- y\n")]) == b"- x\n---\n- y\n"
    assert merged_all([]) == merged_all([("a", b""), ("b", b"\n")]) == b""
    with pytest.raises(errors.BadRequest, match="b: byte 0 is not UTF-8"):
        merged_all([("a", b"x: 1\n"), ("b", b"\xff")])
    with pytest.raises(errors.BadRequest, match="a: it is no mapping"):
        merged_all([("a", b"- x\n"), ("b", b"")])


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        # of ours
        - name: web  # first
          image: web:1 # pinned
          env:
            - {name: A, value: "1"}
            - name: B # b
              value: "2"
        # beside it
        - name: proxy
          image: proxy:1
      tolerations:
        - key: a
"""


def _changed(*replaced: tuple[str, str]) -> str:
    text = DEPLOYMENT
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return text


def _patch(containers: str, more: str = "") -> str:
    inner = "".join(f"      {line}\n" for line in containers.splitlines())
    return f"spec:\n  template:\n    spec:\n      containers:\n{inner}{more}"


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        (_patch("- name: web\n  image: web:2"), _changed(("web:1 # pinned", "web:2 # pinned"))),
        (
            _patch("- name: web\n  tty: true\n- name: new # n\n  image: new:1"),
            _changed(
                ('              value: "2"\n', '              value: "2"\n          tty: true\n'),
                (
                    "          image: proxy:1\n",
                    "          image: proxy:1\n        - name: new # n\n          image: new:1\n",
                ),
            ),
        ),
        (
            _patch("- name: proxy\n  $patch: delete"),
            _changed(
                ("        # beside it\n        - name: proxy\n          image: proxy:1\n", "")
            ),
        ),
        (_patch("- name: gone\n  $patch: delete"), DEPLOYMENT),
        (_patch("- {name: proxy, image: null}"), None),
        (
            _patch('- name: web\n  env:\n  - name: C\n    value: "3"'),
            None,
        ),
        (
            "spec: {template: {spec: {tolerations: [{key: b}]}}}",
            _changed(("        - key: a\n", "      - key: b\n")),
        ),
    ],
)
def test_lists_of_kubernetes_objects_are_merged_by_key(patch: str, after: str | None) -> None:
    """Items that nothing is put into stay as they are; lists without keys take each other's place."""
    found = merged(DEPLOYMENT, patch, base_name="a", patch_name="b")
    if after is not None:
        assert found == after
    before, added = yaml.safe_load(DEPLOYMENT), yaml.safe_load(patch)
    assert yaml.safe_load(found) == together(before, added, merge_keys.of(before))


def test_an_item_within_braces_is_merged_by_what_it_says() -> None:
    """The list is written anew then."""
    found = merged(
        DEPLOYMENT,
        _patch("- name: web\n  env: [{name: A, value: x}, {name: C, value: y}]"),
        base_name="a",
        patch_name="b",
    )
    env = yaml.safe_load(found)["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {each["name"]: each["value"] for each in env} == {"A": "x", "B": "2", "C": "y"}
    assert "image: web:1 # pinned" in found


@pytest.mark.parametrize(
    ("base", "patch", "after"),
    [
        # Without a kind, or with one that nobody knows, a list is a list.
        ({"containers": [{"name": "a"}]}, {"containers": [{"name": "b"}]}, None),
        ({"apiVersion": "v1", "kind": "ConfigMap", "spec": {"ports": [{"port": 1}]}}, {"spec": {"ports": [{"port": 2}]}}, None),
        (
            {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 1, "name": "a"}]}},
            {"spec": {"ports": [{"port": 1, "protocol": "TCP", "nodePort": 3}, {"port": 1, "protocol": "UDP"}]}},
            [{"port": 1, "name": "a", "protocol": "TCP", "nodePort": 3}, {"port": 1, "protocol": "UDP"}],
        ),
        # Items that cannot be told apart: the list takes the place of the other.
        ({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 1}]}}, {"spec": {"ports": [{"name": "x"}]}}, None),
        ({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 1}, {"port": 1}]}}, {"spec": {"ports": [{"port": 1}]}}, None),
    ],
)  # fmt: skip
def test_what_is_merged_by_key(base: Any, patch: Any, after: Any) -> None:
    """By kind, by key, with the usual protocol of ports."""
    found = together(base, patch, merge_keys.of(base))
    inner = found.get("spec", found)
    given = patch.get("spec", patch)
    key = "ports" if "ports" in inner else "containers"
    assert inner[key] == (given[key] if after is None else after)
    text = merged(yaml.safe_dump(base), yaml.safe_dump(patch), base_name="a", patch_name="b")
    assert yaml.safe_load(text) == found
