"""Settings every test shares."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

from tests.support.examples import QUICK, examples

# `make test` must give the same answer every time; `make soak` looks for what it has not seen yet.
settings.register_profile(
    "test", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "soak", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow]
)
# `make quick` is run before every commit: it tries a part of what the suite tries.
settings.register_profile("quick", settings.get_profile("test"), max_examples=examples(100))
settings.load_profile("soak" if os.environ.get("TOWPATH_SOAK") else "quick" if QUICK else "test")

# Who is started in the background of a script has SIGINT ignored, and so has all that it starts: programs that tests
# interrupt would never hear of it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
