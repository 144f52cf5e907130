"""Malls that give a token for keys: asked for with the first request of a talk, kept as long as the talk."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

import httpx

from core.asking import RefusedError


class TokenAuth(httpx.Auth):
    """Puts a token into ``header`` that ``url`` gives for a form; RefusedError (401) where it gives none."""

    requires_response_body = True

    def __init__(
        self, url: str, form: Callable[[], Mapping[str, str]], *, header: str = "Authorization", prefix: str = "Bearer "
    ) -> None:
        self._url, self._form, self._header, self._prefix, self._token = url, form, header, prefix, ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Ask for the token where there is none yet, then let the request go with it."""
        if not self._token:
            answer = yield httpx.Request("POST", self._url, data=dict(self._form()))
            if answer.status_code >= 500 or answer.status_code == 429:
                raise httpx.RemoteProtocolError("no token", request=request)
            found = _read(answer)
            if answer.status_code >= 400 or not found.get("access_token"):
                word = found.get("error_description") or found.get("message") or found.get("error") or found.get("code")
                raise RefusedError(str(word or answer.status_code), 401)
            self._token = str(found["access_token"])
        request.headers[self._header] = f"{self._prefix}{self._token}"
        yield request


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
