"""A real nginx with the example configuration of `deploy/nginx`, and a certificate of a server's own authority."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy/nginx/towpath.conf"
_PLACES = (ROOT / ".tools/nginx/usr/sbin/nginx", Path("/usr/sbin/nginx"))
_MAIN = """
daemon off;
user {user};
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/towpath.conf;
}}
"""


def find() -> str:
    """Return the nginx to test with. Raises AssertionError naming the remedy."""
    found = shutil.which("nginx") or next((str(each) for each in _PLACES if each.exists()), None)
    assert found is not None, "nginx is neither on PATH nor in .tools: run `make setup`"
    return found


@contextmanager
def before(address: str, folder: Path, certificate: Path, key: Path) -> Iterator[str]:
    """Run nginx before the server at `HOST:PORT`; yield its own `HOST:PORT`."""
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        own = f"127.0.0.1:{free.getsockname()[1]}"
    example = EXAMPLE.read_text()
    for written, meant in (
        ("server 127.0.0.1:8080;", f"server {address};"),
        ("listen 443 ssl", f"listen {own} ssl"),
        ("/etc/ssl/towpath/fullchain.pem", str(certificate)),
        ("/etc/ssl/towpath/privkey.pem", str(key)),
    ):
        assert written in example
        example = example.replace(written, meant)
    (folder / "towpath.conf").write_text(example)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=getpass.getuser()))
    command = [find(), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    command += ["-e", str(folder / "early.log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: process.poll() is not None or _answers(own), lambda: "nginx does not listen")
        assert process.poll() is None, (folder / "early.log").read_text()
        yield own
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True
