"""`kustomize-build` with the real Kustomize: what it builds, into which files, and what a hostile base reaches."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import rendering
from tests.support.rendering import Bench
from towpath import errors
from towpath.promotion.doors.rendering import Renderers
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from pathlib import Path

BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, role.yaml]\n",
    "base/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: Web}\nspec: {replicas: 1}\n",
    "base/role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\n",
    "shared/settings.txt": "colour=blue\n",
    "prod/kustomization.yaml": (
        "resources: [../base]\nnamespace: prod\n"
        "configMapGenerator: [{name: settings, files: [../shared/settings.txt]}]\n"
        "generatorOptions: {disableNameSuffixHash: true}\n"
    ),
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A base, an environment over it, and a file that is outside of both."""
    bench = Bench(tmp_path / "promotion" / "files")
    for path, text in BASE.items():
        bench.write(path, text)
    return bench


async def _build(bench: Bench, **more: Any) -> Succeeded:
    config: dict[str, Any] = {"path": "./prod", "outPath": "./out", **more}
    outcome = await bench.run("kustomize-build", **config)
    assert isinstance(outcome, Succeeded), outcome
    assert outcome.output is None
    return outcome


@pytest.mark.parametrize("program", ["kustomize", "kubectl"])
async def test_one_file_has_the_whole_stream(bench: Bench, program: str) -> None:
    """Files outside of the kustomization's folder are read; both programs do."""
    found = rendering.kustomize() if program == "kustomize" else rendering.of_kubectl()
    bench.rendering = Renderers(helm=None, kustomize=found)
    await _build(bench, outPath="./out/all.yaml")
    objects = list(yaml.safe_load_all(bench.read("out/all.yaml")))
    assert {each["kind"] for each in objects} == {"Deployment", "ClusterRole", "ConfigMap"}
    assert next(each for each in objects if each["kind"] == "ConfigMap")["data"] == {
        "settings.txt": "colour=blue\n"
    }
    assert (bench.root / "out/all.yaml").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in bench.root.parent.iterdir()) == ["files"]


async def test_files_are_named_in_kargos_form(bench: Bench) -> None:
    """With the namespace wherever an object has one; the second run changes nothing."""
    await _build(bench)
    first = bench.files("out")
    assert sorted(first) == [
        "clusterrole-reader.yaml",
        "prod-configmap-settings.yaml",
        "prod-deployment-web.yaml",
    ]
    assert yaml.safe_load(first["prod-deployment-web.yaml"])["spec"] == {"replicas": 1}
    await _build(bench)
    assert bench.files("out") == first


@pytest.mark.parametrize("several", [False, True])
async def test_files_are_named_as_kustomize_names_them(bench: Bench, several: bool) -> None:
    """Compared with `kustomize build -o`, with one namespace and with several."""
    if several:
        bench.write(
            "prod/other.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: q}\n"
        )
        text = BASE["prod/kustomization.yaml"].replace("namespace: prod\n", "")
        bench.write("prod/kustomization.yaml", text.replace("[../base]", "[../base, other.yaml]"))
    await _build(bench, outputFormat="kustomize")
    (bench.root / "theirs").mkdir()
    program = rendering.kustomize()
    done = await rendering.plainly(
        [
            program.program,
            *program.arguments,
            "--load-restrictor=LoadRestrictionsNone",
            "prod",
            "-o",
            "theirs",
        ],
        bench.root,
    )
    assert done == 0
    theirs = {
        # an object without a namespace counts as one of `default`, which Kargo leaves out of the name
        name.removeprefix("default_"): text
        for name, text in bench.files("theirs").items()
    }
    assert bench.files("out") == theirs
    assert ("q_v1_secret_s.yaml" in theirs) is several


async def test_two_objects_of_one_file_are_an_error(bench: Bench) -> None:
    """Names that differ in case alone, or in group alone."""
    bench.write("base/role.yaml", BASE["base/web.yaml"].replace("Web", "wEB"))
    with pytest.raises(errors.BadRequest, match=r"prod-deployment-web\.yaml"):
        await _build(bench)
    assert not (bench.root / "out").exists()


