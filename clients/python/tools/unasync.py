"""Writes the blocking client: what `_async` has, without waiting for others.

usage: unasync.py src/mysms/_async src/mysms/_sync
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HEADER = "# Made by `make clients` from `_async`; not to be changed by hand.\n"

# In this order.
CHANGES = [
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsyncGenerator\[(.+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\bimport anyio\b", "import time"),
    (r"\banyio\.sleep\b", "time.sleep"),
    (r"__a(enter|exit|iter)__", r"__\1__"),
    (r"\ba(close|read|iter_text)\b", r"\1"),
]


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    for file in sorted(source.glob("*.py")):
        text = file.read_text()
        for before, after in CHANGES:
            text = re.sub(before, after, text)
        (target / file.name).write_text(HEADER + text)


if __name__ == "__main__":
    main()
