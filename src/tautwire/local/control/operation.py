"""What a control operation is: a path, a body with named fields, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from tautwire.local.app import LocalSlack

__all__ = ["AppId", "Body", "Count", "Json", "Nothing", "Operation", "Room", "Ts", "Where", "Who", "given", "named"]

Json = dict[str, Any]

Who = Annotated[str, Meta(description="Somebody, by name or id.")]
Where = Annotated[str, Meta(description="A channel by name or id, or somebody for the direct conversation with them.")]
Ts = Annotated[str, Meta(description="A message by its `ts`; the latest one without.")]
AppId = Annotated[str, Meta(description="An app by its id.")]
Count = Annotated[int, Meta(ge=1, le=10_000, description="At most so many, the latest of them.")]


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all bodies; a field that nobody knows is refused by name."""


class Nothing(Body):
    """No fields."""


B = TypeVar("B", bound=Body)
Run = Callable[["LocalSlack", B], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `GET` reads, `POST` does. A GET takes its body's fields from the query.

    The docstring of `run` is its description: what it does, in a line, and what it answers. An order is one to the
    local Slack itself, which the journal tells of; what people do, it tells of anyway.
    """

    verb: Literal["GET", "POST"]
    path: str
    body: type[Body]
    run: Run[Any]
    is_order: bool = False

    @property
    def name(self) -> str:
        """Its name in the OpenAPI document."""
        return self.run.__name__


@dataclass(frozen=True, slots=True)
class Room:
    """The operations of one module; with `has_orders`, those that do something are orders."""

    has_orders: bool = False
    operations: list[Operation] = field(default_factory=list)

    def does(self, path: str, body: type[B]) -> Callable[[Run[B]], Run[B]]:
        """Enter the decorated coroutine function under `path`, as a POST."""
        return self._entering("POST", path, body)

    def tells(self, path: str, body: type[B]) -> Callable[[Run[B]], Run[B]]:
        """The same for one that only reads: a GET."""
        return self._entering("GET", path, body)

    def _entering(self, verb: Literal["GET", "POST"], path: str, body: type[B]) -> Callable[[Run[B]], Run[B]]:
        def enter(run: Run[B]) -> Run[B]:
            self.operations.append(Operation(verb, path, body, run, self.has_orders and verb == "POST"))
            return run

        return enter


def given(body: Body) -> Json:
    """The fields of a body that say something else than usual."""
    usual: Json = {each.name: each.default for each in msgspec.structs.fields(body) if not each.required}
    told: Json = msgspec.to_builtins(body)
    return {name: value for name, value in told.items() if value not in (usual.get(name, msgspec.UNSET), {}, [])}


def named(record: object) -> Json:
    """The fields of a dataclass or struct, for an answer."""
    told: Json = msgspec.to_builtins(record)
    return told
