from __future__ import annotations

from typing import Any, AsyncIterator, Generic

from .._call import Call, T
from .._page import Page
from .http import AsyncHttp


class AsyncPages(Generic[T]):
    """A list that is read part by part, as far as somebody goes through it."""

    def __init__(self, http: AsyncHttp, path: str, query: dict[str, Any]) -> None:
        self._http = http
        self._path = path
        self._query = query

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The parts. One may be short or empty although others follow: a search looks through so many texts at a time."""
        query = dict(self._query)
        while True:
            call: Call[list[T]] = Call("GET", self._path, query=query)
            items, headers = await self._http.answer(call, repeatable=True)
            page = Page(items, headers.get("X-Next-Cursor"))
            yield page
            if page.next is None:
                return
            query["cursor"] = page.next

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
