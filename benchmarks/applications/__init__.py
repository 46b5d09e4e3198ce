"""A server with thousands of Applications, in a process of its own, for benchmarks of connections to Argo CD."""
