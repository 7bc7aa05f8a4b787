"""The command line: `tautwire …`.

What it takes is imported by `main` alone, once Ctrl-C is seen to: an interrupted import would show a traceback.
"""

from __future__ import annotations

import os
import signal
import sys

__all__ = ["main"]

_CANNOT = 2


def main() -> None:
    """Run the program, and exit with its code; 2 when nothing can be written."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # There is nothing to tidy up yet, so Ctrl-C ends this program as it ends any other: at once, without a word.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_run())


def _run() -> int | str | None:
    if sys.stdout is None:
        return _complain("it is closed")
    from tautwire.cli.program import program  # noqa: PLC0415 - not before Ctrl-C is seen to

    code: int | str | None
    try:
        code = program.main()
    except SystemExit as end:
        code = end.code
    except OSError as error:
        code = _complain(error.strerror)
    return _flush() or code


def _flush() -> int:
    """Write what is left now: at the interpreter's end a failure could only be shown as a traceback."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CANNOT
    return 0


def _complain(why: str | None) -> int:
    if sys.stderr is not None:
        print(f"Error: cannot write to standard output: {why}", file=sys.stderr)
    return _CANNOT
