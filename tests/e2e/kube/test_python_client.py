"""A second opinion: the Python client library of Kubernetes against the server."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from typing import TYPE_CHECKING, Any

import kubernetes.client
import kubernetes.config
import kubernetes.dynamic
import kubernetes.watch
import pytest
from kubernetes.client.exceptions import ApiException

from tests.support import towpath_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


client: Any = kubernetes.client
"""The library's types say of almost every field that it may be None."""
watch: Any = kubernetes.watch
_config: Any = kubernetes.config
_dynamic: Any = kubernetes.dynamic
GROUP, VERSION = "kargo.akuity.io", "v1alpha1"
KEPT = 40
"""Entries of the change log that the server of this module keeps."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a server that soon forgets what was changed."""
    folder: Path = tmp_path_factory.mktemp("server")
    (folder / "config.yaml").write_text(f"changeLog: {{entries: {KEPT}, minimumEntries: 10}}\n")
    with towpath_process.up(folder, config=folder / "config.yaml"):
        kubeconfig = folder / "kubeconfig"
        done = towpath_process.run(
            folder, "kubeconfig", "--data", folder / "data", "--output", kubeconfig
        )
        assert done.returncode == 0, done.stderr
        made: Any = _config.new_client_from_config(str(kubeconfig))
        core = client.CoreV1Api(made)
        core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="work")))
        yield made
        made.close()
        made.rest_client.pool_manager.clear()
    with warnings.catch_warnings():
        # The library leaves the sockets of watches that were broken off to the collector of garbage.
        warnings.simplefilter("ignore", ResourceWarning)
        del made, core
        gc.collect()


def config_map(name: str, **data: str) -> Any:
    """Return a ConfigMap."""
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data=data)


def test_typed_objects_are_made_read_changed_and_deleted(api: Any) -> None:
    """ConfigMaps, Secrets, namespaces, roles and bindings."""
    core, rbac = client.CoreV1Api(api), client.RbacAuthorizationV1Api(api)
    made = core.create_namespaced_config_map("work", config_map("typed", a="1"))
    assert made.metadata.uid
    made.data["b"] = "2"
    assert core.replace_namespaced_config_map("typed", "work", made).data == {"a": "1", "b": "2"}
    with pytest.raises(ApiException) as stale:
        core.replace_namespaced_config_map("typed", "work", made)
    assert (stale.value.status, stale.value.reason) == (409, "Conflict")
    patched = core.patch_namespaced_config_map("typed", "work", {"data": {"a": None}})
    assert patched.data == {"b": "2"}
    secret = client.V1Secret(metadata=client.V1ObjectMeta(name="s"), string_data={"k": "hunter2"})
    shown = core.create_namespaced_secret("work", secret)
    assert "hunter2" not in str(shown)
    rule = client.V1PolicyRule(verbs=["get"], api_groups=[GROUP], resources=["stages"])
    role = rbac.create_namespaced_role(
        "work", client.V1Role(metadata=client.V1ObjectMeta(name="r"), rules=[rule])
    )
    assert role.rules[0].resources == ["stages"]
    assert [each.metadata.name for each in rbac.list_namespaced_role("work").items] == ["r"]
    core.delete_namespaced_config_map("typed", "work")
    with pytest.raises(ApiException) as gone:
        core.read_namespaced_config_map("typed", "work")
    assert gone.value.status == 404


def test_long_lists_come_in_pages_of_one_moment(api: Any) -> None:
    """Whatever is written between them."""
    core = client.CoreV1Api(api)
    for number in range(7):
        core.create_namespaced_config_map("work", config_map(f"page{number}"))
    first = core.list_namespaced_config_map("work", limit=3, label_selector="!x")
    core.delete_namespaced_config_map("page6", "work")
    names = [each.metadata.name for each in first.items]
    token = first.metadata._continue
    while token:
        page = core.list_namespaced_config_map(
            "work", limit=3, _continue=token, label_selector="!x"
        )
        assert page.metadata.resource_version == first.metadata.resource_version
        names += [each.metadata.name for each in page.items]
        token = page.metadata._continue
    assert names == [f"page{number}" for number in range(7)]
    for number in range(6):
        core.delete_namespaced_config_map(f"page{number}", "work")


