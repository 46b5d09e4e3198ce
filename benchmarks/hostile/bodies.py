"""Bodies that cost a server more than they cost their sender."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from benchmarks.hostile.attack import STRANGER, WRITER, Attack, sending

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESOURCES: Final = "/v1beta1/resources"
_MAPS: Final = "/api/v1/namespaces/shop/configmaps"
_REVIEW: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_JSON, _YAML = "application/json", "application/yaml"
_APPLY: Final = "application/apply-patch+yaml"
_JSON_PATCH: Final = "application/json-patch+json"
_PROTOBUF: Final = "application/vnd.kubernetes.protobuf"


def attacks() -> Iterator[Attack]:
    """Yield every attack by a body: by whom may do nothing, and by whom may do what it is for."""
    for who in (STRANGER, WRITER):
        for name, method, path, media_type, body in _bodies():
            yield Attack(name, who, sending(method, path, media_type, body))
    for name, method, path, media_type, body in _of_writers():
        yield Attack(name, WRITER, sending(method, path, media_type, body))


def _bodies() -> Iterator[tuple[str, str, str, str, bytes]]:
    yield "3.9 MiB of `a: 1`, `---`", "POST", _RESOURCES, _YAML, b"a: 1\n---\n" * 450_000
    keys = b"".join(b"k%d: v\n" % number for number in range(250_000))
    yield "250,000 keys of YAML", "POST", _RESOURCES, _YAML, keys
    yield (
        "50,000 documents",
        "POST",
        _RESOURCES,
        _YAML,
        b"apiVersion: v1\nkind: Secret\n---\n" * 50_000,
    )
    yield "review of 150,000 keys", "POST", _REVIEW, _JSON, _keys(150_000)
    yield "review of 64 KiB", "POST", _REVIEW, _JSON, _keys(5_800)
    yield "100,000 labels", "POST", _MAPS, _JSON, _config_map(labels=_keys(100_000))
    yield "nested 100,000 deep", "POST", _RESOURCES, _YAML, b"[" * 100_000
    yield "aliases of aliases", "POST", _RESOURCES, _YAML, _bomb()
    yield (
        "1 MiB of JSON with 200,000 values",
        "POST",
        _MAPS,
        _JSON,
        b"[" + b"1234," * 199_999 + b"1]",
    )
    yield (
        "protobuf of 1,500,000 fields",
        "POST",
        _MAPS,
        _PROTOBUF,
        b"k8s\0" + b"\x78\x01" * 1_500_000,
    )


def _of_writers() -> Iterator[tuple[str, str, str, str, bytes]]:
    """Yield bodies just within the bounds, which are worked on to the end."""
    refused = b"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n" * 999
    yield "999 documents, each refused", "POST", _RESOURCES, _YAML, refused
    yield (
        "1,000 labels",
        "PATCH",
        f"{_MAPS}/labels?fieldManager=m&force=true",
        _APPLY,
        _config_map(labels=_keys(1_000)),
    )
    big = _config_map(data=_keys(19_000))
    yield "19,000 keys applied", "PATCH", f"{_MAPS}/big?fieldManager=m&force=true", _APPLY, big
    yield "19,000 keys created, dry", "POST", f"{_MAPS}?dryRun=All", _JSON, big
    # The first one makes what the others add to, whatever was there.
    operations = [
        {"op": "add", "path": "/data", "value": {}},
        *({"op": "add", "path": f"/data/k{number}", "value": "x"} for number in range(9_999)),
    ]
    patch = json.dumps(operations).encode()
    yield "JSON patch of 10,000 operations", "PATCH", f"{_MAPS}/victim", _JSON_PATCH, patch
    fields = json.dumps({f"f:k{number}": {} for number in range(15_000)})
    managed = (
        '[{"manager":"m","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z",'
        f'"fieldsType":"FieldsV1","fieldsV1":{{"f:data":{fields}}}}}]'
    )
    yield (
        "managedFields of 15,000 fields",
        "PUT",
        f"{_MAPS}/victim",
        _JSON,
        _config_map(name="victim", managed=managed),
    )


def _keys(count: int) -> bytes:
    return b"{" + b",".join(b'"k%d":""' % number for number in range(count)) + b"}"


def _config_map(
    labels: bytes = b"{}", data: bytes = b"{}", managed: str = "[]", name: str = ""
) -> bytes:
    named = f'"name":"{name}"' if name else '"generateName":"x"'
    return (
        b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{'
        + named.encode()
        + b',"labels":'
        + labels
        + b',"managedFields":'
        + managed.encode()
        + b'},"data":'
        + data
        + b"}"
    )


def _bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines).encode()
