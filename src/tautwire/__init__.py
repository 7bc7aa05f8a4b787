"""Slack Socket Mode for Python that drops nothing."""

__version__ = "0.1.0"
