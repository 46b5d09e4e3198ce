"""Whatever is written, the writer answers with one of our errors or takes it; controllers go on."""

from __future__ import annotations

import copy
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.pipeline import (
    PROJECT,
    USER,
    Pipeline,
    project_document,
    running,
    stage_document,
    warehouse_document,
)
from tests.support.sandbox import EXAMPLE
from towpath.errors import NotFound, TowpathError
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.validation import FieldValidation

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.just("${{ x }}"),
    st.just("-1s"),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


def _documents() -> list[dict[str, Any]]:
    """Return one valid document of each kind that people write."""
    found = [
        document
        for document in yaml.safe_load_all((EXAMPLE / "pipeline.yaml").read_text())
        if document["kind"] != "Project"
    ]
    for document in found:
        document["metadata"]["namespace"] = PROJECT
    version = "kargo.akuity.io/v1alpha1"
    named = {"name": "odd", "namespace": PROJECT}
    policies = [
        {
            "stageSelector": {
                "name": "glob:*",
                "matchExpressions": [{"key": "a", "operator": "Exists"}],
            }
        }
    ]
    return [
        *found,
        stage_document("odd", "dev", soak="1h"),
        warehouse_document("odd"),
        {
            "apiVersion": version,
            "kind": "Promotion",
            "metadata": named,
            "spec": {"stage": "dev", "freight": "x"},
        },
        {
            "apiVersion": version,
            "kind": "Freight",
            "metadata": named,
            "origin": {"kind": "Warehouse", "name": "main"},
            "images": [
                {"repoURL": "registry.example/app", "tag": "1", "digest": "sha256:" + "0" * 64}
            ],
        },
        {
            "apiVersion": version,
            "kind": "ProjectConfig",
            "metadata": {"name": PROJECT, "namespace": PROJECT},
            "spec": {"promotionPolicies": policies},
        },
        {"apiVersion": "v1", "kind": "Secret", "metadata": named, "stringData": {"a": "b"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, "data": {"a": "b"}},
    ]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [each for key, item in value.items() for each in _places(item, (*path, key))]
    if isinstance(value, list):
        return found + [
            each for key, item in enumerate(value) for each in _places(item, (*path, key))
        ]
    return found


DOCUMENTS = _documents()
CHANGES = st.tuples(
    st.sampled_from(range(len(DOCUMENTS))), st.integers(0, 10_000), ODD, st.booleans()
)


def _mutated(number: int, place: int, value: Any, *, removed: bool) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENTS[number])
    places = [path for path in _places(document) if path not in (("apiVersion",), ("kind",))]
    path = places[place % len(places)]
    inner: Any = document
    for key in path[:-1]:
        inner = inner[key]
    if removed:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return document


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGES, min_size=40, max_size=40), st.sampled_from(list(FieldValidation)))
@pytest.mark.slow
async def test_mutations_of_valid_documents(
    changes: list[tuple[int, int, Any, bool]], validation: FieldValidation
) -> None:
    """One of our errors, or it is taken; and a Stage that is in order still moves."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as world:
            await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
            for number, place, value, removed in changes:
                document = _mutated(number, place, value, removed=removed)
                for write in (world.writer.create, world.writer.update):
                    with suppress(TowpathError):
                        await write(copy.deepcopy(document), USER, field_validation=validation)
            await _without_configuration(world)
            await world.apply(project_document("dev"), warehouse_document(), stage_document("dev"))
            freight = await world.freight("9.9.9")
            await world.settled()
            assert await world.held("dev") == freight


async def _without_configuration(world: Pipeline) -> None:
    """Take away a ProjectConfig that was taken: its policies go before those of the Project."""
    with suppress(NotFound):
        await world.writer.delete(Ref(scheme.PROJECT_CONFIG, PROJECT, PROJECT), USER)
