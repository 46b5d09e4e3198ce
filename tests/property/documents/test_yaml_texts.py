"""Texts as people write them, odd ones above all: an edit reads back, and the short way finds what the long way finds."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.documents.yaml import Update, update
from towpath.documents.yaml.regions import Regions

NAMES = st.sampled_from(
    ["a", "b", "web", "8080", '"8080"', "'q'", "? x", '"e\\x73c"', "&k n", "- d"]
)
BLANKS = st.sampled_from(["", "", "", "\n", "   \n", " \t\n", "# c\n", "  # c: d\n", "      # e\n"])
PLAIN = st.sampled_from(
    [
        "v1", "'s'", '"d"', "", "1", "~", "plain\n{}  going on", '"two\n{} lines"', "'- a\n{}b: c'", "{{a: 1, b: [x, y]}}",
        "[x, {{y: z?}},\n{}  w]", "&t # c\n{}  old", "!!str 5", "!own x", "x # c", '"\nb: 1\na: 2\n{}"', "http://x?y",
    ]
)  # fmt: skip
BLOCKS = st.sampled_from(
    [
        "|\n{}  x\n", ">-\n{}    x\n{}    y\n", "|+ # c\n{}  x\n\n", "|\n{}  x\n{}   \n", "|2-\n{}    x\n", "|\n\n{}  x",
        ">\n{}     x\n{}  # out\n", "|-\n",
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        "v2", "1.10", "yes", "a: b", "x #y", "y\nz\n", "y\n\n", "a\nb", " lead\nx\n", "q?r", "it's", "", "\t", "é", None, True,
        7, 5.0, 1e30, "- x", "a, b", "{c}", "# x", "\ny", "two\n  three\n",
    ]
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn, depth: int = 0) -> str:
    """Return lines of a block mapping or sequence at an indentation."""
    indent = "  " * depth
    pieces = []
    is_sequence = draw(st.booleans()) and depth > 0
    for _ in range(draw(st.integers(1, 3))):
        name = "-" if is_sequence else f"{draw(NAMES)}:"
        kind = draw(st.integers(0, 6)) if depth < 2 else draw(st.integers(2, 6))
        if kind < 2:
            inner = draw(texts(depth + 1))
            pieces.append(f"{indent}{name}{draw(st.sampled_from(['', ' # c', ' ']))}\n{inner}")
        else:
            value = draw(BLOCKS if kind == 2 else PLAIN)
            pieces.append(
                f"{indent}{name} {value.replace('{}', indent + '  ' if kind == 2 else indent)}"
            )
            pieces[-1] = pieces[-1].replace("{{", "{").replace("}}", "}")
            if not pieces[-1].endswith("\n"):
                pieces[-1] += "\n"
        pieces.append(draw(BLANKS))
    return "".join(pieces)


def _paths(value: Any, parts: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _paths(item, (*parts, str(key)))]
    if isinstance(value, list):
        return [
            found
            for number, item in enumerate(value)
            for found in _paths(item, (*parts, str(number)))
        ]
    return [parts]


def _events(text: str, loader: Any = None) -> list[Any] | None:
    try:
        return [
            (type(event).__name__, getattr(event, "value", None), getattr(event, "anchor", None))
            for event in yaml.parse(text, Loader=loader or yaml.CSafeLoader)
        ]
    except yaml.YAMLError:
        return None


class _Loader(yaml.SafeLoader):
    """Reads every scalar as its text, and keys with it."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_multi_constructor("", lambda _loader, _tag, node: node.value)


