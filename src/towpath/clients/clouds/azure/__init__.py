"""Azure: the workload's identity, and what registries give for it."""
