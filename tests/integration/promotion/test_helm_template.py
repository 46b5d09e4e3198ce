"""`helm-template` with the real Helm: what it renders, into which files, and what a hostile chart reaches."""

from __future__ import annotations

import asyncio
import socket
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.support import rendering, waiting
from tests.support.rendering import Bench
from towpath import errors
from towpath.caller_turns import CallerTurns
from towpath.promotion.doors.rendering import Renderers
from towpath.promotion.step import Succeeded

if TYPE_CHECKING:
    from pathlib import Path

CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  values: {{ .Values | toJson | quote }}
  version: {{ .Capabilities.KubeVersion.Version }}
  knows: {{ .Capabilities.APIVersions.Has "widgets.example/v1" | quote }}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
"""
HOOKS = """
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade"}}
---
apiVersion: v1
kind: Pod
metadata: {name: probe, annotations: {helm.sh/hook: test}}
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A chart with all that a chart can have."""
    bench = Bench(tmp_path / "promotion" / "files")
    bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    bench.write("chart/values.yaml", "size: 1\n")
    bench.write("chart/templates/config.yaml", CONFIG_MAP)
    bench.write("chart/templates/deployment.yaml", DEPLOYMENT)
    bench.write("chart/templates/hooks.yaml", HOOKS)
    bench.write("chart/templates/NOTES.txt", "Thanks.\n")
    bench.write("chart/crds/widgets.yaml", CRD)
    return bench


async def _render(bench: Bench, **more: Any) -> Succeeded:
    config: dict[str, Any] = {
        "path": "./chart",
        "releaseName": "rel",
        "outPath": "./out",
        **more,
    }
    outcome = await bench.run("helm-template", **config)
    assert isinstance(outcome, Succeeded), outcome
    assert outcome.output is None
    return outcome


async def test_one_file_has_everything_in_helms_order(bench: Bench) -> None:
    """Manifests, then hooks, each with its template; the namespace is the Project's, CRDs only where they are wanted."""
    await _render(bench, outPath="./out/all.yaml")
    told = bench.read("out/all.yaml")
    assert [line for line in told.splitlines() if line.startswith(("# Source", "kind"))] == [
        "# Source: web/templates/config.yaml",
        "kind: ConfigMap",
        "# Source: web/templates/deployment.yaml",
        "kind: Deployment",
        "# Source: web/templates/hooks.yaml",
        "kind: Pod",
        "# Source: web/templates/hooks.yaml",
        "kind: Job",
    ]
    assert told.startswith("---\n# Source: ")
    assert "namespace: shop" in told
    assert (bench.root / "out/all.yaml").stat().st_mode & 0o777 == 0o600
    await _render(bench, outPath="./out/all.yml", includeCRDs=True, namespace="other")
    told = bench.read("out/all.yml")
    assert told.startswith("---\n# Source: web/crds/widgets.yaml\n")
    assert "namespace: other" in told


async def test_hooks_and_tests_are_left_out(bench: Bench) -> None:
    """Both, or tests alone."""
    await _render(bench, outPath="a.yaml", disableHooks=True)
    assert "kind: Job" not in bench.read("a.yaml")
    assert "kind: Pod" not in bench.read("a.yaml")
    await _render(bench, outPath="b.yaml", skipTests=True)
    assert "kind: Job" in bench.read("b.yaml")
    assert "kind: Pod" not in bench.read("b.yaml")


async def test_values_of_files_then_set_then_literal(bench: Bench) -> None:
    """Later ones win; a file that is missing is an error that names it, unless it may be."""
    bench.write("a,b.yaml", "size: 2\nfrom: a\nlist: [1, 2]\n")
    bench.write("c.yaml", "from: c\ndeep: {x: 1, z: 2}\n")
    await _render(
        bench,
        outPath="v.yaml",
        valuesFiles=["./a,b.yaml", "c.yaml", "missing.yaml"],
        ignoreMissingValueFiles=True,
        setValues=[
            {"key": "literal", "value": "a,b=c", "literal": True},
            {"key": "deep.x", "value": "7"},
            {"key": "list[1]", "value": "true"},
            {"key": "literal", "value": "typed"},
        ],
    )
    line = next(each for each in bench.read("v.yaml").splitlines() if "values:" in each)
    for part in (r"\"size\":2", r"\"from\":\"c\"", r"\"x\":7", r"\"z\":2", r"\"list\":[1,true]"):
        assert part in line
    assert r"\"literal\":\"a,b=c\"" in line
    with pytest.raises(errors.NotFound, match=r"missing\.yaml"):
        await _render(bench, valuesFiles=["missing.yaml"])


