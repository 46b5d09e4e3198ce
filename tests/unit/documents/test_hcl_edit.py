"""Edits of HCL: the scalar changes, every other byte stays."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from towpath import errors
from towpath.documents import hcl
from towpath.documents.edits import Change, Update
from towpath.documents.hcl import update
from towpath.runtime.aside import Aside

FILE = """\
# top
locals {
  tag = "v1"   # the tag
  n   = -1.5
  e   = ""
  on  = true
  c   = var.x
  t   = "a-${var.x}"
  l   = ["a", { b = 1, "c.d" : "x", (var.k) = 2 }]
  h   = <<EOF
abc
EOF
  f   = merge({ a = 1 }, var.x)
}
resource "aws_instance" "web" {
  tags = { v = "1" } /* z */
  disk { size = 1 }
  disk { size = 2 }
  nothing = null
}
module m "x" { source = "git::x?ref=v1" }
twice = 1
twice = 2
"""


def _set(text: str, key: str, value: Any) -> str:
    edited = update(text.encode(), [Update(key, value)], source="main.tf")
    assert update(edited.data, [Update(key, value)], source="main.tf").data == edited.data
    return edited.data.decode()


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("locals.tag", "v2", '"v1"', '"v2"'),
        ("locals.n", 5.0, "-1.5", "5"),
        ("locals.n", -1.50, "-1.5", "-1.5"),
        ("locals.n", 1e21, "-1.5", "1000000000000000000000"),
        ("locals.n", "-1.5", "= -1.5", '= "-1.5"'),
        ("locals.e", '${x} %{y} "q"\n\t\x01$', '""', '"$${x} %%{y} \\"q\\"\\n\\t\\u0001$"'),
        ("locals.on", False, "true", "false"),
        ("locals.on", 1, "true", "1"),
        ("locals.l.0", "é", '"a"', '"é"'),
        ("locals.l.1.b", 2, "b = 1", "b = 2"),
        (r"locals.l.1.c\.d", "y", '"x",', '"y",'),
        ("locals.h", "z", "<<EOF\nabc\nEOF", '"z"'),
        ("resource.aws_instance.web.tags.v", "2", 'v = "1"', 'v = "2"'),
        ("resource.aws_instance.web.disk.1.size", 3, "size = 2", "size = 3"),
        ("resource.aws_instance.web.nothing", "x", "null", '"x"'),
        ("module.m.x.source", "git::x?ref=v2", "v1\" }", "v2\" }"),
        ("module.m.x.0.source", "git::x?ref=v2", "v1\" }", "v2\" }"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_scalar_changes(
    key: str, value: Any, before: str, after: str, newline: str
) -> None:
    """Comments, templates and blocks around it stay; strings are never templates."""
    text = "\ufeff" + FILE.replace("\n", newline)
    old, new = before.replace("\n", newline), after.replace("\n", newline)
    assert text.count(old) == 1
    assert _set(text, key, value) == text.replace(old, new)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("locals.c", 1, "locals.c is computed by an expression, not a scalar"),
        ("locals.t", "x", "locals.t is computed by an expression, not a scalar"),
        ("locals.f", "x", "locals.f is computed by an expression, not a scalar"),
        ("locals.f.a", "x", "locals.f is computed by an expression; nothing in it can be named"),
        ("locals.tga", 1, "there is no 'tga' in locals; there is tag, "),
        ("lcoals.tag", 1, "there is no 'lcoals' at the top; there is locals, "),
        ("resource.aws_instance.wbe.tags", 1, "there is no 'aws_instance.wbe' in resource; there is aws_instance.web"),
        ("resource.aws_instance", 1, "there is no 'aws_instance' in resource"),
        ("resource.aws_instance.web", 1, "resource.aws_instance.web is a block, not a scalar"),
        ("resource", 1, "resource is a block, not a scalar"),
        ("resource.aws_instance.web.disk.size", 1, "there are 2 blocks resource.aws_instance.web.disk; say which by an index"),
        ("resource.aws_instance.web.disk.2.size", 1, "so the last index is 1"),
        ("resource.aws_instance.web.tags", 1, "is an object, not a scalar"),
        ("locals.l", 1, "locals.l is a list, not a scalar"),
        ("locals.l.2", 1, "locals.l has 2 items, so the last index is 1"),
        ("locals.l.x", 1, "locals.l is a list; 'x' is no index"),
        ("locals.tag.x", 1, "locals.tag is a scalar; nothing in it can be named"),
        ("twice", 1, "twice is there twice, in line 22 and in line 23; keep one"),
        ("a..b", 1, "has an empty part"),
        ("locals.tag", None, "null is no scalar"),
        ("locals.tag", [], "a list is no scalar"),
        ("locals.tag", {}, "an object is no scalar"),
        ("locals.tag", float("nan"), "not finite"),
        ("locals.tag", "\ud800", "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(key: str, value: Any, said: str) -> None:
    """With the file, the key, and what is there instead."""
    with pytest.raises(errors.BadRequest) as caught:
        _set(FILE, key, value)
    assert caught.value.message.startswith("main.tf: key ")
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a = ", "line 1, column 5: it is not valid HCL"), (b"a {", "it is not valid HCL"), (b'a = "x\n', "it is not valid HCL"),
        (b"a = 1 2", "it is not valid HCL"), (b"a = 1 b = 2\n", "line 1 has two attributes or blocks"), (b"@", "it is not valid HCL"), (b"a = \xff", "byte 4 is not UTF-8"),
        (b"", "there is no 'a' at the top; there is nothing"), (b"a = {b = 1, b = 2}", "not a scalar"),
    ],
)  # fmt: skip
def test_what_is_no_hcl_is_told(text: bytes, said: str) -> None:
    """With its place."""
    with pytest.raises(errors.BadRequest) as caught:
        update(text, [Update("a", 1)], source="f")
    assert caught.value.message.startswith("f: ")
    assert said in caught.value.message


def test_numbers_that_the_grammar_does_not_know() -> None:
    """They stay, and can be set."""
    text = 'a = 1e3 # 2e3\nb = "4e3"\nc = 5E-3\n'
    assert _set(text, "b", "x") == text.replace("4e3", "x")
    assert _set(text, "c", 7) == text.replace("5E-3", "7")
    assert _set(text, "a", 111) == text.replace("1e3", "111")
    assert _set(text, "a", 1000) == text


def test_several_at_once() -> None:
    """In the order of the text; of two updates of one scalar the later one counts."""
    text = b'a = "x" # c\nb "l" {\n  c = 1\n}\n'
    edited = update(text, [Update("b.l.c", 2), Update("a", "y"), Update("b.l.0.c", 3)], source="f")
    assert edited.data == b'a = "y" # c\nb "l" {\n  c = 3\n}\n'
    assert edited.changes == (Change("a", 1, "x", "y"), Change("b.l.0.c", 3, "1", 3))


@pytest.mark.slow
async def test_a_large_text_is_edited_in_the_memory_that_work_may_have() -> None:
    """In a process with that bound: the trees before and after are not there at once, and no object for each token."""
    text = b"".join(b'k%d = "v"\n' % number for number in range(75_000))
    wanted = [Update("k40000", "new")]
    async with Aside() as aside:
        done = await aside.run(
            functools.partial(hcl.update, source="main.tf"),
            text,
            wanted,
            weight=len(text),
            what="its edit",
            seconds=60,
        )
    assert done.data == text.replace(b'k40000 = "v"', b'k40000 = "new"')
