"""What the fields of the messages are called in JSON, by number (Kubernetes' `generated.proto`, API packages)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.protobuf.wire import FieldBudget, MalformedError, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.resources.protobuf.wire import Value

    Nested = Callable[[memoryview, "Message"], dict[str, Any]]

Message = dict[int, "MessageField"]
"""The fields of a message by their number."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SECONDS: Final = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class MessageField:
    """One field of a message."""

    name: str
    type: str = "text"
    """`text`, `bytes`, `flag`, `number`, `time`, `microtime`, `json` (text that holds JSON), `raw`, or `message`."""
    message: Message | None = None
    is_repeated: bool = False
    is_map: bool = False
    """A map from texts to values of `type`."""
    is_optional: bool = False
    """Sent only when it is set, so that an empty text and zero are values too."""

    def read(self, value: Value, nested: Nested) -> Any:
        """Return the value in JSON; None for one that says nothing. Raises MalformedError."""
        if self.is_map:
            return self._entry(value, nested)
        return self._plain(value, nested)

    def _entry(self, value: Value, nested: Nested) -> dict[str, Any]:
        key, found = "", None
        for number, part in fields(_bytes(self.name, value), FieldBudget(16)):
            if number == 1:
                key = _text(self.name, part)
            elif number == 2:
                found = self._plain(part, nested)
        return {key: "" if found is None else found}

    def _plain(self, value: Value, nested: Nested) -> Any:
        match self.type:
            case "text":
                text = _text(self.name, value)
                return text if text or self.is_optional or self.is_repeated or self.is_map else None
            case "bytes":
                return base64.b64encode(_bytes(self.name, value)).decode()
            case "raw":
                return bytes(_bytes(self.name, value))
            case "flag":
                return bool(_number(self.name, value))
            case "number":
                number = _number(self.name, value)
                return number if number or self.is_optional else None
            case "time" | "microtime":
                return _time(self.name, _bytes(self.name, value), precise=self.type == "microtime")
            case "json":
                return _json(self.name, value)
            case _:
                assert self.message is not None  # noqa: S101 - the tables below say so
                found = nested(_bytes(self.name, value), self.message)
                return found if found or self.is_repeated or self.name == "spec" else None


def _number(name: str, value: Value) -> int:
    if not isinstance(value, int):
        raise MalformedError(f"{name} is no number")
    return value - (1 << 64) if value >> 63 else value


def _bytes(name: str, value: Value) -> memoryview:
    if isinstance(value, int):
        raise MalformedError(f"{name} is a number, and should have a length")
    return value


def _text(name: str, value: Value) -> str:
    try:
        return str(_bytes(name, value), "utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{name} is not UTF-8") from error


def _json(name: str, value: Value) -> Any:
    """Return the JSON that a message holds as text in its first field (`FieldsV1`)."""
    for number, part in fields(_bytes(name, value), FieldBudget(16)):
        if number == 1:
            try:
                return json.loads(_text(name, part))
            except (ValueError, RecursionError) as error:
                raise MalformedError(f"{name} holds no JSON") from error
    return None


def _time(name: str, value: memoryview, *, precise: bool) -> str | None:
    """Return a moment as Kubernetes writes it; None if there is none."""
    seconds = nanoseconds = 0
    for number, part in fields(value, FieldBudget(16)):
        if number == 1:
            seconds = _number(name, part)
        elif number == 2:
            nanoseconds = _number(name, part)
    if not len(value):
        return None
    if not -62_135_596_800 < seconds <= _MOST_SECONDS or not 0 <= nanoseconds < 10**9:
        raise MalformedError(f"{name} is no moment between the years 1 and 9999")
    moment = _EPOCH + timedelta(seconds=seconds)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").zfill(19)
    return f"{text}.{nanoseconds // 1000:06d}Z" if precise else f"{text}Z"


def _of(**named: int) -> Message:
    """Return the message of plain texts."""
    return {number: MessageField(name) for name, number in named.items()}


def _message(name: str, message: Message, *, repeated: bool = False) -> MessageField:
    return MessageField(name, "message", message, is_repeated=repeated)


def _texts(name: str) -> MessageField:
    return MessageField(name, is_repeated=True)


