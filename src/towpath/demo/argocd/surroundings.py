"""What the parts of an installation share: time, settings, faults, objects, accounts, and who looks on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.demo.argocd.accounts import Accounts
from towpath.demo.argocd.faults import Faults
from towpath.demo.argocd.keys import Document, Key
from towpath.demo.argocd.objects import Objects
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from towpath.clock import Clock
    from towpath.demo.argocd.front import Exchange
    from towpath.demo.argocd.installation_settings import InstallationSettings
    from towpath.demo.argocd.object_files import ObjectFiles

GROUP: Final = "argoproj.io"
API_VERSION: Final = f"{GROUP}/v1alpha1"
APPLICATIONS: Final = f"applications.{GROUP}"
PROJECTS: Final = f"appprojects.{GROUP}"
EVENTS: Final = "events"
REFRESH: Final = "argocd.argoproj.io/refresh"
"""The annotation that asks for a comparison."""


@dataclass
class InstallationParts:
    """One installation's."""

    settings: InstallationSettings
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    files: ObjectFiles | None = None
    objects: Objects = field(init=False)
    accounts: Accounts = field(init=False)
    observers: list[Callable[[Exchange], None]] = field(default_factory=list)
    """Told of every request and its answer."""

    def __post_init__(self) -> None:
        self.objects = Objects(self.now, files=self.files, kept_changes=self.settings.kept_changes)
        self.accounts = Accounts(self.now)

    def now(self) -> datetime:
        """What the installation takes the time to be."""
        return self.clock.now() + self.faults.clock_offset

    def stamp(self) -> str:
        """The same, as it is written."""
        return moments.whole_seconds(self.now())

    def observe(self, exchange: Exchange) -> None:
        """Tell whoever looks on."""
        for each in self.observers:
            each(exchange)


def application_key(namespace: str, name: str) -> Key:
    """Return the key of an Application."""
    return Key(APPLICATIONS, namespace, name)


def project_of(around: InstallationParts, application: Document) -> Document | None:
    """Return the AppProject of an Application, None if it is not there."""
    spec = application.get("spec") or {}
    key = Key(PROJECTS, around.settings.namespace, str(spec.get("project") or "default"))
    return around.objects.get(key)
