"""Verification: taking measurements, by providers, until it is known whether what was deployed is good."""
