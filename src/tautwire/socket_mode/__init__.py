"""The surface: the names of `slack_sdk.socket_mode`, wired to the engine."""
