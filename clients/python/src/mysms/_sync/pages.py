# Made by `make clients` from `_async`; not to be changed by hand.
from __future__ import annotations

from typing import Any, Iterator, Generic

from .._call import Call, T
from .._page import Page
from .http import Http


class Pages(Generic[T]):
    """A list that is read part by part, as far as somebody goes through it."""

    def __init__(self, http: Http, path: str, query: dict[str, Any]) -> None:
        self._http = http
        self._path = path
        self._query = query

    def pages(self) -> Iterator[Page[T]]:
        """The parts. One may be short or empty although others follow: a search looks through so many texts at a time."""
        query = dict(self._query)
        while True:
            call: Call[list[T]] = Call("GET", self._path, query=query)
            items, headers = self._http.answer(call, repeatable=True)
            page = Page(items, headers.get("X-Next-Cursor"))
            yield page
            if page.next is None:
                return
            query["cursor"] = page.next

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            for item in page.items:
                yield item
