"""`MODULE:NAME`: what of a user's program a command is to run, with one sentence for what cannot be."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["load"]


def load(place: str) -> Any:
    """The object at `MODULE:NAME`, the current directory being on the path. Raises `MistakeError`."""
    module_name, _, name = place.partition(":")
    if module_name.endswith(".py") or os.sep in module_name:
        raise MistakeError(f"{module_name} is a file; name its module, and what to run in it: app:app.")
    if not name or not all(part.isidentifier() for part in (*module_name.split("."), *name.split("."))):
        raise MistakeError(f"{place!r} is no MODULE:NAME, such as app:app.")
    found: Any = _module(module_name)
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise MistakeError(f"{module_name} has no {name!r}.") from None
    return found


def _module(name: str) -> Any:
    here = os.getcwd()  # noqa: PTH109  as sys.path has it
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise MistakeError(
                f"There is no module {error.name!r}, neither in {here} nor among those installed."
            ) from None
        problem = _problem(error, here)
    except SystemExit:
        problem = "it ends the program"
    except Exception as error:  # noqa: BLE001  a user's module may raise anything
        problem = _problem(error, here)
    raise MistakeError(f"{name} cannot be imported: {problem}.")


def _problem(error: Exception, here: str) -> str:
    said = traceback.format_exception_only(error)[-1].strip().partition("\n")[0].rstrip(".")
    places = list(_places(error))
    own = [(file, line) for file, line in places if file.startswith(here + os.sep)]
    for file, line in (own or places)[-1:]:
        return f"{said} ({os.path.relpath(file, here) if own else file}, line {line})"
    return said


def _places(error: Exception) -> Iterator[tuple[str, int]]:
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith("<") and frame.filename not in {__file__, importlib.__file__}:
            yield frame.filename, frame.lineno or 0
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno or 0
