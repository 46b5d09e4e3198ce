"""Kustomizations as people write them: images are set, and no line that is not about them changes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.generated import SHORT, SOAK
from towpath.documents.kustomize_images import ImageSetting, set_images

NAMES = st.sampled_from(
    ["a", "b", "nginx", "registry.example/x", "1.0", "ä", "registry.example:5000/x/y"]
)
WORDS = st.sampled_from(
    ["v1", "1.20", "yes", "0x1", "latest", "x y", "a: b", "#", "'", '"', "null", "1e3", ""]
)
COMMENTS = st.sampled_from(["", "", "  # c", " # - name: z"])
BETWEEN = st.sampled_from(["", "", "\n", "# - name: q\n", "  # in\n"])


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, list[dict[str, str]]]:
    """Return the lines of a list of images, and what they say."""
    indent = draw(st.sampled_from(["", "  ", "    "]))
    said, lines = [], [f"images:{draw(COMMENTS)}\n"]
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        keys = draw(
            st.lists(st.sampled_from(["newName", "newTag", "digest", "tagSuffix"]), unique=True)
        )
        entry = {key: draw(WORDS) for key in keys}
        items = list(entry.items())
        items.insert(draw(st.integers(0, len(items))), ("name", name))
        lines.append(draw(BETWEEN))
        written = [f"{key}: {_scalar(draw, value)}" for key, value in items]
        if draw(st.booleans()):
            gap = draw(st.sampled_from([" ", "   "]))
            inner = f"\n{indent} {gap}".join(f"{each}{draw(COMMENTS)}" for each in written)
            lines.append(f"{indent}-{gap}{inner}\n")
        else:
            lines.append(f"{indent}- {{{', '.join(written)}}}{draw(COMMENTS)}\n")
        said.append(dict(items))
    return "".join(lines), said


def _scalar(draw: st.DrawFn, value: str) -> str:
    quoted = yaml.safe_dump(
        value, default_style=draw(st.sampled_from(['"', "'"])), allow_unicode=True
    )
    return str(quoted).strip()


WANTED = st.lists(
    st.builds(
        ImageSetting,
        NAMES,
        st.sampled_from(["", "*", "m"]),
        st.sampled_from(["", "*", "1.1", "yes"]),
        st.sampled_from(["", "*", "sha256:x"]),
    ),
    min_size=1,
    max_size=3,
)


def _holds(
    given_: tuple[str, list[dict[str, str]]], begin: str, end: str, wanted: list[ImageSetting]
) -> None:
    lines, said = given_
    text = f"{begin}{lines}{end}"
    after = set_images(text.encode(), wanted, source="k").data.decode()
    assert after.startswith(begin)
    assert after.endswith(end)
    entries: dict[str, dict[str, str]] = {each["name"]: each for each in said}
    for image in {each.name: each for each in wanted}.values():
        old = entries.get(image.name, {"name": image.name})
        new: dict[str, Any] = {
            key: value for key, value in old.items() if key in ("name", "tagSuffix")
        }
        for key, value in [
            ("newName", image.new_name),
            ("newTag", image.new_tag),
            ("digest", image.digest),
        ]:
            kept = old.get(key, "") if value == "*" else value
            if kept:
                new[key] = kept
        entries[image.name] = new
    found = yaml.safe_load(after)
    expected = sorted(entries.values(), key=lambda each: each["name"].encode())
    assert [_filled(each) for each in found.pop("images")] == [_filled(each) for each in expected]
    before = yaml.safe_load(text)
    before.pop("images")
    assert found == before
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            assert line in after.splitlines()
    assert set_images(after.encode(), wanted, source="k").data.decode() == after


def _filled(entry: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in entry.items() if value}


BEGIN = st.sampled_from(
    ["", "# k\n", "resources:\n- x   # y\n", "---\nkind: K\n", "a: |\n  images:\n  - x\n\n"]
)
END = st.sampled_from(["", "other: L # c\n", "# end\n", "\nx: [images, {name: a}]\n"])


@SHORT
@given(given_=lists(), begin=BEGIN, end=END, wanted=WANTED)
def test_images_are_set_and_nothing_else(
    given_: Any, begin: str, end: str, wanted: list[ImageSetting]
) -> None:
    """Every reader reads what was asked for, by name; comments on lines of their own stay; done twice it is done once."""
    _holds(given_, begin, end, wanted)


@pytest.mark.soak
@SOAK
@given(given_=lists(), begin=BEGIN, end=END, wanted=WANTED)
def test_images_are_set_in_many_files(
    given_: Any, begin: str, end: str, wanted: list[ImageSetting]
) -> None:
    """The same, for longer."""
    _holds(given_, begin, end, wanted)
