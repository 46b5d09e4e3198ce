"""What an operator configures: mirrors of registries, where Git URLs lead, allowed addresses, how often to poll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from towpath.app.settings import (
    addresses,
    commands,
    forges,
    jobs,
    registries,
    signing_in,
    steps,
    wrong,
)
from towpath.app.settings.argocd import ArgoCDSettings
from towpath.app.settings.commands import CommandSettings
from towpath.app.settings.egress import EgressSettings
from towpath.app.settings.forges import ForgeSettings
from towpath.app.settings.git import GitSettings
from towpath.app.settings.jobs import JobSettings
from towpath.app.settings.registries import RegistryCacheSettings, RegistrySettings
from towpath.app.settings.rendering import RenderingSettings
from towpath.app.settings.signing_in import (
    AdminAccountSettings,
    OidcSettings,
    PersonalTokenSettings,
    ServerSettings,
    SessionSettings,
)
from towpath.app.settings.steps import OneStepSettings
from towpath.app.settings.watching import ChangeLogSettings, StreamSettings
from towpath.controllers.stage.health_looks import DEBOUNCE_SECONDS
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.promotion import disk_room
from towpath.resources import durations
from towpath.resources.manifests import yaml_documents
from towpath.resources.manifests.bounds import ManifestBudget
from towpath.resources.manifests.decoding import decoded
from towpath.server.base_path import BasePath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST: Final = 1 << 20


class CredentialSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where credentials go."""

    allow_http: bool = msgspec.field(default=False, name="allowHTTP")
    """Whether they are sent over plain HTTP."""
    ambient: list[Literal["aws", "azure", "gcp"]] | None = None
    """At which clouds the server's own identity is used where no Secret matches; None: those that gave it one."""


class PollingSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How often artifacts are looked for."""

    minimum: str = ""
    """The shortest interval a Warehouse gets, such as `5m`; empty: as its manifest says."""


class StageSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How Stages are looked at."""

    health_debounce: str = msgspec.field(default="", name="healthDebounce")
    """That a change of a Stage's health lasts before it is recorded, such as `5s`; empty: the usual time."""

    @property
    def debounce_seconds(self) -> float:
        """The same in seconds."""
        span = durations.span(self.health_debounce)
        return span.total_seconds() if span is not None else DEBOUNCE_SECONDS


class PromotionSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What Promotions may take."""

    disk: int | str = disk_room.BYTES
    """That the files of one Promotion may come to."""
    confinement: Literal["Required", "IfPossible"] = "Required"
    """Whether programs that steps of other packages run are not run where the kernel cannot confine them."""


class LogSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least serious lines there are; those of requests are mostly `debug`."""


class MetricsSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where metrics are served besides."""

    listen: str = ""
    """`HOST:PORT` that answers with them to whoever asks; empty: nowhere."""


class WebhookSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How senders of webhooks come here."""

    url: str = ""
    """Where they reach this server, such as `https://hooks.example.com`; empty: at `server.url`."""
    listen: str = ""
    """`HOST:PORT` that takes webhooks and nothing else; empty: the listener of everything else takes them."""


class OperatorSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The file that `--config` names."""

    base_path: str = msgspec.field(default="", name="basePath")
    """Below which path everything is served, such as `/towpath`; empty: at the root."""
    log: LogSettings = msgspec.field(default_factory=LogSettings)
    metrics: MetricsSettings = msgspec.field(default_factory=MetricsSettings)
    registries: dict[str, RegistrySettings] = {}
    registry_cache: RegistryCacheSettings = msgspec.field(
        default_factory=RegistryCacheSettings, name="registryCache"
    )
    git: GitSettings = msgspec.field(default_factory=GitSettings)
    forges: dict[str, ForgeSettings] = {}
    """By host."""
    egress: EgressSettings = msgspec.field(default_factory=EgressSettings)
    credentials: CredentialSettings = msgspec.field(default_factory=CredentialSettings)
    polling: PollingSettings = msgspec.field(default_factory=PollingSettings)
    stages: StageSettings = msgspec.field(default_factory=StageSettings)
    promotions: PromotionSettings = msgspec.field(default_factory=PromotionSettings)
    change_log: ChangeLogSettings = msgspec.field(
        default_factory=ChangeLogSettings, name="changeLog"
    )
    streams: StreamSettings = msgspec.field(default_factory=StreamSettings)
    rendering: RenderingSettings = msgspec.field(default_factory=RenderingSettings)
    commands: dict[str, CommandSettings] = {}
    """Programs that the step `command` may run, by the names that manifests use."""
    jobs: JobSettings = msgspec.field(default_factory=JobSettings)
    """What runs the Jobs of AnalysisRuns."""
    steps: dict[str, OneStepSettings] = {}
    """What holds for steps, by their names."""
    argocd: ArgoCDSettings = msgspec.field(default_factory=ArgoCDSettings)
    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    admin_account: AdminAccountSettings = msgspec.field(
        default_factory=AdminAccountSettings, name="adminAccount"
    )
    sessions: SessionSettings = msgspec.field(default_factory=SessionSettings)
    personal_tokens: PersonalTokenSettings = msgspec.field(
        default_factory=PersonalTokenSettings, name="personalTokens"
    )
    webhooks: WebhookSettings = msgspec.field(default_factory=WebhookSettings)
    oidc: OidcSettings | None = None
    """Who vouches for people; nobody, unless it is said."""

    @property
    def base(self) -> BasePath:
        """The base path."""
        return BasePath.parse(self.base_path)

    @property
    def mirrors(self) -> dict[str, list[str]]:
        """Mirrors by registry host."""
        return {host: registry.mirrors for host, registry in self.registries.items()}

    @property
    def minimum_seconds(self) -> float:
        """The shortest interval of a Warehouse, in seconds."""
        minimum = durations.span(self.polling.minimum)
        return minimum.total_seconds() if minimum is not None else 0.0

    @property
    def allowed(self) -> list[str]:
        """Addresses (`HOST:PORT`) that the operator allows: those of `egress`, mirrors, new bases and forges."""
        urls = [url for registry in self.registries.values() for url in registry.mirrors]
        urls += list(self.git.instead_of)
        urls += [each.api for each in self.forges.values() if each.api]
        urls += [self.oidc.issuer_url] if self.oidc else []
        found = [*self.egress.allow, *map(addresses.of, urls)]
        return list(dict.fromkeys(address for address in found if address))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each key that is wrong, and why. Blocks: it reads the files that are named."""
        try:
            BasePath.parse(self.base_path)
        except BadRequest as error:
            yield "basePath", error.message
        yield from wrong.listen("metrics.listen", self.metrics.listen)
        yield from wrong.listen("webhooks.listen", self.webhooks.listen)
        if self.webhooks.url:
            yield from wrong.url("webhooks.url", self.webhooks.url)
        yield from wrong.span("polling.minimum", self.polling.minimum)
        yield from wrong.span("stages.healthDebounce", self.stages.health_debounce)
        yield from wrong.size("promotions.disk", self.promotions.disk)
        for part, found in (
            ("registries", registries.problems(self.registries)),
            ("registryCache", self.registry_cache.problems()),
            ("git", self.git.problems()),
            ("forges", forges.problems(self.forges)),
            ("egress", self.egress.problems()),
            ("changeLog", self.change_log.problems()),
            ("streams", self.streams.problems()),
            ("rendering", self.rendering.problems()),
            ("commands", commands.problems(self.commands)),
            ("steps", steps.problems(self.steps)),
            ("jobs", jobs.problems(self.jobs)),
            ("argocd", self.argocd.problems()),
        ):
            for key, why in found:
                yield f"{part}.{key}", why
        yield from signing_in.problems(
            self.server, self.admin_account, self.sessions, self.personal_tokens, self.oidc
        )


def read(path: Path) -> OperatorSettings:
    """Return what a file says. Raises BadRequest naming the file, the key and what it should be."""
    try:
        text = decoded(reading.read(path, _LARGEST), str(path), _LARGEST)
    except OSError as error:
        raise BadRequest(
            f"--config {path}: the file cannot be read: {error.strerror or error}"
        ) from error
    documents = [value for value, _ in yaml_documents.documents(text, str(path), ManifestBudget())]
    given = [value for value in documents if value is not None]
    if len(given) > 1:
        raise BadRequest(f"--config {path}: it holds {len(given)} documents; one is wanted")
    try:
        settings = msgspec.convert(given[0] if given else {}, OperatorSettings)
    except msgspec.ValidationError as error:
        said = (
            str(error).replace(" - at `$.", " at `").replace("Object contains unknown", "unknown")
        )
        raise BadRequest(
            f"--config {path}: {said}; it may hold basePath, log.level, metrics.listen, registries.HOST.mirrors, registryCache, git.insteadOf, git.author, git.checkout, "
            "git.pool, git.mirrors, git.pushPolicy, git.ssh, git.trailers, forges, egress.allow, egress.requestsPerSecond, egress.burst, egress.caBundle, credentials.allowHTTP, credentials.ambient, polling.minimum, stages.healthDebounce, promotions, changeLog, streams, "
            "rendering, commands, jobs, steps, argocd, server, adminAccount, sessions, personalTokens, webhooks and oidc"
        ) from error
    for key, why in settings.problems():
        raise BadRequest(f"--config {path}: {key}: {why}")
    return settings
