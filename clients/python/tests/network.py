"""The network at its worst."""

from __future__ import annotations

from typing import Iterator, List, Tuple, Union

import httpx

# What becomes of a request. A number is answered instead of the server. `lost` reaches the server, whose
# answer is lost; `refused` does not reach it. `cut` is a stream that ends after its first event.
Fate = Union[str, int, Tuple[int, "dict[str, str]"]]


class BadNetwork(httpx.BaseTransport):
    """Has a fate for each request, one after the other; those after the last are left alone."""

    def __init__(self, *fates: Fate) -> None:
        self.fates: List[Fate] = list(fates)
        self.seen: List[httpx.Request] = []
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        fate = self.fates.pop(0) if self.fates else "ok"
        if isinstance(fate, int):
            return httpx.Response(fate, text="<h1>No</h1>")
        if isinstance(fate, tuple):
            return httpx.Response(fate[0], headers=fate[1])
        if fate == "refused":
            raise httpx.ConnectError("refused", request=request)
        answer = self._real.handle_request(request)
        if fate == "lost":
            answer.close()
            raise httpx.ReadError("lost", request=request)
        if fate == "cut":
            return httpx.Response(answer.status_code, headers=answer.headers, stream=FirstEvent(answer))
        return answer


class FirstEvent(httpx.SyncByteStream):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._answer.iter_raw():
            yield piece
            if b"data:" in piece:
                return

    def close(self) -> None:
        self._answer.close()
