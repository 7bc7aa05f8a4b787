"""`python -m tautwire` is `tautwire`."""

from __future__ import annotations

from tautwire.cli import main

if __name__ == "__main__":
    main()
