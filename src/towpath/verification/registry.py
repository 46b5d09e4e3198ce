"""The metric providers there are: ours and those of other packages, by entry points of the group `towpath.metric_providers`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from towpath import messages
from towpath.errors import BadRequest
from towpath.resources.analysis_template import MetricProvider
from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown
from towpath.verification.provider import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.resources.fields import Struct
    from towpath.verification.provider import Provider

PLUGIN: Final = "plugin"
NATIVE: Final = frozenset(schema_of(MetricProvider).properties) - {PLUGIN}
"""The keys below `provider` that stand for providers of Argo Rollouts."""
_TOLD: Final = 10
"""Of what is wrong with a configuration."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The provider of a metric, and its configuration."""

    provider: Provider[Any]
    config: Struct


class ProviderRegistry:
    """Providers by name."""

    def __init__(self, providers: Iterable[Provider[Any]]) -> None:
        """Raises ValueError for two of one name."""
        self._providers: dict[str, Provider[Any]] = {}
        for provider in providers:
            if provider.name in self._providers:
                raise ValueError(f"two metric providers are named {provider.name}")
            self._providers[provider.name] = provider

    @classmethod
    def installed(cls, made: Iterable[Provider[Any]] = ()) -> ProviderRegistry:
        """Return every provider that is installed, ours and others'.

        `made`: those that need more than a class can be made with; each takes the place of the installed one of its name.
        """
        ready = {provider.name: provider for provider in made}
        found = [entry.load() for entry in sorted(entry_points(group=GROUP), key=str)]
        others = [class_() for class_ in found if class_.name not in ready]
        return cls([*ready.values(), *others])

    @property
    def names(self) -> frozenset[str]:
        """The names of those that can be chosen."""
        return frozenset(self._providers)

    def __iter__(self) -> Iterator[Provider[Any]]:
        return iter(self._providers.values())

    def find(self, name: str) -> Provider[Any] | None:
        """Return a provider by name."""
        return self._providers.get(name)

    def choose(self, provider: Mapping[str, Any]) -> Chosen:
        """Return the provider that a metric's `provider` names, arguments put in, with its configuration.

        Raises BadRequest, in words for who wrote the template.
        """
        where, name, given = _named(provider)
        found = self._providers.get(name)
        if found is None:
            there = sorted(each for each in self._providers if each not in NATIVE)
            if name in NATIVE:
                there = sorted(NATIVE & self._providers.keys())
            raise BadRequest(
                f"{where}: this server has no metric provider {messages.cut(name, 200)!r}: "
                f"{messages.instead(name, there)}; others come with packages that declare an entry point {GROUP}"
            )
        return Chosen(found, _read(found.config, given, where))


def provider_name(provider: Mapping[str, Any]) -> str:
    """Return the name of the provider that a metric's `provider` names; empty where it names none, or several."""
    try:
        return _named(provider)[1]
    except BadRequest:
        return ""


def _named(provider: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return where a provider stands, its name and its configuration. Raises BadRequest unless there is exactly one."""
    found = [
        (f"provider.{key}", key, provider[key]) for key in NATIVE if provider.get(key) is not None
    ]
    plugins = provider.get(PLUGIN)
    if isinstance(plugins, dict):
        found += [
            (f"provider.{PLUGIN}.{messages.cut(name, 200)}", name, config)
            for name, config in plugins.items()
        ]
    if len(found) != 1:
        said = messages.first(sorted(name for _, name, _ in found), _TOLD) or "none"
        raise BadRequest(f"provider: it must name exactly one provider, and names {said}")
    return found[0]


def _read(type_: type[Struct], given: Any, where: str) -> Struct:
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise BadRequest(f"{where}: it must be an object")
    schema = schema_of(type_)
    _, unknown = without_unknown(schema, given)
    whole = with_defaults(schema, given)
    wrong = [f"{each.path}: there is no such field{each.meant}" for each in unknown[:_TOLD]]
    wrong += [str(each) for each in errors_of(schema, whole, "", ABSENT)]
    if wrong:
        raise BadRequest(f"{where}: {messages.statements(wrong, _TOLD)}")
    return view(type_, whole)
