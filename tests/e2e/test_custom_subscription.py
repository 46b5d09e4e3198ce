"""The example of a package with subscription types: it is installed, its tests pass, and a server makes Freight by them."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import packages, towpath_process, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/custom-subscription"
BUCKET = """<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Contents><Key>web/app-1.2.0.tgz</Key><Size>7</Size></Contents>
<Contents><Key>web/app-1.10.0.tgz</Key><Size>7</Size></Contents></ListBucketResult>"""
PAGES = {
    "/my-releases": ("application/xml", BUCKET),
    "/manuals/": ("text/html", '<a href="manual-1.4.0.pdf">x</a><a href="manual-2.0.0.pdf">x</a>'),
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the package is installed into, with nothing else."""
    folder = tmp_path_factory.mktemp("custom-subscription")
    yield packages.install(EXAMPLE, folder)
    shutil.rmtree(folder)


@pytest.fixture
def files() -> Iterator[int]:
    """The port of a server with a bucket and a page of links."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = PAGES.get(self.path.partition("?")[0], ("", ""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join(10)


def test_the_tests_of_the_subscriptions_pass(installed: Path, tmp_path: Path) -> None:
    """With the kit, and on servers that run."""
    assert "11 passed" in packages.own_tests(EXAMPLE, installed, tmp_path)


def _documents(port: int) -> list[dict[str, Any]]:
    """Return the README's Warehouse, at servers of this machine, and a Stage that reads its Freight."""
    page = (EXAMPLE / "README.md").read_text("utf-8")
    warehouse = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])
    bucket, listing = warehouse["spec"]["subscriptions"]
    bucket["bucket"]["config"]["endpoint"] = f"http://127.0.0.1:{port}"
    del bucket["bucket"]["config"]["secret"]
    listing["http-listing"]["config"]["url"] = f"http://127.0.0.1:{port}/manuals/"
    kargo = {"apiVersion": "kargo.akuity.io/v1alpha1"}
    read = {
        "packages": '${{ artifactFrom("packages").Version }}',
        "manuals": '${{ artifactFrom("manuals").Version }}',
    }
    stage = {
        "requestedFreight": [
            {"origin": {"kind": "Warehouse", "name": "releases"}, "sources": {"direct": True}}
        ],
        "promotionTemplate": {
            "spec": {"steps": [{"uses": "compose-output", "as": "read", "config": read}]}
        },
    }
    policy = {
        "promotionPolicies": [{"stageSelector": {"name": "test"}, "autoPromotionEnabled": True}]
    }
    meta = {"namespace": "my-shop"}
    return [
        {**kargo, "kind": "Project", "metadata": {"name": "my-shop"}},
        {**kargo, "kind": "ProjectConfig", "metadata": {"name": "my-shop", **meta}, "spec": policy},
        warehouse,
        {**kargo, "kind": "Stage", "metadata": {"name": "test", **meta}, "spec": stage},
    ]


def test_a_server_makes_freight_by_them(installed: Path, tmp_path: Path, files: int) -> None:
    """Found by their entry points alone; what is configured wrongly is refused when it is written."""
    config = tmp_path / "config.yaml"
    config.write_text(f"egress: {{allow: ['127.0.0.1:{files}']}}\n")
    documents = _documents(files)
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(documents))
    wrong = json.loads(json.dumps(documents[2]))
    wrong["metadata"]["name"] = "wrong"
    wrong["spec"]["subscriptions"][0]["bucket"]["config"]["bukcet"] = "x"
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    with towpath_process.up(tmp_path, config=config, PYTHONPATH=str(installed)) as server:
        token = (tmp_path / "data" / "admin-token").read_text().strip()

        def towpath(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*towpath_process.COMMAND, *words],
                env=towpath_process.environment(
                    tmp_path, TOWPATH_SERVER=server.address, TOWPATH_TOKEN=token
                ),
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )

        done = towpath("apply", "-f", str(tmp_path / "all.yaml"))
        assert done.returncode == 0, done.stderr
        refused = towpath("apply", "-f", str(tmp_path / "wrong.yaml"))
        assert refused.returncode == 1
        assert "spec.subscriptions[0].bucket.config.bukcet" in refused.stdout + refused.stderr

        def ended() -> list[dict[str, Any]]:
            listed = json.loads(towpath("get", "promotions", "-p", "my-shop", "-o", "json").stdout)
            return [
                each
                for each in listed.get("items", [listed])
                if (each.get("status") or {}).get("finishedAt")
            ]

        [promotion] = waiting.until(
            ended,
            lambda: towpath("get", "warehouse", "releases", "-p", "my-shop", "-o", "yaml").stdout,
        )
    assert promotion["status"]["phase"] == "Succeeded", promotion["status"]
    assert promotion["status"]["state"]["read"] == {"packages": "1.10.0", "manuals": "1.4.0"}
    assert promotion["status"]["freight"]["artifacts"][0] == {
        "artifactType": "bucket",
        "subscriptionName": "packages",
        "version": "1.10.0",
        "metadata": {"key": "web/app-1.10.0.tgz", "etag": "", "lastModified": "", "size": 7},
    }
