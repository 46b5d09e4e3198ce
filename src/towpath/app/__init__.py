"""The composition root: what a running Towpath is made of, and the order of starting and stopping it."""

from towpath.app.operator import OperatorSettings
from towpath.app.serving import Settings, TLSSettings, parse_address, running, serve

__all__ = ("OperatorSettings", "Settings", "TLSSettings", "parse_address", "running", "serve")
