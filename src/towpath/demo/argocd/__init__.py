"""A stand-in for Argo CD: Applications over both of its APIs, reconciled from Git against a cluster that is simulated.

For the demo, tests and benchmarks. `installation` is the whole of it; what it does beside Argo CD's own documentation
is named where it is done. Nothing in it knows Towpath: it is the other side.
"""
