"""What an operator configures: mirrors of registries, where Git URLs lead, allowed addresses, how often to poll."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from towpath.app import access, commands, git_author, jobs, listening, quantities, step_settings
from towpath.app.access import (
    AdminAccountSettings,
    OidcSettings,
    PersonalTokenSettings,
    ServerSettings,
    SessionSettings,
)
from towpath.app.argocd import ArgoCDSettings
from towpath.app.commands import CommandSettings
from towpath.app.git_author import GitAuthorSettings
from towpath.app.jobs import JobSettings
from towpath.app.rendering import RenderingSettings
from towpath.app.step_settings import OneStepSettings
from towpath.clients.git import pool
from towpath.clients.git.extent import CheckoutBounds
from towpath.clients.git.integration import Policy
from towpath.clients.git.upkeep import MirrorLimits
from towpath.clients.http import trust, urls
from towpath.clients.http.limits import PER_SECOND
from towpath.clients.oci.kept_contents import KeptLimits
from towpath.controllers.stage.health_looks import DEBOUNCE_SECONDS
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.promotion import disk_room
from towpath.resources import durations
from towpath.resources.manifests import yaml_documents
from towpath.resources.manifests.bounds import ManifestBudget
from towpath.resources.manifests.decoding import decoded
from towpath.server.base_path import BasePath
from towpath.server.open_watches import StreamLimits
from towpath.store.contract import LogRetention, WatchLimits

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST: Final = 1 << 20
_BOUNDS: Final = CheckoutBounds()
_LIMITS: Final = MirrorLimits()
_STREAMS: Final = StreamLimits()
_LEAST_STREAMS: Final = 1 << 20
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class RegistrySettings(msgspec.Struct, forbid_unknown_fields=True):
    """How one registry host is reached."""

    mirrors: list[str] = []
    """Base URLs that are tried in this order, then the host itself."""


_KEPT: Final = KeptLimits()


class RegistryCacheSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How much is kept on disk of what registries sent; see `clients.oci.kept_contents.KeptLimits`."""

    bytes: int | str = _KEPT.bytes
    age: str = ""
    """Such as `720h`; empty: the usual age."""

    @property
    def limits(self) -> KeptLimits:
        """The same in bytes and seconds."""
        age = durations.span(self.age)
        seconds = age.total_seconds() if age is not None else _KEPT.seconds
        return KeptLimits(quantities.read(self.bytes), seconds)


class CheckoutSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What one checkout may write; see `clients.git.extent.CheckoutBounds`."""

    files: int = _BOUNDS.files
    bytes: int | str = _BOUNDS.bytes


class GitPoolSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How many work trees are kept for the next promotions, and how much disk they take."""

    trees: int = pool.MAX_TREES
    bytes: int | str = pool.MAX_BYTES


class GitMirrorSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How much of mirrors is kept that nobody uses; see `clients.git.upkeep.MirrorLimits`."""

    bytes: int | str = _LIMITS.bytes
    age: str = ""
    """Such as `720h`; empty: the usual age."""


class GitSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How Git servers are reached, and what of them is kept."""

    instead_of: dict[str, list[str]] = msgspec.field(default_factory=dict, name="insteadOf")
    """New bases of URLs, and the old ones each stands for."""
    author: GitAuthorSettings = msgspec.field(default_factory=GitAuthorSettings)
    trailers: bool = False
    """Whether commits tell who asked for them, and by which Promotion."""
    checkout: CheckoutSettings = msgspec.field(default_factory=CheckoutSettings)
    pool: GitPoolSettings = msgspec.field(default_factory=GitPoolSettings)
    mirrors: GitMirrorSettings = msgspec.field(default_factory=GitMirrorSettings)
    push_policy: Policy = msgspec.field(default=Policy.ALWAYS_REBASE, name="pushPolicy")
    """How commits that are pushed and those of others are brought together."""

    @property
    def bounds(self) -> CheckoutBounds:
        """What one checkout may write."""
        return CheckoutBounds(self.checkout.files, quantities.read(self.checkout.bytes))

    @property
    def limits(self) -> MirrorLimits:
        """How long and how much of unused mirrors is kept."""
        age = durations.span(self.mirrors.age)
        return MirrorLimits(
            bytes=quantities.read(self.mirrors.bytes),
            seconds=age.total_seconds() if age is not None else _LIMITS.seconds,
        )


class EgressSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Which addresses may be reached besides public and private ones."""

    allow: list[str] = []
    """`HOST:PORT` of loopback addresses that manifests may name."""
    requests_per_second: float = msgspec.field(default=PER_SECOND, name="requestsPerSecond")
    """To one host in the name of one account."""
    burst: float | None = None
    """Requests that may be sent at once after a rest; None: as many as in a second."""
    ca_bundle: str = msgspec.field(default="", name="caBundle")
    """A file of certificates, in PEM, of authorities that are trusted besides those of the machine."""

    @property
    def bundle(self) -> Path | None:
        """The file, None if there is none."""
        return Path(self.ca_bundle) if self.ca_bundle else None


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


_USUAL: Final = LogRetention()


class ChangeLogSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How far back watches can resume and lists can be continued: an entry goes once it exceeds any limit."""

    entries: int = _USUAL.entries
    minimum_entries: int = msgspec.field(default=_USUAL.minimum_entries, name="minimumEntries")
    """As many are kept whatever the other limits say."""
    age: str = ""
    """Such as `6h`; empty: the usual age."""


class StreamSettings(msgspec.Struct, forbid_unknown_fields=True):
    """What watches may cost."""

    per_caller: int = msgspec.field(default=_STREAMS.per_caller, name="perCaller")
    """That one caller may have open."""
    bytes: int | str = 2 * _STREAMS.bytes
    """That may wait for readers, of all streams together: half of it in the store, half in connections."""


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
    def watch_limits(self) -> WatchLimits:
        """What may wait in the store for the readers of watches."""
        return WatchLimits(bytes=quantities.read(self.streams.bytes) // 2)

    @property
    def stream_limits(self) -> StreamLimits:
        """How many watches a caller may have, and what may wait in connections."""
        return StreamLimits(
            per_caller=self.streams.per_caller, bytes=quantities.read(self.streams.bytes) // 2
        )

    @property
    def retention(self) -> LogRetention:
        """How much of the change log is kept."""
        log = self.change_log
        age = durations.span(log.age)
        seconds = age.total_seconds() if age is not None else _USUAL.seconds
        return LogRetention(
            entries=log.entries, minimum_entries=log.minimum_entries, seconds=seconds
        )

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
        """Addresses (`HOST:PORT`) that the operator allows: those of `egress`, mirrors and new bases."""
        urls = [url for registry in self.registries.values() for url in registry.mirrors]
        urls += list(self.git.instead_of)
        urls += [self.oidc.issuer_url] if self.oidc else []
        found = [*self.egress.allow, *(_address(url) for url in urls)]
        return list(dict.fromkeys(address for address in found if address))


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
            "git.pool, git.mirrors, git.pushPolicy, git.trailers, egress.allow, egress.requestsPerSecond, egress.burst, egress.caBundle, credentials.allowHTTP, credentials.ambient, polling.minimum, stages.healthDebounce, promotions, changeLog, streams, "
            "rendering, commands, jobs, steps, argocd, server, adminAccount, sessions, personalTokens, webhooks and oidc"
        ) from error
    _check(settings, path)
    return settings


def _check(settings: OperatorSettings, path: Path) -> None:
    def wrong(key: str, why: str) -> BadRequest:
        return BadRequest(f"--config {path}: {key}: {why}")

    try:
        BasePath.parse(settings.base_path)
    except BadRequest as error:
        raise wrong("basePath", error.message) from error
    if settings.metrics.listen:
        try:
            listening.parse_address(settings.metrics.listen, "it")
        except BadRequest as error:
            raise wrong("metrics.listen", error.message) from error
    if settings.webhooks.listen:
        try:
            listening.parse_address(settings.webhooks.listen, "it")
        except BadRequest as error:
            raise wrong("webhooks.listen", error.message) from error
    if settings.webhooks.url:
        for key, why in access.wrong_url("webhooks.url", settings.webhooks.url):
            raise wrong(key, why)
    for host, registry in settings.registries.items():
        if not _HOST.fullmatch(host):
            raise wrong(
                f"registries.{host}", "the key must be the host of a registry, as images name it"
            )
        for number, url in enumerate(registry.mirrors):
            if not _address(url):
                raise wrong(
                    f"registries.{host}.mirrors[{number}]",
                    f"{url!r} is not http(s)://HOST[:PORT][/PATH]",
                )
    for new, olds in settings.git.instead_of.items():
        if "://" not in new and ":" not in new:
            raise wrong(
                f"git.insteadOf.{new}", "the key must be the base of URLs, such as https://HOST/"
            )
        if not olds or not all(olds):
            raise wrong(f"git.insteadOf.{new}", "name at least one base that it stands for")
    for number, address in enumerate(settings.egress.allow):
        try:
            place = urls.split(f"http://{address}/")
        except urls.Unacceptable as error:
            raise wrong(
                f"egress.allow[{number}]", f"{address!r} is not HOST:PORT: {error}"
            ) from error
        if place.port is None or place.has_user or place.path != "/":
            raise wrong(f"egress.allow[{number}]", f"{address!r} is not HOST:PORT")
    _check_rate(settings.egress, wrong)
    _check_size("registryCache.bytes", settings.registry_cache.bytes, wrong)
    _check_duration("registryCache.age", settings.registry_cache.age, wrong)
    try:
        trust.context(settings.egress.bundle)
    except BadRequest as error:
        raise wrong("egress.caBundle", error.message) from error
    _check_log(settings.change_log, wrong)
    _check_duration("polling.minimum", settings.polling.minimum, wrong)
    _check_duration("stages.healthDebounce", settings.stages.health_debounce, wrong)
    _check_git(settings.git, wrong)
    _check_size("promotions.disk", settings.promotions.disk, wrong)
    _check_streams(settings.streams, wrong)
    for key, why in settings.rendering.problems():
        raise wrong(f"rendering.{key}", why)
    for key, why in (
        *commands.problems(settings.commands),
        *step_settings.problems(settings.steps),
    ):
        raise wrong(key, why)
    for key, why in jobs.problems(settings.jobs):
        raise wrong(f"jobs.{key}", why)
    for key, why in access.problems(
        settings.server,
        settings.admin_account,
        settings.sessions,
        settings.personal_tokens,
        settings.oidc,
    ):
        raise wrong(key, why)
    for key, why in settings.argocd.problems():
        raise wrong(f"argocd.{key}", why)


