from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator


@dataclass
class Block:
    """A block of an event stream. Without `data` it is no event, but it may have a new `id`."""

    event: str = "message"
    data: str | None = None
    id: str | None = None
    # Seconds after which to come back.
    retry: float | None = None


class BlockParser:
    """Reads Server-Sent Events from pieces of text that are cut anywhere."""

    def __init__(self) -> None:
        self._rest = ""
        self._lines: list[str] = []

    def push(self, text: str) -> Iterator[Block]:
        """The blocks that are complete now."""
        *lines, self._rest = re.split(r"\r\n|\n|\r(?=[^\n])", self._rest + text)
        # The last line goes on, or ends with half of a line break.
        for line in lines:
            if line:
                self._lines.append(line)
            elif self._lines:
                yield _block(self._lines)
                self._lines = []


def _block(lines: list[str]) -> Block:
    block = Block()
    for line in lines:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            block.event = value
        elif name == "id":
            block.id = value
        elif name == "data":
            block.data = value if block.data is None else f"{block.data}\n{value}"
        elif name == "retry" and value.isdecimal():
            block.retry = int(value) / 1000
    return block
