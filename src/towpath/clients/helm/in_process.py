"""The process that Helm within Python runs in: renders one chart, told on stdin, or answers Kustomize as `helm` would.

Nothing else imports this module: the library starts threads of its own, which a server could never end.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

from towpath.clients.helm import hooks, set_values
from towpath.documents.manifests import streams

_AS_VERSION: Final = "v3.18.0"
"""As `program.AS_VERSION`, which imports too much for a process that is to start quickly."""
_PULL: Final = "there is no chart here that could be had from elsewhere: charts are fetched before anything is rendered"


def main(arguments: list[str]) -> int:
    """Do what is asked."""
    from helm_python.errors import HelmError

    try:
        if not arguments:
            print(json.dumps(render(json.load(sys.stdin))))  # noqa: T201 - the answer
        else:
            _as_helm(arguments)
    except (
        HelmError,
        set_values.SetValueError,
        hooks.UnreadableError,
        OSError,
        ValueError,
    ) as error:
        _stop(str(error))
    return 0


def render(job: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the manifests of a chart, each with its template: what is installed, then hooks."""
    from helm_python import _native as native
    from helm_python.chart import Chart
    from helm_python.config import Config

    chart = Chart.load(job["chart"])
    wanted = chart.metadata.get("dependencies") or []
    there = {each.get("name") for each in chart.dependencies}
    if missing := [each["name"] for each in wanted if each.get("name") not in there]:
        raise ValueError(
            f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}"
        )
    options: dict[str, Any] = {
        "dry_run": "client",
        "namespace": job["namespace"],
        "skip_crds": True,
    }
    if job["kube_version"]:
        options["kube_version"] = job["kube_version"]
    if job["api_versions"]:
        options["api_versions"] = job["api_versions"]
    values = json.dumps(_values(job))
    config = Config(storage_driver="memory")  # it must outlive the call
    release = json.loads(
        native.call_string(
            "helm_install",
            config._raw(),  # noqa: SLF001 - what the library offers does not pass these options
            native.HANDLE(0),
            chart._raw(),  # noqa: SLF001
            None,
            job["release"],
            values,
            json.dumps(options),
        )
    )
    found = []
    if job["with_crds"]:
        found += [(each["filename"], streams.trimmed(each["data"])) for each in chart.crds]
    found += [(each.source, each.text) for each in streams.sourced(release["manifest"])]
    if job["with_hooks"]:
        of_templates = {"name": job["release"], "is_install": True}
        of_templates |= {
            key: options[key]
            for key in ("namespace", "kube_version", "api_versions")
            if key in options
        }
        rendered = json.loads(
            native.call_string("helm_render", chart._raw(), values, json.dumps(of_templates))  # noqa: SLF001
        )
        found += hooks.hooks(rendered, with_tests=job["with_tests"])
    return found


def _values(job: dict[str, Any]) -> dict[str, Any]:
    """Return all values that are given beside the chart's own: files in order, then `--set`, then literals."""
    from helm_python.chart import values_from_yaml

    found: dict[str, Any] = {}
    for path in job["values"]:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        found = set_values.merged(found, values_from_yaml(text) or {})
    for is_literal in (False, True):
        for each in job["set_values"]:
            if each["is_literal"] == is_literal:
                set_values.put(found, f"{each['key']}={each['value']}", literal=is_literal)
    return found


def _as_helm(arguments: list[str]) -> None:
    """Answer as the program `helm` does, in what Kustomize asks of it."""
    if arguments[0] == "version":
        print(_AS_VERSION)  # noqa: T201
        return
    if arguments[0] != "template":
        _stop(_PULL)
    told = _parser().parse_args(arguments[1:])
    names = told.names
    release = told.name_template or (names[0] if len(names) > 1 else "release-name")
    files = [each for given in told.values for each in given.split(",")]
    versions = [each for given in told.api_versions for each in given.split(",")]
    job = {
        "chart": names[-1],
        "release": release,
        "namespace": told.namespace or "default",
        "values": files,
        "set_values": [],
        "with_crds": told.include_crds,
        "with_hooks": not told.no_hooks,
        "with_tests": not told.skip_tests,
        "kube_version": told.kube_version,
        "api_versions": versions,
    }
    for source, text in render(job):
        print(f"---\n# Source: {source}\n{text}")  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helm template", allow_abbrev=False)
    parser.add_argument("names", nargs="+")
    parser.add_argument("-f", "--values", action="append", default=[])
    parser.add_argument("--api-versions", action="append", default=[])
    for name in ("--namespace", "--name-template", "--kube-version"):
        parser.add_argument(name, default="")
    for name in (
        "--include-crds",
        "--no-hooks",
        "--skip-tests",
        "--generate-name",
        "--debug",
        "--devel",
    ):
        parser.add_argument(name, action="store_true")
    return parser


def _stop(why: str) -> NoReturn:
    sys.stderr.write(f"Error: {why}\n")
    sys.exit(1)
