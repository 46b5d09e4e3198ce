"""Fields that the steps about Argo CD have in common: which Applications are meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from towpath import errors
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule
from towpath.resources.structs import to_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.rules.argocd.application import Application

MINUTES: Final = 5 * 60.0
"""How long a step about Argo CD goes on, where the manifest does not say."""
PASSING: Final = (
    errors.Unavailable,
    errors.Timeout,
    errors.TooManyRequests,
    errors.Unauthenticated,
)
"""What is wrong with a connection, and is waited for: it comes back, and a token is renewed."""
LOOK_SECONDS: Final = 30.0
"""After which it looks again, where nothing wakes it."""


class ArgoCDSelectorTerm(Struct, kw_only=True):
    """One term of a label selector."""

    key: Annotated[str, Field("The label.", min_length=1)]
    operator: Annotated[
        str,
        Field("How it is related to the values.", enum=("In", "NotIn", "Exists", "DoesNotExist")),
    ]
    values: Annotated[
        list[str] | None, Field("The values, for `In` and `NotIn`; for the others there is none.")
    ] = None


class ArgoCDSelector(Struct, kw_only=True):
    """Applications by their labels; all terms must hold."""

    RULES: ClassVar = (
        Rule(
            expression="(has(self.matchLabels) && self.matchLabels.size() > 0) || "
            "(has(self.matchExpressions) && self.matchExpressions.size() > 0)",
            message="a selector has at least one of matchLabels and matchExpressions",
            holds=lambda each, _: bool(each.get("matchLabels") or each.get("matchExpressions")),
        ),
    )

    match_labels: Annotated[
        dict[str, str] | None, Field("Labels and the values they must have.")
    ] = None
    match_expressions: Annotated[list[ArgoCDSelectorTerm] | None, Field("Further terms.")] = None


ONE_WAY: Final = (
    Rule(
        expression="has(self.name) != has(self.selector)",
        message="name Applications in exactly one way: by name or by selector",
        holds=lambda each, _: bool(each.get("name")) != (each.get("selector") is not None),
    ),
)
"""The rule of whatever names Applications."""

AppName = Annotated[
    str | None, Field("Name of the Application, where it is not selected.", min_length=1)
]
AppNamespace = Annotated[
    str | None,
    Field("Its namespace; that of the connection where it is not given.", min_length=1),
]
AppSelector = Annotated[
    ArgoCDSelector | None, Field("Labels of the Applications, where none is named.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which Applications are meant: one by its name, or those that a selector matches."""

    name: str = ""
    namespace: str = ""
    """Empty: that of the connection."""
    selector: Mapping[str, Any] = field(default_factory=dict)


def which(given: Any) -> Which:
    """Return which Applications an entry of `apps` means."""
    return Which(
        name=given.name or "",
        namespace=given.namespace or "",
        selector=to_document(given.selector) if given.selector is not None else {},
    )


class ArgoCDApp(Struct, kw_only=True):
    """An Application, in an output."""

    name: Annotated[str, Field("Its name.")] = ""
    namespace: Annotated[str, Field("Its namespace.")] = ""


class ArgoCDAppsOutput(Struct, kw_only=True):
    """What the step was about."""

    apps: Annotated[list[ArgoCDApp], Field("The Applications, in the order they were named.")] = []  # noqa: RUF012 - msgspec copies it


def apps_output(found: Sequence[Application]) -> list[dict[str, str]]:
    """Return Applications as outputs name them."""
    return [{"name": each.name, "namespace": each.namespace} for each in found]