def _map(name: str, type_: str = "text") -> MessageField:
    return MessageField(name, type_, is_map=True)


UNKNOWN: Final[Message] = {
    1: _message("typeMeta", _of(apiVersion=1, kind=2)),
    2: MessageField("raw", "raw"),
    3: MessageField("contentEncoding"),
    4: MessageField("contentType"),
}
"""The envelope of every object (apimachinery `runtime.Unknown`)."""

_OWNER: Final[Message] = {
    **_of(kind=1, name=3, uid=4, apiVersion=5),
    6: MessageField("controller", "flag"),
    7: MessageField("blockOwnerDeletion", "flag"),
}
_MANAGED_FIELDS: Final[Message] = {
    **_of(manager=1, operation=2, apiVersion=3, fieldsType=6, subresource=8),
    4: MessageField("time", "time"),
    7: MessageField("fieldsV1", "json"),
}
_METADATA: Final[Message] = {
    **_of(name=1, generateName=2, namespace=3, selfLink=4, uid=5, resourceVersion=6),
    7: MessageField("generation", "number"),
    8: MessageField("creationTimestamp", "time"),
    9: MessageField("deletionTimestamp", "time"),
    10: MessageField("deletionGracePeriodSeconds", "number", is_optional=True),
    11: _map("labels"),
    12: _map("annotations"),
    13: _message("ownerReferences", _OWNER, repeated=True),
    14: _texts("finalizers"),
    17: _message("managedFields", _MANAGED_FIELDS, repeated=True),
}
_REFERENCE: Final[Message] = _of(
    kind=1, namespace=2, name=3, uid=4, apiVersion=5, resourceVersion=6, fieldPath=7
)


def _object(rest: Message) -> Message:
    return {1: _message("metadata", _METADATA), **rest}


_NAMESPACE: Final = _object(
    {
        2: _message("spec", {1: _texts("finalizers")}),
        3: _message(
            "status",
            {
                1: MessageField("phase"),
                2: _message(
                    "conditions",
                    {
                        **_of(type=1, status=2, reason=5, message=6),
                        4: MessageField("lastTransitionTime", "time"),
                    },
                    repeated=True,
                ),
            },
        ),
    }
)
_SECRET: Final = _object(
    {
        2: _map("data", "bytes"),
        3: MessageField("type"),
        4: _map("stringData"),
        5: MessageField("immutable", "flag"),
    }
)
_CONFIG_MAP: Final = _object(
    {2: _map("data"), 3: _map("binaryData", "bytes"), 4: MessageField("immutable", "flag")}
)
_SERVICE_ACCOUNT: Final = _object(
    {
        2: _message("secrets", _REFERENCE, repeated=True),
        3: _message("imagePullSecrets", _of(name=1), repeated=True),
        4: MessageField("automountServiceAccountToken", "flag"),
    }
)
_EVENT: Final = _object(
    {
        2: _message("involvedObject", _REFERENCE),
        **_of(reason=3, message=4, type=9, action=12, reportingComponent=14, reportingInstance=15),
        5: _message("source", _of(component=1, host=2)),
        6: MessageField("firstTimestamp", "time"),
        7: MessageField("lastTimestamp", "time"),
        8: MessageField("count", "number"),
        10: MessageField("eventTime", "microtime"),
        11: _message(
            "series",
            {1: MessageField("count", "number"), 2: MessageField("lastObservedTime", "microtime")},
        ),
        13: _message("related", _REFERENCE),
    }
)
_RULE: Final[Message] = {
    1: _texts("verbs"),
    2: _texts("apiGroups"),
    3: _texts("resources"),
    4: _texts("resourceNames"),
    5: _texts("nonResourceURLs"),
}
_ROLE: Final = _object({2: _message("rules", _RULE, repeated=True)})
_SELECTOR: Final[Message] = {
    1: _map("matchLabels"),
    2: _message("matchExpressions", {**_of(key=1, operator=2), 3: _texts("values")}, repeated=True),
}
_CLUSTER_ROLE: Final = {
    **_ROLE,
    3: _message("aggregationRule", {1: _message("clusterRoleSelectors", _SELECTOR, repeated=True)}),
}
_BINDING: Final = _object(
    {
        2: _message("subjects", _of(kind=1, apiGroup=2, name=3, namespace=4), repeated=True),
        3: _message("roleRef", _of(apiGroup=1, kind=2, name=3)),
    }
)
_LEASE: Final = _object(
    {
        2: _message(
            "spec",
            {
                **_of(strategy=6, preferredHolder=7),
                1: MessageField("holderIdentity", is_optional=True),
                2: MessageField("leaseDurationSeconds", "number", is_optional=True),
                3: MessageField("acquireTime", "microtime"),
                4: MessageField("renewTime", "microtime"),
                5: MessageField("leaseTransitions", "number", is_optional=True),
            },
        )
    }
)
_RESOURCE: Final[Message] = _of(
    namespace=1, verb=2, group=3, version=4, resource=5, subresource=6, name=7
)
_PATH: Final[Message] = _of(path=1, verb=2)
_OWN_REVIEW: Final = _object(
    {
        2: _message(
            "spec",
            {
                1: _message("resourceAttributes", _RESOURCE),
                2: _message("nonResourceAttributes", _PATH),
            },
        )
    }
)
_REVIEW: Final = _object(
    {
        2: _message(
            "spec",
            {
                1: _message("resourceAttributes", _RESOURCE),
                2: _message("nonResourceAttributes", _PATH),
                3: MessageField("user"),
                4: _texts("groups"),
                6: MessageField("uid"),
            },
        )
    }
)
_RULES_REVIEW: Final = _object({2: _message("spec", _of(namespace=1))})
_TOKEN_REVIEW: Final = _object(
    {2: _message("spec", {1: MessageField("token"), 2: _texts("audiences")})}
)
_TOKEN_REQUEST: Final = _object(
    {
        2: _message(
            "spec",
            {
                1: _texts("audiences"),
                3: _message("boundObjectRef", _of(kind=1, apiVersion=2, name=3, uid=4)),
                4: MessageField("expirationSeconds", "number", is_optional=True),
            },
        )
    }
)
_DELETE_OPTIONS: Final[Message] = {
    1: MessageField("gracePeriodSeconds", "number", is_optional=True),
    2: _message(
        "preconditions",
        {
            1: MessageField("uid", is_optional=True),
            2: MessageField("resourceVersion", is_optional=True),
        },
    ),
    3: MessageField("orphanDependents", "flag"),
    4: MessageField("propagationPolicy", is_optional=True),
    5: _texts("dryRun"),
}

