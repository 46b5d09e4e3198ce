"""From the URL of an image repository to the host that serves it and the name it has there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from towpath import errors, patterns

DOCKER_HUB: Final = "docker.io"
_HUB_HOSTS: Final = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_HUB_ENDPOINT: Final = "https://registry-1.docker.io"
_NAME: Final = patterns.compile(
    r"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$"
)


@dataclass(frozen=True, slots=True)
class ImageAddress:
    """Where an image repository is."""

    text: str
    """As the manifest writes it."""
    host: str
    """Host and port, as images name it; `docker.io` for Docker Hub."""
    name: str
    """The repository's name at the registry."""

    @property
    def endpoint(self) -> str:
        """The registry's own base URL."""
        return _HUB_ENDPOINT if self.host == DOCKER_HUB else f"https://{self.host}"


def parse(url: str) -> ImageAddress:
    """Read the URL of an image repository: `[HOST[:PORT]/]NAME`, without tag. Raises BadRequest."""
    text = url.strip().removeprefix("oci://")
    first, slash, rest = text.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, name = (first, rest) if is_host else (DOCKER_HUB, text)
    if host in _HUB_HOSTS:
        host = DOCKER_HUB
        name = name if "/" in name else f"library/{name}"
    if not _NAME.search(name):
        raise errors.BadRequest(
            f"{url!r} is not an image repository: it must read [HOST[:PORT]/]NAME, in lower case"
        )
    return ImageAddress(url, host, name)
