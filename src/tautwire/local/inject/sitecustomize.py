"""Python imports this at its start, when `PYTHONPATH` names the folder: it waits for slack_sdk, for `redirection`.

Every Python program under `tautwire local exec` pays for this file, so it is short and imports nothing that is not
there by then. Any other import costs a look at the module's name. A `sitecustomize` that this one hides runs as if it
were not hidden.
"""

import os
import sys

# Neither `typing` nor `__future__`, whose imports every program would have to wait for.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from tautwire.local.inject.redirection import Finder

__all__ = ["Doorman", "start"]

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is slow to import


def start() -> None:
    """Wait for slack_sdk, where `SLACK_API_URL` says what for; then run the `sitecustomize` that this one hides.

    Raises what that one raises: Python's start knows what to say about it.
    """
    api_url = os.environ.get("SLACK_API_URL", "").strip()
    if api_url:
        sys.meta_path.insert(0, Doorman(api_url))
    _run_hidden()


class Doorman:
    """Finds no module, and asks `redirection` about those of slack_sdk."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._finder = None  # type: Finder | None

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """`None`; for a module of slack_sdk, what `redirection` says."""
        if not name.startswith("slack_sdk."):
            return None
        try:
            if self._finder is None:
                self._finder = self._wake()
            return self._finder.find_spec(name, path, target)
        except Exception as error:  # noqa: BLE001 - whatever it is, the program has to run
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
            _complain(error)
            return None

    def _wake(self) -> "Finder":
        # Not by its name: nothing of ours is left where the program's imports are looked for.
        from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415 - see above

        spec = spec_from_file_location("tautwire_redirection", os.path.join(_HERE, "redirection.py"))  # noqa: PTH118
        if spec is None or spec.loader is None:
            raise ImportError
        redirection = module_from_spec(spec)
        spec.loader.exec_module(redirection)
        finder: Finder = redirection.Finder(self._api_url, self)
        return finder


def _complain(error: Exception) -> None:
    try:  # noqa: SIM105 - contextlib is one more import
        sys.stderr.write(f"tautwire: slack_sdk does not use SLACK_API_URL ({type(error).__name__})\n")
    except Exception:  # noqa: BLE001, S110 - there is nobody to tell
        pass


def _run_hidden() -> None:
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _HERE]  # noqa: PTH100 - as above
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401, PLC0415 - the next that Python finds
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


# By its full name it is only looked at, by a test or a tool; under any other it is what Python's start has imported.
if not __name__.startswith("tautwire."):
    start()
