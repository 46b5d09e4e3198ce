"""Records what several kubectls ask a server, for tests/e2e/kube/recorded.

`python -m tools.oracle.recording --kubectl 1.29=PATH --kubectl 1.33=PATH` records against `towpath up`, with `--real`
against the real API server. A replay needs none of these kubectls.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.oracle import servers
from tools.oracle.proxy import Notes, proxy

FOLDER = Path(__file__).resolve().parents[2] / "tests/e2e/kube/recorded"
COMMAND_SECONDS = 8
_DISCOVERY = re.compile(r"/(version|openapi/.*|api|api/v1|apis|apis/[^/]+|apis/[^/]+/[^/]+)(\?.*)?")

_TASK = {
    "apiVersion": "kargo.akuity.io/v1alpha1",
    "kind": "PromotionTask",
    "metadata": {"name": "a", "namespace": "recorded", "labels": {"tier": "web"}},
    "spec": {"steps": [{"uses": "fail", "config": {"message": "one"}}]},
}
_CHANGED = {**_TASK, "spec": {"steps": [{"uses": "fail", "config": {"message": "two"}}]}}
_REQUEST = {
    "apiVersion": "kargo.akuity.io/v1alpha1",
    "kind": "PromotionRequest",
    "metadata": {"name": "r", "namespace": "recorded"},
    "spec": {"freight": "f", "stage": "s", "targets": [{"name": "t"}]},
}
_SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "applied", "namespace": "recorded"},
    "stringData": {"a": "one"},
}
FILES = {
    "task.json": _TASK,
    "changed.json": _CHANGED,
    "other.json": {**_TASK, "metadata": {"name": "b", "namespace": "recorded"}},
    "served.json": {**_TASK, "metadata": {"name": "c", "namespace": "recorded"}},
    "taken.json": {**_CHANGED, "metadata": {"name": "c", "namespace": "recorded"}},
    "unknown.json": {**_TASK, "metadata": {"name": "u", "namespace": "recorded"}, "bogus": 1},
    "request.json": _REQUEST,
    "secret.json": _SECRET,
    "secret-changed.json": {**_SECRET, "stringData": {"a": "two"}},
}

COMMANDS = """
version
api-resources
api-versions
create namespace recorded
label namespace recorded kargo.akuity.io/project=true
create secret generic made --from-literal=a=b
create configmap made --from-literal=a=b
create serviceaccount made
create role made --verb=get,list --resource=configmaps
create rolebinding made --role=made --serviceaccount=recorded:made
create token made
apply -f task.json
apply -f task.json
diff -f changed.json
apply --dry-run=server -f changed.json
apply -f changed.json
apply -f unknown.json
apply -f secret.json
apply -f secret-changed.json
apply --server-side -f served.json
apply --server-side --field-manager=other -f taken.json
apply --server-side --field-manager=other --force-conflicts -f taken.json
apply --server-side -f task.json
create -f other.json
create -f other.json
create -f request.json
replace -f other.json
edit promotiontask b
label promotiontask b tier=db
annotate promotiontask b note=one
label secret made tier=db
patch promotiontask b --type=merge -p {"metadata":{"labels":{"x":"y"}}}
patch promotiontask b --type=json -p [{"op":"add","path":"/metadata/labels/z","value":"1"}]
patch promotiontask b -p {"metadata":{"labels":{"x":"z"}}}
patch secret made -p {"metadata":{"labels":{"x":"z"}}}
patch promotionrequest r --subresource=status --type=merge -p {"status":{"phase":"Running"}}
get promotiontasks
get promotiontasks -o wide
get promotiontasks -o yaml
get promotiontasks -o name
get promotiontask a
get promotiontask a -o json
get promotiontask a -o jsonpath={.spec.steps[0].uses}
get promotiontask nothing
get promotiontasks -A
get promotiontasks -l tier=web
get promotiontasks --field-selector metadata.name=a
get promotiontasks,secrets
get promotionrequest r --subresource=status
get secrets
get namespaces
get all
get events
events
get promotiontasks -w --request-timeout=2s
wait promotiontask/a --for=jsonpath={.spec.steps[0].uses}=fail --timeout=5s
wait promotiontask/a --for=jsonpath={.spec.steps[0].uses}=other --timeout=1s
describe promotiontask a
describe secret made
describe namespace recorded
explain promotiontask.spec.steps
auth can-i get promotiontasks
auth can-i promote stages.kargo.akuity.io
auth can-i --list
auth whoami
delete promotiontask b
delete -f served.json
delete promotiontasks --all
delete configmap made --cascade=orphan --wait=false
delete secret made --wait=false
delete namespace recorded --wait=false
""".strip().splitlines()


async def record(kubectl: str, server: servers.Server) -> list[dict[str, Any]]:
    """Return the requests of every command, discovery noted once."""
    notes = Notes()
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, document in FILES.items():
            (folder / file).write_text(json.dumps(document))
        async with proxy(server, notes) as address:
            for command in COMMANDS:
                notes.command = command
                await _run(kubectl, address, folder, command)
    return deduplicated(notes.requests)


async def _run(kubectl: str, address: str, folder: Path, command: str) -> None:
    lexer = shlex.shlex(command)
    lexer.whitespace_split = True
    lexer.quotes = ""
    lexer.commenters = ""
    process = await asyncio.create_subprocess_exec(
        kubectl,
        f"--server={address}",
        "--namespace=recorded",
        f"--cache-dir={folder / 'cache'}",
        *lexer,
        cwd=folder,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "KUBECONFIG": os.devnull,
            "EDITOR": "sed -i s/one/three/",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        said, _ = await process.communicate()
        said += b" (stopped)"
    if process.returncode:
        print(f"  {command}: {process.returncode}: {said.decode('utf-8', 'replace').strip()[:300]}")


def deduplicated(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return requests fit to be kept: discovery once, versions that were read as a reference to them."""
    seen = set()
    kept = []
    for request in requests:
        request["path"] = re.sub(r"([?&])hash=[0-9A-Fa-f]+&?", r"\1", request["path"]).rstrip("?&")
        key = (request["method"], request["path"], request["accept"])
        if _DISCOVERY.fullmatch(request["path"]) and request["method"] == "GET":
            if key in seen:
                continue
            seen.add(key)
        request["path"] = re.sub(
            r"resourceVersion=[1-9]\d*", "resourceVersion=READ", request["path"]
        )
        body = base64.b64decode(request["body"])
        replaced = re.sub(rb'"resourceVersion":"\d+"', b'"resourceVersion":"READ"', body)
        request["body"] = base64.b64encode(replaced).decode()
        request["type"] = request.get("type", "").partition(";")[0]
        kept.append(request)
    return kept


def main() -> int:
    """Record. Returns 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.oracle.recording", description=__doc__)
    parser.add_argument("--kubectl", action="append", required=True, metavar="VERSION=PATH")
    parser.add_argument("--real", action="store_true", help="record against the real API server")
    parser.add_argument("--output", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    for each in chosen.kubectl:
        version, _, path = each.partition("=")
        with servers.api_server() if chosen.real else servers.towpath() as server:
            print(f"kubectl {version}")
            requests = asyncio.run(record(path, server))
        lines = [json.dumps(request, ensure_ascii=False, sort_keys=True) for request in requests]
        (chosen.output / f"kubectl-{version}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"kubectl {version}: {len(lines)} requests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
