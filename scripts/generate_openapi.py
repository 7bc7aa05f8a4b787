"""Write `docs/local-openapi.json`: the control API of the local Slack, from its operations.

Run without arguments to write the file, with `--check` to fail when it is stale; another file may be named.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tautwire.local.control import description

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "local-openapi.json"


def main() -> int:
    """Write or check the file; the exit status says whether it is as it should be."""
    options = [each for each in sys.argv[1:] if each.startswith("--")]
    names = [each for each in sys.argv[1:] if not each.startswith("--")]
    target = Path(names[0]) if names else DOCUMENT
    text = json.dumps(description(), indent=1, ensure_ascii=False) + "\n"
    if "--check" in options:
        return 0 if target.read_text("utf-8") == text else 1
    target.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
