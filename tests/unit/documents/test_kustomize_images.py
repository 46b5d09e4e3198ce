"""Images of a kustomization: set by name, kept in order, with nothing else of the file changed."""

from __future__ import annotations

import pytest
import yaml

from towpath import errors
from towpath.documents.kustomize_images import ImageSetting, set_images

FILE = """\
# k
resources:
- b.yaml   # base
images: # all
# first
- name: web # w
  newTag: "1"  # pin
  newName: x
# second
- newTag: v1
  name: api
# end
kind: K
"""


def _set(text: str, *wanted: ImageSetting) -> str:
    done = set_images(text.encode(), wanted, source="k.yaml")
    again = set_images(done.data, wanted, source="k.yaml")
    assert again == done
    return done.data.decode()


def test_a_file_with_comments() -> None:
    """Entries are moved with what is said before them; quotes stay; what is not given any more goes."""
    after = _set(
        FILE, ImageSetting("web", new_tag="2", digest="sha256:x"), ImageSetting("mid", new_tag="*")
    )
    assert after == (
        "# k\nresources:\n- b.yaml   # base\nimages: # all\n# second\n- newTag: v1\n  name: api\n- name: mid\n# first\n"
        '- name: web # w\n  newTag: "2"  # pin\n  digest: sha256:x\n# end\nkind: K\n'
    )


A1 = ImageSetting("a", new_tag="1")


@pytest.mark.parametrize(
    ("text", "wanted", "after"),
    [
        ("resources: [a]", A1, 'resources: [a]\nimages:\n- name: a\n  newTag: "1"\n'),
        ("", A1, 'images:\n- name: a\n  newTag: "1"\n'),
        ("# c", A1, '# c\nimages:\n- name: a\n  newTag: "1"\n'),
        ("\ufeffx: 1\r\n", A1, '\ufeffx: 1\r\nimages:\r\n- name: a\r\n  newTag: "1"\r\n'),
        ("a: 1\n---\nb: 1\n", A1, 'a: 1\nimages:\n- name: a\n  newTag: "1"\n---\nb: 1\n'),
        ("a: |\n  x\n\n# end\n", A1, 'a: |\n  x\n\nimages:\n- name: a\n  newTag: "1"\n# end\n'),
        ("images: [] # c\nx: 1\n", A1, 'images: # c\n- name: a\n  newTag: "1"\nx: 1\n'),
        ("images: null # c\nx: 1\n", A1, 'images: # c\n- name: a\n  newTag: "1"\nx: 1\n'),
        ("images:\n# c\n", A1, 'images:\n- name: a\n  newTag: "1"\n# c\n'),
        ("images: [{name: a, newTag: b}]\n", A1, 'images:\n- name: a\n  newTag: "1"\n'),
        ("images:\n- {name: a, newTag: b}  # c", A1, 'images:\n- {name: a, newTag: "1"}  # c'),
        ("images:\n- {newTag: b, name: a,}\n", ImageSetting("a", digest="d"), "images:\n- {name: a, digest: d,}\n"),
        ("images:\n- {newTag: b, name: a,}\n", ImageSetting("a", "*", "*", "d"),
         "images:\n- {newTag: b, name: a, digest: d}\n"),
        ("images:\n  - name: a\n    newTag: b", ImageSetting("b"), "images:\n  - name: a\n    newTag: b\n  - name: b"),
        ("images:\n- name: a\n  newTag: b", ImageSetting("a", digest="d"), "images:\n- name: a\n  digest: d"),
        ("images:\n- newTag: b\n  name: a\n", ImageSetting("a", digest="d"), "images:\n- name: a\n  digest: d\n"),
        ("images:\n- name: a\n  tagSuffix: x\n  newTag: '1'\n", ImageSetting("a", new_tag="2"),
         "images:\n- name: a\n  tagSuffix: x\n  newTag: '2'\n"),
        ("images:\n- name: a\n  newTag: 1.10 # c\n- name: b\n  newTag: 5\n", ImageSetting("a", new_tag="1.20"),
         'images:\n- name: a\n  newTag: "1.20" # c\n- name: b\n  newTag: 5\n'),
        ("images:\n- name: a\n  newTag: 1.10\n", ImageSetting("a", new_tag="1.10"), "images:\n- name: a\n  newTag: 1.10\n"),
        ("images:\n- name: b\n- name: a\n", ImageSetting("a"), "images:\n- name: a\n- name: b\n"),
        ("images:\n- name: a\n- name: a\n  newTag: x\n", A1, 'images:\n- name: a\n  newTag: "1"\n- name: a\n  newTag: "1"\n'),
        ('{"images": [], "a": 1}\n', A1, '{"images": [{"name": "a", "newTag": "1"}], "a": 1}\n'),
        ('{"a": 1}\n', A1, '{"a": 1, "images": [{"name": "a", "newTag": "1"}]}\n'),
        ("images:\n- name: ä\n", ImageSetting("z", new_tag="yes"), 'images:\n- name: z\n  newTag: "yes"\n- name: ä\n'),
    ],
)  # fmt: skip
def test_layouts(text: str, wanted: ImageSetting, after: str) -> None:
    """However the list is written, or if it is not there."""
    assert _set(text, wanted) == after
    yaml.safe_load(after.split("---", maxsplit=1)[0].removeprefix("\ufeff"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("images: text\n", "k.yaml: images is no list"),
        ("images: {a: b}\n", "k.yaml: images is no list"),
        ("images: [text]\n", "k.yaml: images[0] is no object"),
        ("images: [{name: [a]}]\n", "k.yaml: images[0].name is no text"),
        ("- a\n", "k.yaml: a kustomization is an object"),
        ("text", "k.yaml: a kustomization is an object"),
        ("a: [\n", "k.yaml: line 2"),
        ("a: 1\na: 2\n", 'key "a" is already set on line 1'),
        ("images: [{name: b}, # c\n {name: c}]\n", "k.yaml: images is laid out so that its entries have no lines"),
        ("images: [{name: b, tagSuffix: c}]\n", "k.yaml: images is laid out so that its entries have no lines"),
        ("x: &a {name: b}\nimages:\n- *a\n- <<: *a\n  newTag: v\n", "k.yaml: images is laid out so that its entries have no lines"),
    ],
)  # fmt: skip
def test_what_cannot_be_edited_is_told(text: str, said: str) -> None:
    """And nothing is lost."""
    with pytest.raises(errors.BadRequest) as caught:
        _set(text, A1)
    assert said in caught.value.message
    with pytest.raises(errors.BadRequest, match="k: byte 0 is not UTF-8"):
        set_images(b"\xff", [A1], source="k")
