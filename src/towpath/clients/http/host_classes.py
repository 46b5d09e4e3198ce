"""Which class of hosts one belongs to: what metrics are counted by, as hosts come from manifests and may be any number. Pure."""

from __future__ import annotations

from typing import Final

OTHERS: Final = "others"
_BY_DOMAIN: Final = {
    "docker.io": "docker-hub",
    "docker.com": "docker-hub",
    "ghcr.io": "github",
    "github.com": "github",
    "githubusercontent.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "dev.azure.com": "azure",
    "visualstudio.com": "azure",
    "azurecr.io": "azure",
    "mcr.microsoft.com": "azure",
    "amazonaws.com": "aws",
    "amazonaws.com.cn": "aws",
    "public.ecr.aws": "aws",
    "gcr.io": "google",
    "pkg.dev": "google",
    "quay.io": "quay",
    "registry.k8s.io": "kubernetes",
}
CLASSES: Final = (*dict.fromkeys(_BY_DOMAIN.values()), OTHERS)


def class_of(host: str) -> str:
    """Return the class of a host, without port: the provider whose domain it is below, `others` for one of nobody's."""
    parts = host.lower().rstrip(".").split(".")
    for begin in range(len(parts) - 1):
        found = _BY_DOMAIN.get(".".join(parts[begin:]))
        if found is not None:
            return found
    return OTHERS
