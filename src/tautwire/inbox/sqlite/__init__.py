"""The inbox for one machine: a file, with nothing but the standard library's SQLite.

`inbox` is what a user has. It hands jobs to `writer`, which runs them on its thread, many in one transaction, on what
`database` has opened; what the jobs do is in `statements`, `people` and `leaving`, on the tables of `schema`.
"""

from tautwire.inbox.sqlite.inbox import SqliteInbox

__all__ = ["SqliteInbox"]
