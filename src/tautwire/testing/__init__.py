"""Testing a Slack app with pytest, on a local Slack. `docs/testing.md` shows how.

`plugin` is what pytest loads by itself, and has the fixtures; `sync` is the local Slack for tests that are not async.
"""