async def test_values_files_have_a_bound_together(bench: Bench) -> None:
    """One file may be named as often as a manifest has room for, and all of it is held in memory."""
    bench.write("values.yaml", f"a: {'x' * (6 << 20)}\n")
    with pytest.raises(errors.TooLarge, match=r"config\.valuesFiles: with values\.yaml"):
        await _render(bench, valuesFiles=["values.yaml"] * 3)
    bench.write("values.yaml", f"a: {'x' * (17 << 20)}\n")
    with pytest.raises(errors.BadRequest, match=r"values\.yaml is larger"):
        await _render(bench, valuesFiles=["values.yaml"])


async def test_templates_see_the_version_and_apis_that_are_named(bench: Bench) -> None:
    """As a cluster would have them."""
    await _render(bench, outPath="k.yaml", kubeVersion="1.29.3", apiVersions=["widgets.example/v1"])
    told = bench.read("k.yaml")
    assert "version: v1.29.3" in told
    assert 'knows: "true"' in told


async def test_helms_layout_has_a_file_for_each_template(bench: Bench) -> None:
    """Below the chart's name, or the release's and the chart's; the second run changes nothing."""
    await _render(bench, includeCRDs=True)
    first = bench.files("out")
    assert list(first) == [
        "web/crds/widgets.yaml",
        "web/templates/config.yaml",
        "web/templates/deployment.yaml",
        "web/templates/hooks.yaml",
    ]
    assert first["web/templates/hooks.yaml"].count("---\n# Source: web/templates/hooks.yaml\n") == 2
    await _render(bench, includeCRDs=True)
    assert bench.files("out") == first
    await _render(bench, outPath="named", useReleaseName=True, skipTests=True)
    assert "rel/web/templates/config.yaml" in bench.files("named")


async def test_the_flat_layout_names_files_after_objects(bench: Bench) -> None:
    """Groups, kinds, namespaces; objects without a name are counted, and each is kept."""
    bench.write("chart/templates/odd.yaml", "a: 1\n---\n# nothing\n---\nb: 2\n")
    bench.write(
        "chart/templates/role.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: R, namespace: n}\n",
    )
    await _render(bench, outLayout="flat", disableHooks=True)
    found = bench.files("out")
    assert sorted(found) == [
        "apps-deployment-web.yaml",
        "configmap-shop-rel.yaml",
        "rbac_authorization_k8s_io-role-n-r.yaml",
        "resource-0.yaml",
        "resource-1.yaml",
    ]
    assert found["resource-0.yaml"].endswith("a: 1")
    assert found["resource-1.yaml"].endswith("b: 2")


async def test_two_objects_of_one_file_are_an_error(bench: Bench) -> None:
    """One of them would be lost; nothing is written."""
    bench.write("chart/templates/twice.yaml", f"{DEPLOYMENT}---{DEPLOYMENT}")
    with pytest.raises(errors.BadRequest, match=r"apps-deployment-web\.yaml") as told:
        await _render(bench, outLayout="flat")
    assert "twice.yaml" in told.value.message
    assert not (bench.root / "out").exists()


@pytest.mark.parametrize("name", ["../../escape", "/etc/x", "a/b", "a\\\\b", "x" * 300])
async def test_no_object_names_a_place_elsewhere(bench: Bench, name: str) -> None:
    """What is no plain file name is an error that shows it."""
    bench.write(
        "chart/templates/odd.yaml", f'kind: Secret\napiVersion: v1\nmetadata: {{name: "{name}"}}\n'
    )
    with pytest.raises(errors.BadRequest, match="not safe"):
        await _render(bench, outLayout="flat")
    assert not (bench.root / "out").exists()


async def test_a_missing_dependency_and_a_broken_template_are_said(bench: Bench) -> None:
    """With Helm's words, and without where the work directory lies."""
    bench.write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n"
        "- {name: db, version: 1.x, repository: https://charts.example}\n",
    )
    with pytest.raises(errors.BadRequest, match=r"missing in charts/ directory: db"):
        await _render(bench)
    bench.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
    bench.write("chart/templates/bad.yaml", "a: {{ fail (print .Template.BasePath) }}\n")
    with pytest.raises(errors.BadRequest, match="web/templates") as told:
        await _render(bench)
    assert str(bench.root) not in str(told.value)
    with pytest.raises(errors.NotFound, match="nowhere"):
        await _render(bench, path="./nowhere")
    with pytest.raises(errors.BadRequest, match="does not render"):
        await _render(bench, releaseName="--post-renderer=/bin/true")


