from __future__ import annotations

from typing import Any

import pytest

from towpath.documents import jsonpath
from towpath.errors import BadRequest

BOOKS: dict[str, Any] = {
    "kind": "List",
    "items": [
        {"name": "a", "cost": 1.0, "tags": ["x", "y"], "labels": {"app.io/x": "1"}},
        {"name": "b", "cost": 2.5, "tags": [], "labels": {}},
        {"name": "c", "cost": 4.0, "tags": ["z"], "labels": None, "ok": True},
    ],
    "empty": [],
    "nothing": None,
    "a.b": 1.0,
    "a": {"b": 2.0},
}


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("{$}", [BOOKS]),
        ("{}", [BOOKS]),
        ("{.kind}", ["List"]),
        ("{$.kind}", ["List"]),
        ("{@.kind}", ["List"]),
        ("{.items[0].name}", ["a"]),
        ("{.items[-1].name}", ["c"]),
        ("{.items[*].name}", ["a", "b", "c"]),
        ("{.items.*.name}", ["a", "b", "c"]),
        ("{.items[0:2].name}", ["a", "b"]),
        ("{.items[1:].name}", ["b", "c"]),
        ("{.items[:-1].name}", ["a", "b"]),
        ("{.items[-2:].name}", ["b", "c"]),
        ("{.items[::2].name}", ["a", "c"]),
        ("{.items[0:3:2].name}", ["a", "c"]),
        ("{.items[1:1].name}{.kind}", None),
        ("{.items[1:1]}", []),
        ("{.items[0,2].name}", ["a", "c"]),
        ("{.items[0]['name','cost']}", ["a", 1.0]),
        ("{.items[0]['name', 'cost']}", ["a", 1.0]),
        ("{['kind']}", ["List"]),
        ('{["kind"]}', ["List"]),
        ("{.items[0].labels.app\\.io/x}", ["1"]),
        ("{.items[0].labels['app\\.io/x']}", ["1"]),
        ("{['a.b']}", [2.0]),
        ("{.a\\.b}", [1.0]),
        ("{..name}", ["a", "b", "c"]),
        ("{..tags[*]}", ["x", "y", "z"]),
        ("{.items..tags}", [["x", "y"], [], ["z"]]),
        ('{.items[?(@.name=="b")].cost}', [2.5]),
        ("{.items[?(@.name=='b')].cost}", [2.5]),
        ("{.items[?(@.cost>1)].name}", ["b", "c"]),
        ("{.items[?(@.cost >= 2.5)].name}", ["b", "c"]),
        ("{.items[?(@.cost<-1)].name}", None),
        ('{.items[?(@.name!="b")].name}', ["a", "c"]),
        ("{.items[?(@.ok)].name}", ["c"]),
        ("{.items[?(@.tags[0])].name}", ["a", "c"]),
        ('{.items[?(@.name=="(]")]}', []),
        ("{.nothing}", [None]),
        ("{.empty[*]}", []),
        ("{.items[*].tags[*]}", ["x", "y", "z"]),
        ("cost: {.items[0].cost}", ["cost: ", 1.0]),
        ('{"text"}', ["text"]),
        ('{"a\\n\\"b"}', ['a\n"b']),
        ("{1.5}", [1.5]),
        ("{true}", [True]),
        ("text", ["text"]),
        ("", []),
        ("{.kind}{.a.b}", ["List", 2.0]),
    ],
)
def test_a_path_finds(template: str, wanted: list[Any] | None) -> None:
    """None: it finds nothing where something must be, which is an error as it is upstream."""
    if wanted is None:
        with pytest.raises(BadRequest, match="JSONPath"):
            jsonpath.found(jsonpath.parse(template), BOOKS)
    else:
        assert jsonpath.found(jsonpath.parse(template), BOOKS) == wanted


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{.kinds}", "no 'kinds': kinds is not found"),
        ("{.items[3]}", "place 3 of a list of 3: array index out of bounds"),
        ("{.items[-4]}", "place -4 of a list of 3"),
        ("{.items[0:4]}", "place 4 of a list of 3"),
        ("{.items[2:1]}", "ends at 1 and begins at 2"),
        ("{.items[::0]}", "steps by 0"),
        ("{.kind[0]}", "wants an item of a list, and finds a text"),
        ('{.kind[?(@.x=="y")]}', "filters a text, and only lists"),
        ('{.items[?(@.cost=="1")]}', "compares a number with a text"),
        ("{.items[?(@.tags==1)]}", "compares a list with a number"),
        ("{.items[?(@.tags[*]==1)]}", "more than one value"),
        ("{.items[?(@.ok==true)]}", "ok is not found"),
        ("{.empty[*].x}", "x is not found"),
        ("{..[?(@.name)]}", "only lists can be filtered"),
    ],
)
def test_what_is_not_there_is_named(template: str, said: str) -> None:
    """What is not there is named."""
    with pytest.raises(BadRequest) as caught:
        jsonpath.first(jsonpath.parse(template), BOOKS)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{.a", "no closing brace"),
        ("{.a[0}", "no closing ]"),
        ("{.a[?(@.b==1}", "no closing )]"),
        ("{.a[?(@.b=~1)]}", "'=' compares nothing|no meaning here"),
        ("{.a[?(@.b=1)]}", "'=' compares nothing"),
        ("{.a[x]}", "[x] is no place"),
        ("{.a[]}", "[] is no place"),
        ("{.a[-]}", "[-] is no place"),
        ("{a}", "'a' is not known here; the name of a key begins with a dot"),
        ("{range .items[*]}{.name}{end}", "'range' is not known here"),
        ("{.}", "a name is missing"),
        ("{.a#}{%}", "'%' has no meaning here"),
        ('{"a}', "no closing"),
        ("x" * 5000, "longer than 4096 characters"),
        ("{" + "[?(@" * 20 + ".a" + ")]" * 20 + "}", "more than 8 filters"),
    ],
)
def test_what_cannot_be_read_says_where(template: str, said: str) -> None:
    """What cannot be read says where."""
    with pytest.raises(BadRequest) as caught:
        jsonpath.parse(template)
    assert any(each in caught.value.message for each in said.split("|")), caught.value.message


def test_a_path_looks_at_so_much_and_no_more() -> None:
    """Each step may multiply what the next has to look at; the work has an end all the same."""
    with pytest.raises(BadRequest, match="looks at more than 500,000 values"):
        jsonpath.found(jsonpath.parse("{..}"), [1.0] * 600_000)
    deep: Any = 1.0
    for _ in range(50):
        deep = [deep]
    with pytest.raises(BadRequest, match="looks at more than"):
        jsonpath.found(jsonpath.parse("{" + "[*,*]" * 40 + "}"), deep)


def test_a_deep_document_is_refused() -> None:
    """A deep document is refused."""
    value: Any = 1.0
    for _ in range(400):
        value = [value]
    with pytest.raises(BadRequest, match="nested more than 200"):
        jsonpath.found(jsonpath.parse("{$}"), value)


def test_the_first_of_nothing_is_an_error() -> None:
    """The first of nothing is an error."""
    with pytest.raises(BadRequest, match="finds nothing"):
        jsonpath.first(jsonpath.parse("{.empty[*]}"), BOOKS)
