"""Edits as values: what was done to one version of a file can be done to another."""

from __future__ import annotations

import pickle

import pytest

from towpath import errors
from towpath.documents.edits import Update
from towpath.documents.scalar_edit import Format, ScalarEdit

BASES = {
    Format.YAML: (b"tag: v1 # c\nother: 1\n", b"other: 2\ntag: v7\n", b"other: 2\ntag: v2\n"),
    Format.HCL: (b'tag = "v1" # c\n', b'other {}\ntag = "v7"\n', b'other {}\ntag = "v2"\n'),
    Format.TOML: (b"tag = 'v1' # c\n", b'other = 1\ntag = "v7"\n', b"other = 1\ntag = 'v2'\n"),
    Format.JSON: (b'{"tag": "v1"}\n', b'{ "b": [], "tag":"v7"}', b'{ "b": [], "tag":"v2"}'),
}


@pytest.mark.parametrize("form", list(Format))
def test_an_edit_is_done_again_to_what_others_have_changed(form: Format) -> None:
    """Only its scalars change there; done twice it is done once; another process is given the same edit."""
    base, moved, both = BASES[form]
    edit = ScalarEdit(form, "values", (Update("tag", "v2"),))
    again = pickle.loads(pickle.dumps(edit))
    assert again == edit
    assert again.apply(moved) == both
    assert again.apply(both) == both
    assert again.apply(base) == base.replace(b"v1", b"v2")


@pytest.mark.parametrize("form", list(Format))
def test_an_edit_that_does_not_fit_is_refused(form: Format) -> None:
    """The error names the file."""
    with pytest.raises(errors.BadRequest, match=r"apps/values: .*not UTF-8"):
        ScalarEdit(form, "apps/values", (Update("tag", "v2"),)).apply(b"\xff")
