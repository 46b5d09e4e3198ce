"""ArgoCDConnection: an installation of Argo CD, and the Projects whose Applications are behind it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from towpath.resources.configuration import SecretReference
from towpath.resources.fields import Field, Int64, Struct, Text
from towpath.resources.meta import Conditions, Resource
from towpath.resources.schema import Rule

KUBECONFIG: Final = "kubeconfig"
"""The key of a Secret that holds a kubeconfig."""
SERVER: Final = "server"
"""The key that holds the URL of Argo CD's server: it stands beside the token, so that who may write a connection cannot have
the token sent elsewhere."""
TOKEN: Final = "token"  # noqa: S105 - a key's name
CA_DATA: Final = "caData"
"""The key that holds the authority of that server, in PEM."""

INSECURE: Final = "insecure"
"""The key that says `true` where any certificate of that server will do: it exposes the token, so that the token's owner says
so."""


class KubernetesConnection(Struct, kw_only=True):
    """The API of the cluster that holds the Applications."""

    secret_ref: Annotated[
        SecretReference,
        Field(
            "The Secret in `kargo-system-resources` whose key `kubeconfig` says how it is reached."
        ),
    ]
    context: Annotated[
        str, Field("Context of the kubeconfig; its current one if absent.", max_length=253)
    ] = ""
    namespaces: Annotated[
        list[Text],
        Field("Namespaces whose Applications are watched; all if absent.", list_type="set"),
    ] = []


class RestConnection(Struct, kw_only=True):
    """Argo CD's own API."""

    secret_ref: Annotated[
        SecretReference,
        Field(
            "The Secret in `kargo-system-resources` with keys `server` (its URL), `token`, and `caData` where the machine's "
            "authorities do not certify it."
        ),
    ]
    insecure: Annotated[
        bool,
        Field(
            "Whether any certificate of the server will do; whoever is on the way can read the token. It counts only where the "
            "Secret's key `insecure` is `true`, too."
        ),
    ] = False


class ArgoCDConnectionSpec(Struct, kw_only=True):
    """How the installation is reached, and whom it serves."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.kubernetes) != has(self.rest)",
            message="exactly one of kubernetes or rest must be set",
            holds=lambda spec, _: ("kubernetes" in spec) != ("rest" in spec),
        ),
    )

    projects: Annotated[
        list[Text],
        Field(
            "Names of the Projects that it serves, or globs; `*` is all.",
            min_items=1,
            list_type="set",
        ),
    ]
    default: Annotated[
        bool, Field("Whether it serves those Stages of its Projects that name no connection.")
    ] = False
    namespace: Annotated[
        str,
        Field(
            "Where Argo CD lives: its AppProjects, and Applications of which no namespace is said.",
            min_length=1,
            default="argocd",
        ),
    ] = "argocd"
    url: Annotated[
        str, Field("URL of Argo CD's pages, for links.", pattern=r"^https?://", max_length=2048)
    ] = ""
    kubernetes: Annotated[
        KubernetesConnection | None, Field("By the API of the cluster that holds the Applications.")
    ] = None
    rest: Annotated[RestConnection | None, Field("By Argo CD's own API.")] = None


class ArgoCDConnectionStatus(Struct):
    """Whether it can be reached."""

    conditions: Conditions = []
    observed_generation: Annotated[
        Int64, Field("The `metadata.generation` this was found for.")
    ] = 0


class ArgoCDConnection(Resource, kw_only=True):
    """An installation of Argo CD, and the Projects whose Applications are behind it."""

    spec: Annotated[
        ArgoCDConnectionSpec, Field("How the installation is reached, and whom it serves.")
    ]
    status: Annotated[ArgoCDConnectionStatus | None, Field("Whether it can be reached.")] = None
