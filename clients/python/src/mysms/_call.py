from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Generic, Mapping, TypeVar
from urllib.parse import quote

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request that has not been sent; `T` is what its answer says."""

    method: str
    template: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = None

    @property
    def target(self) -> str:
        """The path, with its parameters in their places."""
        return self.template.format(**{name: quote(value, safe="") for name, value in self.path.items()})

    @property
    def parameters(self) -> list[tuple[str, str | int | float | bool | None]]:
        return [
            (name, written(one))
            for name, value in self.query.items()
            for one in (value if isinstance(value, (list, tuple)) else [value])
            if one is not None
        ]

    @property
    def headers(self) -> dict[str, str]:
        return {name: value for name, value in self.header.items() if value is not None}


def written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        # One without a zone is taken as the clock of this machine.
        return value.astimezone(timezone.utc).isoformat()
    return str(value)