async def test_a_machine_without_helm_says_what_to_install(bench: Bench) -> None:
    """And nothing else fails."""
    bench.rendering = Renderers(helm=None, kustomize=rendering.kustomize())
    with pytest.raises(errors.Unavailable, match=r"towpath\[helm\]"):
        await _render(bench)


# --- hostile charts ----------------------------------------------------------------------------------


async def test_no_link_in_a_chart_leads_out_of_the_work_directory(
    bench: Bench, tmp_path: Path
) -> None:
    """Neither absolute nor relative, in templates, files or as a folder: what lies there is not shown."""
    (tmp_path / "secret").write_text("top: secret\n")
    for name, target in (
        ("templates/a.yaml", tmp_path / "secret"),
        ("templates/b.yaml", "../../../../secret"),
        ("files", tmp_path),
    ):
        link = bench.root / "chart" / name
        link.symlink_to(target)
        with pytest.raises(errors.BadRequest) as told:
            await _render(bench)
        assert "top" not in str(told.value)
        link.unlink()
    bench.write(
        "chart/templates/c.yaml", '{{ .Files.Get "../../../secret" }}{{ .Files.Glob "/**" }}x: 1\n'
    )
    await _render(bench, outPath="c.yaml")
    assert "secret" not in bench.read("c.yaml")


@pytest.mark.parametrize("of", ["schema", "dns"])
async def test_no_chart_reaches_the_network(bench: Bench, of: str) -> None:
    """Not by the schema of its values, nor by a template; a server that listens hears of nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.001)
        port = server.getsockname()[1]
        if of == "schema":
            bench.write("chart/values.schema.json", f'{{"$ref": "http://127.0.0.1:{port}/x"}}')
            with pytest.raises(errors.BadRequest, match="permission denied"):
                await _render(bench)
        else:
            bench.write("chart/templates/dns.yaml", 'a: "{{ getHostByName "localhost" }}"\n')
            await _render(bench, outPath="d.yaml")
            assert 'a: ""' in bench.read("d.yaml")
        with pytest.raises(TimeoutError):
            server.accept()


async def test_a_schema_reads_no_file_elsewhere(bench: Bench) -> None:
    """What `file:` names is not there."""
    bench.write("chart/values.schema.json", '{"$ref": "file:///etc/passwd"}')
    with pytest.raises(errors.BadRequest, match="permission denied"):
        await _render(bench)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ('{{ repeat 1000000000 "xxxxxxxxxx" }}', errors.TooLarge),
        ('a: {{ repeat 3000000 "x" }}', errors.TooLarge),
        ('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', errors.BadRequest),
        ("{{ range until 100000000 }}{{ range until 100000000 }}{{ end }}{{ end }}", None),
    ],
)
async def test_a_bomb_is_ended(
    bench: Bench, template: str, why: type[errors.TowpathError] | None
) -> None:
    """By the memory, by what may be printed, by Helm itself, or by the time that it may take."""
    bench.rendering = rendering.both(
        seconds=1.5 if why is None else 60, memory_bytes=1 << 30, output_bytes=1 << 20
    )
    bench.write("chart/templates/bomb.yaml", template)
    with pytest.raises(why or (errors.Timeout, errors.TooLarge)) as told:
        await _render(bench)
    assert "helm" in str(told.value).lower() or "memory" in str(told.value)


async def test_a_yaml_bomb_is_only_text(bench: Bench) -> None:
    """Aliases are not multiplied out by us."""
    text = textwrap.dedent(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: laughs}
        data:
          a: &a [x, x, x, x, x, x, x, x, x]
          b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
          c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
        """
    )
    bench.write("chart/templates/laughs.yaml", text)
    await _render(bench, outLayout="flat", disableHooks=True)
    assert "configmap-laughs.yaml" in bench.files("out")


async def test_whoever_gives_up_leaves_nothing_running(bench: Bench) -> None:
    """The program is ended at once, its folder is gone, and the turn is free for the next."""
    bench.write(
        "chart/templates/bomb.yaml",
        "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
    )
    bench.rendering = replace(bench.rendering, turns=CallerTurns(1))
    rendering_ = asyncio.create_task(_render(bench))

    async def running() -> list[psutil.Process]:
        return [
            each
            for each in psutil.Process().children(recursive=True)
            if any(word in " ".join(each.cmdline()) for word in ("in_process", "/helm template"))
        ]

    assert await waiting.until_async(running)
    rendering_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rendering_
    assert await running() == []
    assert sorted(each.name for each in bench.root.parent.iterdir()) == ["files"]
    bench.write("chart/templates/bomb.yaml", "a: 1")
    await _render(bench)
