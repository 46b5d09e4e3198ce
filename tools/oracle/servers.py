"""The two servers that are compared: a real API server over etcd, and `towpath up`. Both on loopback, for one run."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import httpx
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tools.oracle import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

READY_SECONDS = 60
TOKEN = "oracle-administrator"
_SHORT_MEMORY = "changeLog: {entries: 200, minimumEntries: 200}\n"
"""More changes than the steps of a transcript make, fewer than `runner.FORGOTTEN_AFTER`."""
_LEFT_OUT = (
    "ServiceAccount",
    "TaintNodesByCondition",
    "Priority",
    "DefaultTolerationSeconds",
    "DefaultStorageClass",
    "StorageObjectInUseProtection",
    "RuntimeClass",
    "LimitRanger",
    "ResourceQuota",
)
"""Admission that needs controllers or is about Pods."""


class NotReadyError(RuntimeError):
    """A server that did not come up; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready."""

    name: str
    url: str
    certificate: Path
    """PEM of who signed the server's certificate."""
    token: str
    database: str = ""
    """Of a real API server: the address of its etcd."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Why the server does not take one of our CustomResourceDefinitions as it is, by its name."""

    def client(self) -> httpx.AsyncClient:
        """Return a client that is the administrator."""
        return httpx.AsyncClient(
            base_url=self.url,
            verify=ssl.create_default_context(cafile=str(self.certificate)),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
            trust_env=False,
        )


def cache() -> Path:
    """Return where tools/oracle/build.sh puts what it builds."""
    given = os.environ.get("TOWPATH_ORACLE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "towpath-oracle"


@contextmanager
def api_server() -> Iterator[Server]:
    """Run etcd and kube-apiserver with our custom kinds installed. Raises NotReadyError."""
    built = cache()
    with TemporaryDirectory(prefix="towpath-oracle-") as name, ExitStack() as running:
        folder = Path(name)
        etcd, peers, port = _free_ports(3)
        running.enter_context(
            _process(
                [
                    str(built / "unpacked/usr/bin/etcd"),
                    f"--data-dir={folder / 'etcd'}",
                    f"--listen-client-urls=http://127.0.0.1:{etcd}",
                    f"--advertise-client-urls=http://127.0.0.1:{etcd}",
                    f"--listen-peer-urls=http://127.0.0.1:{peers}",
                    f"--initial-advertise-peer-urls=http://127.0.0.1:{peers}",
                    f"--initial-cluster=default=http://127.0.0.1:{peers}",
                    "--unsafe-no-fsync",
                ],
                folder / "etcd.log",
            )
        )
        (folder / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
        (folder / "accounts.key").write_bytes(_private_key())
        server = running.enter_context(
            _process(
                [
                    str(built / "kube-apiserver"),
                    f"--etcd-servers=http://127.0.0.1:{etcd}",
                    "--bind-address=127.0.0.1",
                    "--advertise-address=127.0.0.1",
                    f"--secure-port={port}",
                    f"--cert-dir={folder / 'certificates'}",
                    f"--token-auth-file={folder / 'tokens.csv'}",
                    f"--service-account-key-file={folder / 'accounts.key'}",
                    f"--service-account-signing-key-file={folder / 'accounts.key'}",
                    "--service-account-issuer=https://oracle.invalid",
                    "--authorization-mode=RBAC",
                    "--service-cluster-ip-range=10.0.0.0/24",
                    f"--disable-admission-plugins={','.join(_LEFT_OUT)}",
                ],
                folder / "server.log",
            )
        )
        found = Server(
            "kube-apiserver",
            f"https://127.0.0.1:{port}",
            folder / "certificates/apiserver.crt",
            TOKEN,
            database=f"http://127.0.0.1:{etcd}",
        )
        _wait_until(lambda: _answers(found, "/readyz"), server, folder / "server.log")
        with _plain_client(found) as client:
            refused = kinds.install(client)
            _wait_until(lambda: kinds.are_served(client))
        yield replace(found, refused=refused)


@contextmanager
def towpath() -> Iterator[Server]:
    """Run `towpath up` with a data directory of its own. Raises NotReadyError."""
    with TemporaryDirectory(prefix="towpath-oracle-") as name, ExitStack() as running:
        folder = Path(name)
        command = [sys.executable, "-c", "from towpath.cli.main import main; main()"]
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("TOWPATH_")
        } | {"TOWPATH_KEY_FILE": str(folder / "keys/key")}
        (folder / "config.yaml").write_text(_SHORT_MEMORY)
        server = running.enter_context(
            _process(
                [
                    *command,
                    "up",
                    f"--data={folder / 'data'}",
                    f"--config={folder / 'config.yaml'}",
                    "--listen=127.0.0.1:0",
                    "--listen-tls=127.0.0.1:0",
                ],
                folder / "server.log",
                environment,
            )
        )
        kubeconfig = folder / "kubeconfig"

        def is_told() -> bool:
            told = subprocess.run(
                [*command, "kubeconfig", f"--data={folder / 'data'}"],
                env=environment,
                capture_output=True,
                check=False,
                timeout=30,
            )
            kubeconfig.write_bytes(told.stdout)
            return told.returncode == 0

        _wait_until(is_told, server, folder / "server.log")
        found = from_kubeconfig(kubeconfig, folder / "ca.crt")
        _wait_until(lambda: _answers(found, "/version"), server, folder / "server.log")
        yield found


def from_kubeconfig(kubeconfig: Path, certificate: Path) -> Server:
    """Return the server a kubeconfig tells of; writes its authority's certificate to `certificate`."""
    told = yaml.safe_load(kubeconfig.read_text("utf-8"))
    cluster = told["clusters"][0]["cluster"]
    certificate.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    return Server("towpath", cluster["server"], certificate, told["users"][0]["user"]["token"])


def _plain_client(server: Server) -> httpx.Client:
    return httpx.Client(
        base_url=server.url,
        verify=ssl.create_default_context(cafile=str(server.certificate)),
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=10,
        trust_env=False,
    )


def _answers(server: Server, path: str) -> bool:
    try:
        with _plain_client(server) as client:
            return client.get(path).status_code == httpx.codes.OK
    except (httpx.HTTPError, OSError):
        return False


@contextmanager
def _process(
    argv: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server with its output in `log`, and stop it; it is killed when it takes more than 10 seconds."""
    if not Path(argv[0]).exists() and shutil.which(argv[0]) is None:
        raise NotReadyError(f"{argv[0]} is missing: run tools/oracle/build.sh")
    output: IO[bytes]
    with log.open("wb") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output, env=environment)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until(
    holds: Callable[[], bool],
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        has_ended = process is not None and process.poll() is not None
        if has_ended or time.monotonic() > deadline:
            said = log.read_text("utf-8", "replace")[-3000:] if log is not None else ""
            raise NotReadyError(f"not ready after {READY_SECONDS} s, or ended:\n{said}")
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _private_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
