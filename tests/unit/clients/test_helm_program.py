"""The program `helm`: what it is asked, and how its answers are read. A recorder stands for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from towpath import errors
from towpath.clients.confinement import Confinement
from towpath.clients.helm import installed
from towpath.clients.helm.hooks import UnreadableError, hooks
from towpath.clients.helm.program import HelmProgram
from towpath.clients.helm.rendering import ChartRendering, SetValue
from towpath.documents.manifests.streams import RenderedManifest

RECORDER = """#!{python}
import os, pathlib, sys
here = pathlib.Path(os.environ["HOME"])
(here / "asked").write_text("\\n".join(sys.argv[1:]))
(here / "surroundings").write_text("\\n".join(sorted(os.environ)))
sys.stderr.write("WARNING: something\\nlevel=INFO msg=found\\n")
if "--include-crds" in sys.argv:
    sys.stderr.write("Error: no such thing\\n")
    sys.exit(1)
print("---\\n# Source: a/templates/x.yaml\\nkind: X\\n\\n---\\n# Source: a/templates/y.yaml\\n---\\n# Source: b\\nc: 1")
"""


@pytest.fixture
def program(tmp_path: Path) -> HelmProgram:
    """A recorder in the place of the program."""
    path = tmp_path / "bin" / "helm"
    path.parent.mkdir()
    path.write_text(RECORDER.format(python=sys.executable))
    path.chmod(0o755)
    found = installed.found(str(path.parent))
    assert isinstance(found, HelmProgram)
    return found


def _wanted(**more: object) -> ChartRendering:
    given = {
        "chart": Path("/somewhere/chart"),
        "shown": "./chart",
        "release": "rel",
        "namespace": "shop",
    }
    return ChartRendering(**{**given, **more})  # type: ignore[arg-type]


async def _render(program: HelmProgram, scratch: Path, **more: object) -> list[RenderedManifest]:
    scratch.mkdir(exist_ok=True)
    confined = Confinement(
        read=(*program.reads, program.program.parent, Path(sys.prefix), Path(sys.base_prefix)),
        write=(scratch,),
    )
    return await program.render(_wanted(**more), confinement=confined, scratch=scratch)


async def test_all_that_is_wanted_becomes_arguments(program: HelmProgram, tmp_path: Path) -> None:
    """Names and paths cannot be taken for options; values come in files whose names have no commas."""
    scratch = tmp_path / "scratch"
    found = await _render(
        program,
        scratch,
        values=(b"a: 1", b"b: 2"),
        set_values=(SetValue("a", "1,2"), SetValue("b", "x", is_literal=True)),
        with_hooks=False,
        with_tests=False,
        kube_version="1.30",
        api_versions=("a/v1", "b/v1"),
    )
    assert found == [
        RenderedManifest("a/templates/x.yaml", "kind: X"),
        RenderedManifest("b", "c: 1"),
    ]
    assert (scratch / "asked").read_text().split("\n") == [
        "template",
        "--namespace=shop",
        f"--values={scratch}/values-0.yaml",
        f"--values={scratch}/values-1.yaml",
        "--set=a=1,2",
        "--set-literal=b=x",
        "--api-versions=a/v1",
        "--api-versions=b/v1",
        "--kube-version=1.30",
        "--no-hooks",
        "--skip-tests",
        "--",
        "rel",
        "/somewhere/chart",
    ]
    told = (scratch / "surroundings").read_text().split("\n")
    assert {"HELM_PLUGINS", "HELM_CONFIG_HOME", "HOME", "KUBECONFIG"} <= set(told)
    assert not [each for each in told if each.startswith(("TOWPATH", "AWS", "KUBERNETES"))]


async def test_its_errors_are_told_without_its_logs(program: HelmProgram, tmp_path: Path) -> None:
    """By the path that the step names."""
    with pytest.raises(errors.BadRequest) as told:
        await _render(program, tmp_path / "scratch", with_crds=True)
    assert told.value.message == "chart ./chart: Helm does not render it: no such thing"


async def test_kustomize_is_told_that_it_is_the_third(program: HelmProgram, tmp_path: Path) -> None:
    """Everything else is the program's own to answer."""
    shim = program.command(tmp_path)
    version = subprocess.run([shim, "version", "-c", "--short"], capture_output=True, check=True)
    assert version.stdout == b"v3.18.0\n"
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([shim, "template", "a b", "--x"], env=home, capture_output=True, check=True)
    assert (tmp_path / "asked").read_text() == "template\na b\n--x"


def test_the_program_goes_before_the_library(program: HelmProgram) -> None:
    """Which is there in tests."""
    assert installed.found(str(program.program.parent)) == program
    assert not isinstance(installed.found("/nowhere"), HelmProgram | None)


def test_hooks_are_ordered_as_helm_installs_them() -> None:
    """By kind, then by template; unknown events are no hooks, partial templates and notes are nothing."""
    job = "kind: Job\nmetadata: {annotations: {helm.sh/hook: 'pre-install, POST-upgrade'}}"
    rendered = {
        "b.yaml": f"{job}\n---\nkind: Secret\nmetadata: {{annotations: {{helm.sh/hook: pre-delete}}}}",
        "a.yaml": job,
        "_c.yaml": job,
        "NOTES.txt": job,
        "d.yaml": "kind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}",
        "e.yaml": "kind: Pod\nmetadata: {annotations: {helm.sh/hook: crd-install}}",
        "f.yaml": "kind: Odd\nmetadata: {annotations: {helm.sh/hook: post-install}}",
        "g.yaml": "a: helm.sh/hook",
    }
    assert [source for source, _ in hooks(rendered, with_tests=True)] == [
        "b.yaml",
        "d.yaml",
        "a.yaml",
        "b.yaml",
        "f.yaml",
    ]
    assert "d.yaml" not in [source for source, _ in hooks(rendered, with_tests=False)]
    with pytest.raises(UnreadableError, match=r"x\.yaml"):
        hooks({"x.yaml": "helm.sh/hook: ["}, with_tests=True)
