from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class File:
    """A picture or another file of a text."""

    content: bytes = field(repr=False)
    #: Such as `image/jpeg`.
    content_type: str
