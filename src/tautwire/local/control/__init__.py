"""The control API: over HTTP, what actors and tests do in Python; for the command line, and for any other language."""

from tautwire.local.control.api import PREFIX, VERSION_HEADER, description, routes

__all__ = ["PREFIX", "VERSION_HEADER", "description", "routes"]