async def test_an_object_names_no_place_elsewhere(bench: Bench) -> None:
    """Nor does its kind."""
    for kind, name in (("Secret", "../../x"), ("../x", "a")):
        bench.write("base/web.yaml", f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n")
        for form in ("kargo", "kustomize"):
            with pytest.raises(errors.BadRequest, match="not safe"):
                await _build(bench, outputFormat=form)
    assert not (bench.root / "out").exists()


@pytest.mark.parametrize("program", ["kustomize", "kubectl"])
async def test_charts_of_the_tree_are_rendered(bench: Bench, program: str) -> None:
    """With the version and the APIs that the step names."""
    if program == "kubectl":
        bench.rendering = replace(bench.rendering, kustomize=rendering.of_kubectl())
    bench.write("prod/charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    bench.write("prod/charts/web/values.yaml", "size: 1\n")
    bench.write(
        "prod/charts/web/templates/c.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n"
        "data: {size: '{{ .Values.size }}', version: '{{ .Capabilities.KubeVersion.Version }}',"
        " has: '{{ .Capabilities.APIVersions.Has \"a/v1\" }}'}\n",
    )
    bench.write(
        "prod/kustomization.yaml",
        "helmCharts: [{name: web, releaseName: rel, valuesInline: {size: 7}}]\n",
    )
    await _build(
        bench,
        outPath="c.yaml",
        plugin={"helm": {"kubeVersion": "1.29.0", "apiVersions": ["a/v1", "b/v1"]}},
    )
    found = yaml.safe_load(bench.read("c.yaml"))
    assert found["metadata"]["name"] == "rel"
    assert found["data"] == {"size": "7", "version": "v1.29.0", "has": "true"}


async def test_what_cannot_be_built_is_said_with_kustomizes_words(bench: Bench) -> None:
    """Without where the work directory lies; what is missing is named."""
    for program in (rendering.kustomize(), rendering.of_kubectl()):
        bench.rendering = Renderers(helm=None, kustomize=program)
        bench.write("prod/kustomization.yaml", "resources: [nothing.yaml]\n")
        with pytest.raises(errors.BadRequest, match=r"\./prod: Kustomize .*nothing\.yaml") as told:
            await _build(bench)
        assert str(bench.root) not in str(told.value)
        assert "command failed" not in str(told.value)
    with pytest.raises(errors.NotFound, match="nowhere"):
        await _build(bench, path="nowhere")
    bench.rendering = Renderers(helm=None, kustomize=None)
    with pytest.raises(errors.Unavailable, match="put the program kustomize"):
        await _build(bench)


# --- hostile bases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "resources: [{place}]",
        "resources: [../../../../secret.yaml]",
        "configMapGenerator: [{{name: a, files: [{place}]}}]",
        "configMapGenerator: [{{name: a, files: [../../../../secret.yaml]}}]",
        "secretGenerator: [{{name: a, envs: [{place}]}}]",
        "patches: [{{path: {place}}}]",
        "resources: [link.yaml]",
        "configMapGenerator: [{{name: a, files: [link.yaml]}}]",
        "resources: [folder]",
        "resources: [{folder}]",
        "resources: [../../../other]",
        "openapi: {{path: {place}}}",
        "transformers: [{{path: {place}}}]",
    ],
)
async def test_nothing_outside_the_work_directory_is_read(
    bench: Bench, tmp_path: Path, text: str
) -> None:
    """By no field, path, link or folder; not even the work directory of another Promotion."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: top}\nstringData: {a: hidden}\n"
    other = tmp_path / "other"
    for path in (tmp_path / "secret.yaml", other / "secret.yaml"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(secret)
    (other / "kustomization.yaml").write_text("resources: [secret.yaml]\n")
    (bench.root / "prod/link.yaml").symlink_to(tmp_path / "secret.yaml")
    (bench.root / "prod/folder").symlink_to(other)
    told = text.format(place=tmp_path / "secret.yaml", folder=other)
    bench.write("prod/kustomization.yaml", f"{told}\n")
    with pytest.raises(errors.BadRequest) as refused:
        await _build(bench, outPath="all.yaml")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "transformers: [f.yaml]",
        "generators: [f.yaml]",
        "validators: [f.yaml]",
        "helmCharts: [{name: x, releaseName: r, valuesInline: {}}]\nhelmGlobals: {configHome: ../evil}",
    ],
)
async def test_no_program_of_a_base_is_run(bench: Bench, text: str) -> None:
    """Neither functions nor plugins, nor what Helm would take from its own folders."""
    bench.write("prod/run.sh", f"#!/bin/sh\ntouch {bench.root}/ran\n")
    (bench.root / "prod/run.sh").chmod(0o755)
    bench.write(
        "prod/f.yaml",
        "apiVersion: x/v1\nkind: Foo\nmetadata:\n  name: f\n  annotations:\n"
        "    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n",
    )
    bench.write("evil/plugins/x/plugin.yaml", "name: x\nversion: '1'\ncommand: ../prod/run.sh\n")
    bench.write("prod/kustomization.yaml", f"resources: [../base]\n{text}\n")
    with pytest.raises(errors.BadRequest):
        await _build(bench, outPath="all.yaml")
    assert not (bench.root / "ran").exists()


async def test_no_base_writes_into_the_work_directory(bench: Bench) -> None:
    """What is built is written by us, at the path that the step names."""
    before = bench.files("prod")
    await _build(bench, outPath="all.yaml")
    assert bench.files("prod") == before


async def test_what_is_built_has_a_bound(bench: Bench) -> None:
    """A generator that makes much of little is ended."""
    bench.write("shared/settings.txt", "x" * 100_000)
    bench.rendering = rendering.both(output_bytes=50_000)
    with pytest.raises(errors.TooLarge, match="kustomize printed more than the 50,000 bytes"):
        await _build(bench)


async def test_the_programs_have_no_network(bench: Bench) -> None:
    """Not even to this machine: a server that listens hears of nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.001)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        bench.write(
            "prod/patch.yaml",
            "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\n"
            f"target: {{kind: Deployment}}\npath: {url}p.yaml\n",
        )
        bench.write("prod/kustomization.yaml", "resources: [../base]\ntransformers: [patch.yaml]\n")
        with pytest.raises(errors.BadRequest, match="Kustomize has no network"):
            await _build(bench, outPath="all.yaml")
        with pytest.raises(TimeoutError):
            server.accept()