@given(
    text=texts(),
    end=st.sampled_from(["", "---\na: [\n", "...\n"]),
    begin=st.sampled_from(["", "---\n", "# c\n---\n"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    value=VALUES,
    data=st.data(),
)
def test_an_edit_of_any_text_reads_back(
    text: str, begin: str, end: str, newline: str, value: Any, data: st.DataObject
) -> None:
    """In both readers, with nothing else changed; or it is refused. Part by part the same comes out as from the whole."""
    whole = f"{begin}{text}{end}".replace("\n", newline)
    alone = f"{begin}{text}".replace("\n", newline)
    before = _events(alone)
    if before is None:
        return
    try:
        document = yaml.load(alone, Loader=_Loader)
    except (yaml.YAMLError, TypeError):
        return
    paths = [parts for parts in _paths(document) if all(parts)]
    if not paths:
        return
    parts = data.draw(st.sampled_from(paths))
    key = ".".join(part.replace(".", r"\.").replace(":", r"\:") for part in parts)
    try:
        found = update(whole.encode(), [Update(key, value)], source="f")
    except errors.BadRequest as error:
        found, refused = None, error.message
    else:
        refused = ""
    assert "no way was found" not in refused, (whole, key, value)
    edited = None if found is None else found.data.decode()
    if edited is not None:
        after = _events(edited[: len(edited) - len(end.replace("\n", newline))])
        assert after is not None
        assert len(after) == len(before)
        assert sum(one != other for one, other in zip(before, after, strict=True)) <= 1
        if _events(alone, yaml.SafeLoader) is not None:
            assert _events(edited[: len(edited) - len(end.replace("\n", newline))], yaml.SafeLoader)
    regions = Regions(whole, enough=1)
    region = regions.region(parts)
    if region is None or not regions.are_parts([region]):
        return
    try:
        by_parts = update(
            whole.encode(), [Update(key, value)], source="f", large=0, enough=1
        ).data.decode()
    except errors.BadRequest:
        assert edited is None
    else:
        assert by_parts == edited


FLOW_SCALARS = [
    '"a"', "'it''s'", "v1", '"x\\ny"', '"a, b"', "'}'", '"]"', "two words", "-1", "1.5", "5", "a:b", "http://x/y", "true", "null",
    '"é"', '""', '"b: {c"', '"\\"}"',
]  # fmt: skip
FLOW_KEYS = [
    "a",
    '"a"',
    "'a'",
    "b",
    '"b"',
    '"c d"',
    "c d",
    "'it''s'",
    '"8080"',
    "8080",
    '"e, f: g"',
]
FLOW_BLANKS = ["", "", " ", "  ", "\n", "\n  ", "\t", " \n\t"]
ODD_SCALARS = [
    "x?y",
    "&k v",
    "!own v",
    "~",
    '"two\n lines"',
    "a # c\n",
    "two\n lines",
    'a "b',
    "'",
    "a'b",
    "",
    "- x",
]
ODD_KEYS = ['"\\x61"', "? a", '"a"\n', "<<", "&k a", "[b]", ""]


class _FlowLoader(yaml.CSafeLoader):
    """The same, and takes tabs."""


_FlowLoader.yaml_implicit_resolvers = {}
_FlowLoader.add_multi_constructor("", lambda _loader, _tag, node: node.value)


@st.composite
def flow_texts(draw: st.DrawFn, odd: bool, depth: int = 0) -> str:
    """Return a flow mapping or sequence. `odd`: whether things may stand in it that are not told by tokens alone."""

    def one(usual: list[str], odds: list[str]) -> str:
        return draw(st.sampled_from(odds if odd and draw(st.integers(0, 9)) == 7 else usual))

    is_mapping = draw(st.booleans())
    entries = []
    for number in range(draw(st.integers(0 if depth else 1, 4))):
        is_inner = depth < 3 and draw(st.integers(0, 2)) == 2
        value = draw(flow_texts(odd, depth + 1)) if is_inner else one(FLOW_SCALARS, ODD_SCALARS)
        key = ""
        if is_mapping:
            key = one(
                FLOW_KEYS if odd else [f"k{number}", f'"k{number}"', f"'k{number}'"], ODD_KEYS
            )
            key += draw(st.sampled_from([": ", " : ", ":"] if odd or key[0] != "k" else [": "]))
        before, after = (one(FLOW_BLANKS, [" # c\n"]) for _ in range(2))
        entries.append(f"{before}{key}{value}{after}")
    last = one(["", "", ","] if entries else [""], [", ,"])
    brackets = one(["{}"] if is_mapping else ["[]"], ["{]", "[}"])
    return f"{brackets[0]}{','.join(entries)}{last}{brackets[1]}"


@given(
    text=st.booleans().flatmap(flow_texts),
    begin=st.sampled_from(["", "", "# c\n", "---\n", "\n\n"]),
    end=st.sampled_from(["", "\n", "\n\n", "\n---\na: [\n"] * 3 + [" # c\n", ": x\n", "\nb: 1\n", " x"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    value=VALUES,
    data=st.data(),
)  # fmt: skip
def test_an_entry_of_a_flow_collection_is_edited_as_if_the_whole_were_read(
    text: str, begin: str, end: str, newline: str, value: Any, data: st.DataObject
) -> None:
    """The same text, the same changes in the same lines, the same errors."""
    whole = f"{begin}{text}{end}".replace("\n", newline)
    try:
        document = yaml.load(text, Loader=_FlowLoader)
        paths = [parts for parts in _paths(document) if parts and all(parts)]
    except (yaml.YAMLError, TypeError):
        paths = []
    wanted = (
        paths
        if paths and data.draw(st.sampled_from([True] * 5 + [False]))
        else [("a",), ("b", "a"), ("0",)]
    )
    keys = {
        ".".join(part.replace(".", r"\.").replace(":", r"\:") for part in parts)
        for parts in data.draw(st.lists(st.sampled_from(wanted), min_size=1, max_size=3))
    }
    updates = [Update(key, value) for key in keys]

    def written(large: int) -> Any:
        try:
            found = update(whole.encode(), updates, source="f", large=large)
        except errors.BadRequest as error:
            return error.message
        return found.data, found.changes

    assert written(0) == written(1 << 20)