def test_custom_objects_and_server_side_apply(api: Any) -> None:
    """By the dynamic client, which reads discovery; a conflict is told as one."""
    dynamic: Any = _dynamic.DynamicClient(api)
    projects = dynamic.resources.get(api_version=f"{GROUP}/{VERSION}", kind="Project")
    tasks = dynamic.resources.get(api_version=f"{GROUP}/{VERSION}", kind="PromotionTask")
    head = {"apiVersion": f"{GROUP}/{VERSION}"}
    projects.create(body={**head, "kind": "Project", "metadata": {"name": "shop"}})

    def task(message: str) -> dict[str, Any]:
        steps = [{"uses": "fail", "config": {"message": message}}]
        return {
            **head,
            "kind": "PromotionTask",
            "metadata": {"name": "t"},
            "spec": {"steps": steps},
        }

    applied = dynamic.server_side_apply(
        tasks, body=task("one"), name="t", namespace="shop", field_manager="one"
    )
    assert applied.metadata.managedFields[0].manager == "one"
    with pytest.raises(ApiException) as conflict:
        dynamic.server_side_apply(
            tasks, body=task("two"), name="t", namespace="shop", field_manager="two"
        )
    assert conflict.value.status == 409
    taken = dynamic.server_side_apply(
        tasks,
        body=task("two"),
        name="t",
        namespace="shop",
        field_manager="two",
        force_conflicts=True,
    )
    assert taken.spec.steps[0].config.message == "two"
    assert [each.metadata.name for each in tasks.get(namespace="shop").items] == ["t"]


async def test_watches_go_on_and_begin_anew_after_410(api: Any) -> None:
    """From where a list ended; a revision that is no longer in the log is told as expired, and listing again helps."""
    core = client.CoreV1Api(api)
    old = core.list_namespaced_config_map("work").metadata.resource_version
    seen: list[tuple[str, str]] = []
    ended = threading.Event()

    def follow() -> None:
        watching = watch.Watch()
        for event in watching.stream(
            core.list_namespaced_config_map, "work", resource_version=old, timeout_seconds=30
        ):
            seen.append((event["type"], event["object"].metadata.name))
            if event["type"] == "DELETED":
                watching.stop()
        ended.set()

    following = asyncio.create_task(asyncio.to_thread(follow))
    core.create_namespaced_config_map("work", config_map("watched"))
    core.patch_namespaced_config_map("watched", "work", {"data": {"a": "1"}})
    core.delete_namespaced_config_map("watched", "work")
    async with asyncio.timeout(20):
        await following
    assert ended.is_set()
    assert seen == [("ADDED", "watched"), ("MODIFIED", "watched"), ("DELETED", "watched")]

    core.create_namespaced_config_map("work", config_map("busy"))
    for number in range(6 * KEPT):
        core.patch_namespaced_config_map("busy", "work", {"data": {"n": str(number)}})
    expired = watch.Watch().stream(
        core.list_namespaced_config_map, "work", resource_version=old, timeout_seconds=5
    )
    with pytest.raises(ApiException) as refused:
        await asyncio.to_thread(list, expired)
    assert refused.value.status == 410
    newest = core.list_namespaced_config_map("work").metadata.resource_version
    core.patch_namespaced_config_map("busy", "work", {"data": {"n": "last"}})
    watching = watch.Watch()
    events = watching.stream(
        core.list_namespaced_config_map, "work", resource_version=newest, timeout_seconds=10
    )
    event = await asyncio.to_thread(next, events)
    watching.stop()
    assert (event["type"], event["object"].data["n"]) == ("MODIFIED", "last")


def test_reviews(api: Any) -> None:
    """What one may do, and who one is."""
    authorization, authentication = client.AuthorizationV1Api(api), client.AuthenticationV1Api(api)
    attributes = client.V1ResourceAttributes(verb="promote", group=GROUP, resource="stages")
    review = client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
    )
    assert authorization.create_self_subject_access_review(review).status.allowed
    who = authentication.create_self_subject_review(client.V1SelfSubjectReview())
    assert who.status.user_info.username == "admin"
