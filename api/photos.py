"""Photos out of a multipart body, one after the other, as they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from api.body import Body
from api.refusal import RefusedError
from flowercore.data.names import shown
from flowercore.data.photo_errors import too_large
from flowercore.settings import Limits

_KIND = "multipart/form-data"
_EXAMPLE = 'For example: curl -F photo=@rose.jpg "…/api/predict"'


@dataclass
class Photo:
    """What arrived in one part of a body.

    Attributes:
        name: As its sender calls it, shortened for showing.
        content: Its bytes; none of them if there were more than the limit.
        size: How many arrived.
    """

    name: str = ""
    content: bytearray = field(default_factory=bytearray)
    size: int = 0


def boundary_of(content_type: str, content_encoding: str = "") -> bytes:
    """Return what stands between the parts of a body.

    Args:
        content_type: The request's header.
        content_encoding: Likewise.

    Raises:
        RefusedError: If it is no multipart body.
    """
    kind, options = parse_options_header(content_type)
    if kind.decode("latin-1") != _KIND or not options.get(b"boundary"):
        given = shown(kind.decode("latin-1")) or "no Content-Type"
        if given == _KIND:
            given = f"{_KIND} without a boundary, which whatever packs the photos must add"
        raise RefusedError(415, f"Photos must come as {_KIND}. Received: {given}. {_EXAMPLE}")
    if content_encoding.lower() not in ("", "identity"):
        raise RefusedError(
            415,
            f"A body must come as it is. Received: Content-Encoding: {shown(content_encoding)}. "
            "Send it uncompressed.",
        )
    return options[b"boundary"]


async def photos(body: Body, boundary: bytes, limits: Limits) -> AsyncIterator[Photo]:
    """Yield the photos of a body; the next ones are read when the caller has taken the last.

    Args:
        body: The multipart body.
        boundary: What stands between its parts.
        limits: How many photos there may be, and how large.

    Raises:
        RefusedError: If there are too many or none, or the body cannot be taken apart.
    """
    parts = _Parts(limits)
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        async for chunk in body.chunks():
            parser.write(chunk)
            while parts.ready:
                yield parts.ready.pop(0)
        parser.finalize()
    except FormParserError as error:
        raise _broken() from error
    if not parts.count:
        raise RefusedError(422, f"At least one photo must be sent. Received: none. {_EXAMPLE}")
    if not parts.ended:
        raise _broken()


def _broken() -> RefusedError:
    return RefusedError(
        422,
        f"A body must be whole and take the form of {_KIND}. Received: one that cannot be taken "
        f"apart. {_EXAMPLE}",
    )


class _Parts:
    """Hears from the parser what it finds, and keeps the photos that are complete."""

    def __init__(self, limits: Limits) -> None:
        self.ready: list[Photo] = []
        self.count = 0
        self.ended = False
        self._limits = limits
        self._photo = Photo()
        self._header, self._value, self._disposition = b"", b"", ""

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._end,
        }

    def _part_begins(self) -> None:
        self.count += 1
        if self.count > self._limits.api_photos:
            raise RefusedError(
                413,
                f"A request may hold at most {self._limits.api_photos:,} photos. Received: more. "
                "Send them in several requests.",
            )
        self._photo, self._disposition = Photo(), ""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value.decode("latin-1")
        self._header, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        field = _text(options.get(b"name", b""))
        file = options.get(b"filename")
        if file is None and field == "run":
            raise RefusedError(
                422,
                "Which run answers must stand in the address, as in /api/predict?run=starter. "
                "Received: a field of the body.",
            )
        self._photo.name = shown(_text(file or b"") or field) or "photo"

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._photo.size += end - start
        if self._photo.size > self._limits.photo_bytes:
            self._photo.content.clear()
        else:
            self._photo.content += data[start:end]

    def _part_ends(self) -> None:
        self.ready.append(self._photo)
        self._photo = Photo()

    def _end(self) -> None:
        self.ended = True


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def refused(photo: Photo, limits: Limits) -> str | None:
    """Return why a photo is refused before anybody looks into it, or None."""
    return str(too_large(photo.name, photo.size)) if photo.size > limits.photo_bytes else None
