"""One answer of a web server, read without waiting for it, and what failed in words."""

from __future__ import annotations

import errno
import queue
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from flowercore.errors import DownloadError

POLL_SECONDS = 0.1
_CONNECT_SECONDS, _SILENCE_SECONDS = 10.0, 20.0
_CHUNK = 1 << 16
_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}


class BrokenOffError(Exception):
    """The connection broke after the answer had begun."""


class Answer:
    """One answer of a server, read in a thread of its own.

    A server that says nothing cannot be waited for here: whoever stops a download wants to be
    heard at once, and reading from a socket hears nobody.
    """

    def __init__(self, url: str, begun: int, check: Callable[[], None]) -> None:
        self._url = url
        self._server = urlsplit(url).netloc
        self._check = check
        # What one side has read and the other has not written yet stays small.
        self._items: queue.Queue[Any] = queue.Queue(maxsize=16)
        self._left = threading.Event()
        self._begun = begun

    def __enter__(self) -> Answer:
        threading.Thread(target=self._read, name="download", daemon=True).start()
        try:
            response = self._next()
        except BaseException as error:
            self._left.set()
            if isinstance(error, OSError):  # the base of all errors of requests
                raise DownloadError(_unreachable(self._server, error)) from error
            raise
        self.status: int = response.status_code
        headers = response.headers
        length = headers.get("Content-Length", "")
        plain = headers.get("Content-Encoding", "identity") == "identity"
        self.length = int(length) if length.isdigit() and plain else None
        start = re.match(r"bytes (\d+)-", headers.get("Content-Range", ""))
        self.start = int(start[1]) if start else None
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()

    def chunks(self) -> Iterator[bytes]:
        """Yield the body.

        Raises:
            BrokenOffError: If it ends too early.
        """
        try:
            while (chunk := self._next()) is not None:
                yield chunk
        except OSError as error:
            reason = "sent nothing more" if _is_silence(error) else "broke off"
            raise BrokenOffError(f"The connection to {self._server} {reason}") from error

    def _next(self) -> Any:
        while True:
            self._check()
            try:
                item = self._items.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(item, BaseException):
                raise item
            return item

    def _read(self) -> None:
        import requests

        # Compressed on the way, a length would say nothing of the file.
        headers = {"Accept-Encoding": "identity"}
        if self._begun:
            headers["Range"] = f"bytes={self._begun}-"
        patience = (_CONNECT_SECONDS, _SILENCE_SECONDS)
        try:
            with requests.get(self._url, headers=headers, timeout=patience, stream=True) as got:
                going = self._put(got)
                body = got.iter_content(_CHUNK)
                while going:
                    chunk = next(body, None)
                    going = self._put(chunk) and chunk is not None
        except Exception as error:  # raised where the answer is used
            self._put(error)

    def _put(self, item: Any) -> bool:
        while not self._left.is_set():
            try:
                self._items.put(item, timeout=POLL_SECONDS)
                return True
            except queue.Full:
                continue
        return False


def refusal(url: str, status: int) -> str:
    """Say what it means that a server answered with another status than asked for.

    Args:
        url: What was asked for.
        status: HTTP status, not 200 or 206.
    """
    server = urlsplit(url).netloc
    if status in (404, 410):
        return f"{server} has no such file (status {status}): {url}. It was moved or taken away."
    if status in (401, 403):
        return f"{server} does not give this file to everybody (status {status}): {url}."
    if status == 429 or status >= 500:
        return f"{server} cannot give the file at the moment (status {status}). Try again later."
    return f"{server} did not give the file (status {status}): {url}."


def _unreachable(server: str, error: BaseException) -> str:
    causes = list(_causes(error))
    kinds = {type(cause).__name__ for cause in causes}
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    if {"NameResolutionError", "gaierror"} & kinds:
        return f"The name {server} is not known here: there is no internet, or no name server."
    if "SSLError" in kinds:
        return (
            f"{server} could not prove that it is the right server. A proxy may stand between, or "
            "this machine's clock is wrong."
        )
    if "ProxyError" in kinds:
        return f"The proxy that this machine is set to did not let {server} be reached."
    if "TooManyRedirects" in kinds:
        return f"{server} sends in circles from one address to the next."
    if _is_silence(error):
        return f"{server} did not answer in time. The internet is slow, or a firewall swallows it."
    if numbers & _NO_ROUTE:
        return f"There is no way from this machine to {server}: it has no internet."
    if errno.ECONNREFUSED in numbers:
        return f"{server} refuses connections: no server runs there, or a firewall forbids it."
    return f"{server} could not be reached ({type(error).__name__})."


def _is_silence(error: BaseException) -> bool:
    kinds = ("Timeout", "TimeoutError")
    return any(type(cause).__name__.endswith(kinds) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    # requests wraps urllib3's errors as an argument, urllib3 wraps the socket's as a reason.
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            reason = getattr(cause, "reason", None)
            waiting += [*cause.args, reason, cause.__cause__, cause.__context__]
