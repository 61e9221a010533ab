from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from ._call import T


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list. `next` is the cursor of the next part; nothing after the last."""

    items: list[T]
    next: str | None
