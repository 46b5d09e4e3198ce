"""The generated files are those the types make, and drift is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tools import generate
from towpath.resources.scheme import BUILT_IN, SCHEME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with every generated file as it should be."""
    for name, text in generate.files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def test_the_repository_is_up_to_date() -> None:
    """`make generate` has been run since the types last changed."""
    assert generate.stale() == []


def test_the_same_types_make_the_same_files() -> None:
    """Nothing depends on the moment or on hash order."""
    assert generate.files() == generate.files()


def test_every_kind_has_its_files() -> None:
    """A page for each kind, a CRD for those Kubernetes does not have itself."""
    made = set(generate.files())
    assert {f"docs/reference/kinds/{kind.singular}.md" for kind in SCHEME} <= made
    crds = {
        f"deploy/crds/{kind.group}_{kind.plural}.yaml"
        for kind in SCHEME
        if kind.group not in BUILT_IN
    }
    assert {name for name in made if name.startswith("deploy/crds/")} == crds
    assert "deploy/openapi/v3/core_v1.json" in made


def test_crds_read_back_as_yaml() -> None:
    """The files can be given to kubectl as they are."""
    for name, text in generate.files().items():
        if name.endswith(".yaml"):
            assert yaml.safe_load(text)["kind"] == "CustomResourceDefinition"
            assert text.startswith("# Made from the types")


@pytest.mark.slow
def test_drift_is_named_file_by_file(tree: Path) -> None:
    """A changed, a missing and a left-over file are each told apart."""
    assert generate.stale(tree) == []
    (tree / "deploy/crds/kargo.akuity.io_stages.yaml").write_text("old\n", "utf-8")
    (tree / "docs/reference/kinds/stage.md").unlink()
    (tree / "docs/reference/kinds/shed.md").write_text("left over\n", "utf-8")
    assert generate.stale(tree) == [
        "deploy/crds/kargo.akuity.io_stages.yaml: out of date",
        "docs/reference/kinds/stage.md: missing",
        "docs/reference/kinds/shed.md: nothing generates it any more",
    ]


@pytest.mark.slow
def test_generating_puts_everything_right(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It writes what is missing or out of date, removes what is left over, and says which files."""
    (tree / "docs/reference/kinds/stage.md").unlink()
    (tree / "deploy/crds/shed.yaml").write_text("left over\n", "utf-8")
    assert generate.main([], tree) == 0
    assert generate.stale(tree) == []
    assert capsys.readouterr().out.splitlines() == [
        "generate: docs/reference/kinds/stage.md",
        "generate: deploy/crds/shed.yaml",
    ]


@pytest.mark.slow
def test_checking_fails_and_changes_nothing(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` names the file and the remedy, and leaves the file as it is."""
    path = tree / "docs/reference/kinds/stage.md"
    path.write_text("old\n", "utf-8")
    assert generate.main(["--check"], tree) == 1
    assert path.read_text("utf-8") == "old\n"
    shown = capsys.readouterr().err
    assert shown == "generate: docs/reference/kinds/stage.md: out of date; run `make generate`\n"
    assert generate.main([], tree) == 0
    assert generate.main(["--check"], tree) == 0


def test_other_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped `--check` must not write."""
    assert generate.main(["--chek"]) == 1
    assert "usage" in capsys.readouterr().err
