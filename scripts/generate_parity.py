"""Write `docs/local-api.md`: the local Slack's Web API, method by method, as its registry has it.

Run without arguments to write the file, with `--check` to fail when it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tautwire.local.api.parity import document

FILE = Path(__file__).resolve().parent.parent / "docs" / "local-api.md"


def main(arguments: list[str]) -> int:
    """Write or check the document; the exit status says whether it is as it should be."""
    text = document()
    if "--check" in arguments:
        return 0 if FILE.is_file() and FILE.read_text("utf-8") == text else 1
    FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