def _check_rate(egress: EgressSettings, wrong: Callable[[str, str], BadRequest]) -> None:
    if not 0 < egress.requests_per_second < float("inf"):
        raise wrong(
            "egress.requestsPerSecond", f"{egress.requests_per_second:g} is no number above 0"
        )
    if egress.burst is not None and not 1 <= egress.burst < float("inf"):
        raise wrong("egress.burst", f"{egress.burst:g} is not a number from 1 on")


def _check_log(log: ChangeLogSettings, wrong: Callable[[str, str], BadRequest]) -> None:
    _check_duration("changeLog.age", log.age, wrong)
    for key, value in (("entries", log.entries), ("minimumEntries", log.minimum_entries)):
        if value < 1:
            raise wrong(f"changeLog.{key}", f"{value} is not a number from 1 on")


def _check_streams(streams: StreamSettings, wrong: Callable[[str, str], BadRequest]) -> None:
    if streams.per_caller < 1:
        raise wrong("streams.perCaller", f"{streams.per_caller} is not a number from 1 on")
    try:
        size = quantities.read(streams.bytes)
    except ValueError as error:
        raise wrong("streams.bytes", str(error)) from error
    if size < _LEAST_STREAMS:
        raise wrong("streams.bytes", f"{size} is less than 1 MiB")


def _check_duration(key: str, text: str, wrong: Callable[[str, str], BadRequest]) -> None:
    try:
        is_right = not text or durations.parse(text) >= 0
    except ValueError as error:
        raise wrong(key, f"{error}; write {durations.RIGHT_FORM}") from None
    if not is_right:
        raise wrong(key, f"{text!r} is less than no time; write {durations.RIGHT_FORM}")


def _check_git(git: GitSettings, wrong: Callable[[str, str], BadRequest]) -> None:
    for key, number in (("checkout.files", git.checkout.files), ("pool.trees", git.pool.trees)):
        if number < 1:
            raise wrong(f"git.{key}", f"{number} is not a number from 1 on")
    for key, size in (
        ("checkout.bytes", git.checkout.bytes),
        ("pool.bytes", git.pool.bytes),
        ("mirrors.bytes", git.mirrors.bytes),
    ):
        _check_size(f"git.{key}", size, wrong)
    _check_duration("git.mirrors.age", git.mirrors.age, wrong)
    for key, why in git_author.problems(git.author):
        raise wrong(f"git.author.{key}", why)


def _check_size(key: str, size: int | str, wrong: Callable[[str, str], BadRequest]) -> None:
    try:
        quantities.read(size)
    except ValueError as error:
        raise wrong(key, str(error)) from error


def _address(url: str) -> str:
    """Return `HOST:PORT` of an http(s) URL, empty for any other text."""
    try:
        place = urls.split(url)
    except urls.Unacceptable:
        return ""
    if place.scheme not in ("http", "https"):
        return ""
    host, port = place.where
    return f"{urls.bracketed(host)}:{port}"
