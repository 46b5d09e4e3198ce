"""What an expression looks at, told by its text."""

from __future__ import annotations

import pytest

from towpath.expressions import compile as compiled
from towpath.expressions import names_read, template


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("1 + 2", []),
        ("vars.a", ["vars.a"]),
        ("outputs.one['two'].three + vars.x", ["outputs.one.two.three", "vars.x"]),
        ("outputs[vars.x].y", ["outputs", "vars.x"]),
        ("outputs?.one?.two", ["outputs.one.two"]),
        ("$env.vars.a", ["vars.a"]),
        ("$env['va' + 'rs']", [""]),
        ("keys($env)", [""]),
        ("let v = vars; v.secret", ["vars", "v.secret"]),
        ("map(vars.list, # + outputs.x)", ["vars.list", "outputs.x"]),
        ("vars.a ? vars.b : {k: [vars.c]}", ["vars.a", "vars.b", "vars.c"]),
        ("upper(vars.a)[vars.b:]", ["vars.a", "vars.b"]),
        ("vars.a.b().c", ["vars.a.b"]),
        ("'x' matches vars.p and not vars.q", ["vars.p", "vars.q"]),
    ],
)
def test_names_and_fields(text: str, paths: list[str]) -> None:
    """As far as they are written down; a computed field stands for all there is."""
    assert {".".join(path) for path in compiled(text).reads} == set(paths)


def test_a_template_reads_what_its_expressions_do() -> None:
    """All of them."""
    found = template("a ${{ vars.a }} b ${{ outputs.b.c }}").reads
    assert found == {("vars", "a"), ("outputs", "b", "c")}


def test_a_path_leads_as_far_as_it_goes() -> None:
    """What lies where it ends counts whole."""
    env = {"outputs": {"one": {"list": [1, 2]}}}
    assert names_read.at(env, ("outputs", "one", "list", "0")) == [1, 2]
    assert names_read.at(env, ("outputs", "two")) is None
    assert names_read.at(env, ()) is env
