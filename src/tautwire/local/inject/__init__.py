"""The folder that `PYTHONPATH` names, so that Python programs run `sitecustomize` at their start.

What lies here runs in whatever Python a program brings along, 3.7 or newer, with or without tautwire installed: the
standard library alone, and next to nothing of that before slack_sdk is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["FOLDER"]

#: The entry for `PYTHONPATH`.
FOLDER: Final = str(Path(__file__).resolve().parent)
