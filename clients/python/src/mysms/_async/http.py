from __future__ import annotations

import json
from typing import Any, AsyncIterator, Callable

import anyio
import httpx

from .._call import Call, T
from .._retry import pause_before
from ..errors import ApiError, MySmsError, NoAnswerError, NotFoundError, error_of


class AsyncHttp:
    """Sends requests, and sends them again where that is harmless and may help."""

    def __init__(self, url: str, token: str | None, retries: int, client: httpx.AsyncClient) -> None:
        self.token = token
        self.client = client
        self._url = url.rstrip("/")
        self._retries = retries

    async def answer(self, call: Call[T], repeatable: bool) -> tuple[T, httpx.Headers]:
        """The whole answer, which is JSON."""
        return await self._whole(call, repeatable, _parsed)

    async def content(self, call: Call[Any]) -> httpx.Response:
        """The whole answer to a `GET`, whatever it is."""
        answer, _ = await self._whole(call, True, lambda answer: answer)
        return answer

    async def _whole(
        self, call: Call[Any], repeatable: bool, read: Callable[[httpx.Response], T]
    ) -> tuple[T, httpx.Headers]:
        perhaps_done = False
        failed = 0
        while True:
            try:
                return await self._once(call, read)
            except MySmsError as error:
                if perhaps_done and call.method == "DELETE" and isinstance(error, NotFoundError):
                    nothing: Any = None
                    return nothing, httpx.Headers()
                perhaps_done = perhaps_done or not isinstance(error, ApiError) or error.status >= 500
                wait = pause_before(error, failed, repeatable) if failed < self._retries else None
                if wait is None:
                    raise
                failed += 1
            await anyio.sleep(wait)

    async def _once(
        self, call: Call[Any], read: Callable[[httpx.Response], T]
    ) -> tuple[T, httpx.Headers]:
        try:
            answer = await self.client.send(self._request(call))
        except httpx.RequestError as cause:
            raise NoAnswerError(str(cause) or type(cause).__name__) from cause
        if not answer.is_success:
            raise error_of(answer.status_code, answer.headers, _json(answer.content))
        return read(answer), answer.headers

    async def pieces(self, call: Call[Any], silence: float) -> AsyncIterator[str]:
        """A text as it comes, until it ends or says nothing for so many seconds."""
        request = self._request(call)
        request.extensions = {"timeout": httpx.Timeout(30, read=silence).as_dict()}
        try:
            answer = await self.client.send(request, stream=True)
            try:
                if not answer.is_success:
                    body = _json(await answer.aread())
                    raise error_of(answer.status_code, answer.headers, body)
                async for text in answer.aiter_text():
                    yield text
            finally:
                await answer.aclose()
        except httpx.RequestError as cause:
            raise NoAnswerError(str(cause) or type(cause).__name__) from cause

    def _request(self, call: Call[Any]) -> httpx.Request:
        headers = call.headers
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(call.body, ensure_ascii=False).encode()
        url = self._url + call.target
        params = httpx.QueryParams(call.parameters)
        return self.client.build_request(call.method, url, params=params, headers=headers, content=content)


def _parsed(answer: httpx.Response) -> Any:
    body = _json(answer.content)
    if body is None and answer.content.strip() not in (b"", b"null"):
        raise NoAnswerError("The answer is not JSON")
    return body


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
