"""The composition root: what a running Towpath is made of, and the order of starting and stopping it."""

from towpath.app.listening import parse_address
from towpath.app.serving import Settings, running, serve
from towpath.app.settings.operator import OperatorSettings
from towpath.app.tls import TLSSettings

__all__ = ("OperatorSettings", "Settings", "TLSSettings", "parse_address", "running", "serve")
