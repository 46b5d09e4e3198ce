"""The table of mutations is up to date: `make mutants` runs them, here it is seen that they can be run."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tools.mutants.table import ROOT, Mutation, mutations

TABLE = mutations()


def test_the_table_is_large_enough_and_names_each_fault_once() -> None:
    """At least sixty, over all parts."""
    assert len(TABLE) >= 60
    assert {each.part for each in TABLE} >= {
        "admission",
        "clients",
        "promotion",
        "rules",
        "server",
        "store",
    }
    counted = Counter((each.part, each.fault) for each in TABLE)
    assert [fault for fault, number in counted.items() if number > 1] == []


@pytest.mark.parametrize("mutation", TABLE, ids=lambda each: f"{each.part}: {each.fault}")
def test_a_mutation_changes_its_file_and_names_tests_that_there_are(mutation: Mutation) -> None:
    """Where the old text is not found any more, the mutation is to be put right."""
    text = (ROOT / mutation.file).read_text("utf-8")
    changed = mutation.applied(text)
    assert changed != text
    compile(changed, mutation.file, "exec")
    assert mutation.tests
    for test in mutation.tests:
        path, _, name = test.partition("::")
        found = ROOT / path
        assert found.exists(), path
        if name:
            assert re.search(rf"^(async )?def {name}\(", found.read_text("utf-8"), re.MULTILINE), (
                test
            )
