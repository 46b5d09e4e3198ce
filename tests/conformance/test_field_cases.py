"""field-cases.jsonl: what public reports say went wrong, beside edits of YAML (`test_yaml`)."""

from __future__ import annotations

from typing import Any

import yaml

from tests.support.shared import cases
from towpath.clients.oci.challenges import challenges
from towpath.clients.oci.links import following
from towpath.credentials.lookup import Candidate, choose
from towpath.resources import scheme
from towpath.resources.validation import admit
from towpath.rules.subscriptions import subscription_errors, subscription_warnings

_TYPES = dict.fromkeys({"image", "git", "chart"})


def _cases(area: str) -> list[dict[str, Any]]:
    found = [case for case in cases("field-cases") if case["area"].startswith(area)]
    assert found
    return found


def test_a_url_with_a_blank_finds_its_secret() -> None:
    """Written with a blank or with `%20`."""
    for case in _cases("credentials/"):
        given = case["input"]
        secret = Candidate("s", given["secret repoURL"])
        assert choose([secret], "git", given["git-clone repoURL"]) == secret, case["id"]


def test_addresses_that_git_takes_are_taken() -> None:
    """A host with a hyphen."""
    for case in _cases("schema/URL"):
        url = case["input"]["warehouse"].partition("repoURL: ")[2]
        document = {
            "apiVersion": "kargo.akuity.io/v1alpha1",
            "kind": "Warehouse",
            "metadata": {"name": "w", "namespace": "p"},
            "spec": {"subscriptions": [{"git": {"repoURL": url}}]},
        }
        admit(document, scheme.WAREHOUSE)
        assert subscription_errors(document["spec"]["subscriptions"], _TYPES) == []  # type: ignore[index]


def test_a_digest_without_constraint_is_taken_with_a_warning() -> None:
    """As Kargo's CRD admits it."""
    for case in _cases("apply/Digest"):
        document = yaml.safe_load(case["input"]["manifest"])
        admit(document, scheme.WAREHOUSE)
        assert subscription_errors(document["spec"]["subscriptions"], _TYPES) == []
        [said] = subscription_warnings(document["spec"]["subscriptions"])
        assert "constraint" in said


def test_challenges_and_links_of_registries() -> None:
    """The next page at our own origin; the challenge that we can answer, wherever it stands."""
    for case in _cases("registry/auth challenge"):
        given = next(value for key, value in case["input"].items() if key.startswith("WWW"))
        found = {each.scheme: each.parameters for each in challenges(given)}
        assert found["bearer"]["scope"] == "repository:app:pull", case["id"]
        assert found["bearer"]["realm"] == "http://HOST/token", case["id"]
    for case in _cases("registry/pages"):
        page = case["input"]["first page"].partition(" ")[0]
        next_page = following(case["input"]["Link"], page)
        assert next_page is not None, case["id"]
        assert next_page.startswith("https://r.example/v2/a/tags/list?"), case["id"]
