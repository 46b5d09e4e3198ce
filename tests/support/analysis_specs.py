"""Random specs of AnalysisRuns."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.analysis import WEB, run_spec

ENDS = ("Successful", "Failed", "Inconclusive", "Error")
SPANS = st.sampled_from(["", "1s", "10s", "30s", "1m30s"])
SMALL = st.integers(0, 4) | st.sampled_from(["0", "2", "x"])
METRICS = st.fixed_dictionaries(
    {},
    optional={
        "interval": SPANS,
        "initialDelay": SPANS,
        "count": SMALL,
        "failureLimit": SMALL | st.just(-1),
        "inconclusiveLimit": SMALL,
        "consecutiveErrorLimit": SMALL,
        "consecutiveSuccessLimit": SMALL,
    },
)
SPECS = st.builds(
    lambda metrics, dry, kept: run_spec(
        *({"name": f"m{index}", "provider": WEB, **each} for index, each in enumerate(metrics)),
        dryRun=[{"metricName": "m0"}] if dry else [],
        measurementRetention=[{"metricName": "m", "limit": kept}] if kept else [],
    ),
    st.lists(METRICS, min_size=1, max_size=3),
    st.booleans(),
    st.integers(0, 3),
)
