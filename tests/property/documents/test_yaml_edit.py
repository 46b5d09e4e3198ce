"""Any document in any style: after an edit it reads the same but for the values set, and the bytes around them stay."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from towpath.documents import key_path
from towpath.documents.yaml import Update, update

KEYS = st.text(st.sampled_from("abcxyz019-_. :é"), min_size=1, max_size=6).filter(str.strip)
TEXTS = st.text(
    st.one_of(
        st.sampled_from(" :#-'\"\n\t,[]{}&*!|>%@`~0123456789.eE_+yYnoO"),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
).filter(lambda text: "\x85" not in text)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4),
            st.dictionaries(KEYS, inner, min_size=1, max_size=4),
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=5,
)


def _paths(value: Any, parts: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [path for key, item in value.items() for path in _paths(item, (*parts, key))]
    if isinstance(value, list):
        return [
            path for place, item in enumerate(value) for path in _paths(item, (*parts, str(place)))
        ]
    return [parts]


def _escaped(parts: tuple[str, ...]) -> str:
    return ".".join(part.replace(".", r"\.").replace(":", r"\:") for part in parts)


def _put(document: Any, parts: tuple[str, ...], value: Any) -> None:
    for part in parts[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    document[int(parts[-1]) if isinstance(document, list) else parts[-1]] = value


@given(
    document=DOCUMENTS,
    flow=st.sampled_from([True, False, None]),
    style=st.sampled_from([None, '"', "'", "|", ">"]),
    value=SCALARS,
    data=st.data(),
)
def test_an_edit_sets_what_it_says_and_nothing_else(
    document: dict[str, Any], flow: bool | None, style: str | None, value: Any, data: st.DataObject
) -> None:
    """Parsed again it is the document with that one value changed."""
    paths = [
        parts
        for parts in _paths(document)
        if _escaped(parts).strip() == _escaped(parts)
        and key_path.split(_escaped(parts)) == [*parts]
    ]
    if not paths:
        return
    parts = data.draw(st.sampled_from(paths))
    text = yaml.safe_dump(
        document, default_flow_style=flow, default_style=style, allow_unicode=True, sort_keys=False
    )
    before = yaml.safe_load(text)
    after = update(text.encode(), [Update(_escaped(parts), value)], source="f").data.decode()
    _put(before, parts, value)
    assert _plain(yaml.safe_load(after)) == _plain(before)


def _plain(value: Any) -> Any:
    """Return a value with what YAML does not keep apart made equal: tags of !!binary and floats of whole numbers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