_RBAC: Final = "rbac.authorization.k8s.io/v1"
_AUTHORIZATION: Final = "authorization.k8s.io/v1"
_AUTHENTICATION: Final = "authentication.k8s.io/v1"
_MESSAGES: Final[Mapping[tuple[str, str], Message]] = {
    ("v1", "Namespace"): _NAMESPACE,
    ("v1", "Secret"): _SECRET,
    ("v1", "ConfigMap"): _CONFIG_MAP,
    ("v1", "ServiceAccount"): _SERVICE_ACCOUNT,
    ("v1", "Event"): _EVENT,
    (_RBAC, "Role"): _ROLE,
    (_RBAC, "ClusterRole"): _CLUSTER_ROLE,
    (_RBAC, "RoleBinding"): _BINDING,
    (_RBAC, "ClusterRoleBinding"): _BINDING,
    ("coordination.k8s.io/v1", "Lease"): _LEASE,
    (_AUTHORIZATION, "SelfSubjectAccessReview"): _OWN_REVIEW,
    (_AUTHORIZATION, "SubjectAccessReview"): _REVIEW,
    (_AUTHORIZATION, "LocalSubjectAccessReview"): _REVIEW,
    (_AUTHORIZATION, "SelfSubjectRulesReview"): _RULES_REVIEW,
    (_AUTHENTICATION, "SelfSubjectReview"): _object({}),
    (_AUTHENTICATION, "TokenReview"): _TOKEN_REVIEW,
    (_AUTHENTICATION, "TokenRequest"): _TOKEN_REQUEST,
}


def of(api_version: str, kind: str) -> Message | None:
    """Return the message of a kind. DeleteOptions are sent under the version of what is deleted."""
    if kind == "DeleteOptions":
        return _DELETE_OPTIONS
    return _MESSAGES.get((api_version, kind))
