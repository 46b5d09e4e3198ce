"""Behind a real nginx that buffers, below a base path: streams go on at once, and every client works."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support import nginx
from tests.support.kubectl import Kubectl
from tests.support.one_stage import PROJECT, OneStage
from tests.support.towpath_process import run, up
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.towpath_process import Running

BASE = "/towpath"


@dataclass(frozen=True)
class _Front:
    """A server and the proxy before it."""

    server: Running
    address: str
    folder: Path

    @property
    def authority(self) -> Path:
        """Who signed the proxy's certificate."""
        return self.folder / "data/tls/ca.crt"

    def client(self) -> httpx.Client:
        """Return a client of the proxy, with the administrator's token."""
        return httpx.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {self.server.token}"},
            verify=ssl.create_default_context(cafile=str(self.authority)),
            timeout=60,
        )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Front]:
    """A server with a base path, behind nginx."""
    folder = tmp_path_factory.mktemp("front")
    config = folder / "config.yaml"
    config.write_text(f"basePath: {BASE}\nlog: {{level: debug}}\n")
    with up(folder, "--log-format=json", config=config) as server:
        tls = folder / "data/tls"
        upstream = server.address.removeprefix("http://").removesuffix(BASE)
        with nginx.before(
            upstream, folder / "nginx", tls / "server.crt", tls / "server.key"
        ) as own:
            yield _Front(server, f"https://{own}{BASE}", folder)


def test_the_server_names_its_base_path(front: _Front) -> None:
    """In the line that it prints, and where it notes its address for kubeconfigs."""
    assert front.server.address.endswith(BASE)
    assert front.server.tls_address.endswith(BASE)
    noted = json.loads((front.folder / "data/tls/served.json").read_text())
    assert noted["server"] == front.server.tls_address
    root = front.server.address.removesuffix(BASE)
    assert httpx.get(f"{root}/healthz").text == "ok"
    assert httpx.get(f"{root}/readyz").status_code == 404


def test_events_come_while_the_stream_is_open(front: _Front) -> None:
    """Each is a few hundred bytes, nginx would hold eight thousand: it is told not to, by both APIs' watches."""
    with front.client() as client:
        made = client.post(
            "/v1beta1/resources",
            content=json.dumps(
                {
                    "apiVersion": "kargo.akuity.io/v1alpha1",
                    "kind": "Project",
                    "metadata": {"name": "watched"},
                }
            ),
        )
        assert made.status_code < 300, made.text
        paths = (
            "/v1beta1/projects/watched/warehouses?watch=true",
            "/apis/kargo.akuity.io/v1alpha1/namespaces/watched/warehouses?watch=true",
        )
        for number, path in enumerate(paths):
            with client.stream("GET", path) as stream:
                assert stream.status_code == 200
                seen = _lines(stream)
                for name in (f"first-{number}", f"second-{number}"):
                    _make_warehouse(client, name)
                    assert any(name in line for line in seen), name


def _lines(stream: httpx.Response) -> Iterator[str]:
    """Yield lines as they come; a stream that is held up raises after the client's time."""
    yield from stream.iter_lines()


def _make_warehouse(client: httpx.Client, name: str) -> None:
    answer = client.post(
        "/v1beta1/resources",
        content=json.dumps(
            {
                "apiVersion": "kargo.akuity.io/v1alpha1",
                "kind": "Warehouse",
                "metadata": {"name": name, "namespace": "watched"},
                "spec": {
                    "interval": "24h",
                    "freightCreationPolicy": "Manual",
                    "subscriptions": [{"image": {"repoURL": "registry.example.com/app"}}],
                },
            }
        ),
    )
    assert answer.status_code < 300, answer.text


def test_redirects_and_what_lies_beside_stay_with_the_host(front: _Front) -> None:
    """The bare path leads below itself; a fault keeps its id from the proxy to the log."""
    root = front.address.removesuffix(BASE)
    with front.client() as client:
        answer = client.get(f"{root}{BASE}")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"{front.address}/"
        assert client.get(f"{root}/v1beta1/projects").status_code in (403, 404)  # nginx's own
        answer = client.get("/v1beta1/nowhere")
        assert answer.json()["error"].startswith("there is no route /v1beta1/nowhere")
        given = answer.headers["x-request-id"]
    assert len(given) == 32  # nginx's own

    def logged() -> list[dict[str, object]]:
        lines = (front.folder / "log").read_text().splitlines()
        return [entry for entry in map(json.loads, lines) if entry.get("request") == given]

    [entry] = until(logged, (front.folder / "log").read_text)
    assert (entry["message"], entry["status"]) == ("request", 404)
    assert entry["path"] == f"{BASE}/v1beta1/nowhere"


def test_a_large_answer_and_a_large_body_pass(front: _Front) -> None:
    """Whole, and compared byte for byte with what the server says itself."""
    with front.client() as client:
        path = "/openapi/v3/apis/kargo.akuity.io/v1alpha1"
        through = client.get(path)
        straight = OneStage(front.server).request("GET", path)
        assert through.status_code == 200
        assert len(through.content) > 64 << 10
        assert through.content == straight.content
        too_large = client.post("/v1beta1/resources", content=b" " * (5 << 20))
        assert (too_large.status_code, list(too_large.json())) == (413, ["error"])


async def test_the_command_line_and_kubectl_work(front: _Front) -> None:
    """With the proxy's address, base path and all."""
    reach = {
        "TOWPATH_SERVER": front.address,
        "TOWPATH_TOKEN": front.server.token,
        "SSL_CERT_FILE": str(front.authority),
    }
    OneStage(front.server).make([{"uses": "compose-output", "config": {"a": "b"}}])
    done = run(front.folder, "get", "stages", f"--project={PROJECT}", **reach)
    assert done.returncode == 0, done.stderr
    assert "test" in done.stdout
    kubeconfig = front.folder / "kubeconfig"
    written = run(
        front.folder,
        "kubeconfig",
        f"--data={front.folder / 'data'}",
        f"--server={front.address}",
        f"--output={kubeconfig}",
    )
    assert written.returncode == 0, written.stderr
    kubectl = Kubectl(kubeconfig, front.folder)
    assert "test" in (await kubectl.run("get", "stages", f"--namespace={PROJECT}")).ok()
