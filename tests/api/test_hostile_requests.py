"""Requests made to break the interface: words and a status, and the next visitor sees nothing."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import pytest
import requests

from tests.api.answered import checked
from tests.hostile.crafted_photos import jpeg, png, png_chunk, segment, with_segments

BOUNDARY = "----of-the-test"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name: str, data: bytes) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'
    )
    return head.encode() + data + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def send(address: str, body: bytes | Iterator[bytes], **headers: str) -> requests.Response:
    return requests.post(f"{address}/predict", data=body, headers={**HEADERS, **headers})


@pytest.fixture(autouse=True)
def next_visitor(run_id: str, address: str, rose: Path) -> Iterator[None]:
    """Ask for a good photo after each test: it must be answered."""
    yield
    good = part("good.jpg", rose.read_bytes()) + END
    while (answer := send(address, good)).status_code == 503:
        sleep(0.05)  # those of this test are still on their way out
    assert checked(answer, 200)["answers"][0]["label"]


def bad_checksum() -> bytes:
    picture = bytearray(png(60, 40, (b"\x00" + bytes(180)) * 40))
    picture[29] ^= 0xFF  # the header's
    return bytes(picture)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("bomb.png", png(30_000, 30_000, bytes(10_000_000)), "30,000 x 30,000 pixels"),
        ("checksum.png", bad_checksum(), "a PNG file that is damaged"),
        ("half.jpg", jpeg()[:2000], "cut off"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "an SVG"),
        ("scan.tiff", b"II*\x00" + bytes(50), "a TIFF picture"),
        ("paper.pdf", b"%PDF-1.7\n", "a PDF document"),
        ("program.png", b"MZ\x90\x00" + bytes(100), "a Windows program"),
    ],
)
def test_what_is_no_good_photo(address: str, name: str, data: bytes, words: str) -> None:
    said = checked(send(address, part(name, data) + END), 422)
    assert words in said["error"]
    assert f"'{name}'" in said["error"]


def test_a_photo_with_a_huge_exif_block_is_answered(address: str) -> None:
    blocks = [segment(0xE1, b"Exif\x00\x00" + bytes(65_000)) for _ in range(300)]
    data = with_segments(jpeg(), *blocks)
    assert len(data) > 19_000_000
    assert checked(send(address, part("exif.jpg", data) + END), 200)


def test_a_png_full_of_text_is_answered(address: str) -> None:
    picture = png(60, 40, (b"\x00" + bytes(180)) * 40, png_chunk(b"tEXt", b"a" * 1_000_000))
    assert checked(send(address, part("text.png", picture) + END), 200)


def test_a_thousand_files_at_once(address: str, rose: Path, limits: Callable[..., None]) -> None:
    limits(api_photos=10)
    body = part("a.jpg", rose.read_bytes()) * 1000 + END
    assert "at most 10 photos" in checked(send(address, body), 413)["error"]


def test_a_photo_over_the_limit_keeps_no_other_from_its_answer(
    address: str, rose: Path, limits: Callable[..., None]
) -> None:
    data = rose.read_bytes()
    limits(photo_bytes=len(data))
    body = part("large.jpg", data + bytes(200_000)) + part("good.jpg", data) + END
    large, good = checked(send(address, body), 200)["answers"]
    assert large["error"].startswith("A photo must be at most")
    assert "'large.jpg', 0.2 MB" in large["error"]
    assert good["label"]


def test_a_body_over_the_limit_is_refused_by_what_it_says(
    address: str, limits: Callable[..., None]
) -> None:
    limits(api_bytes=1_000_000)
    answer = send(address, part("a.jpg", bytes(1_500_000)) + END)
    assert "at most 1 MB. Received: 2 MB" in checked(answer, 413)["error"]
    assert answer.headers["connection"] == "close"


def test_a_body_that_never_ends_is_refused_when_it_is_too_large(
    address: str, limits: Callable[..., None]
) -> None:
    limits(api_bytes=1_000_000)
    taken = threading.Event()

    def endless() -> Iterator[bytes]:
        yield part("a.jpg", b"")[:-2]
        # Two limits full are taken in, so that this client reads the words; then it is let go.
        for _ in itertools.takewhile(lambda _: not taken.is_set(), range(100)):
            yield bytes(20_000)

    answer = send(address, endless())
    taken.set()
    assert "at most 1 MB. Received: more" in checked(answer, 413)["error"]


def connected(address: str, *lines: str) -> socket.socket:
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname or "", place.port or 0), timeout=60)
    head = ["POST /api/predict HTTP/1.1", "Host: test", *lines]
    connection.sendall("\r\n".join([*head, "", ""]).encode())
    return connection


def read(connection: socket.socket) -> str:
    text = b""
    while piece := connection.recv(65_536):
        text += piece
    return text.decode()


@pytest.mark.parametrize("trickling", [False, True])
def test_a_body_that_stops_or_trickles_is_given_up(
    address: str, limits: Callable[..., None], trickling: bool
) -> None:
    limits(api_seconds=1)
    content = f"Content-Type: {HEADERS['Content-Type']}"
    over = threading.Event()
    with connected(address, content, "Content-Length: 5000000") as connection:
        connection.sendall(part("a.jpg", b"")[:-2])

        def trickle() -> None:
            while not over.wait(0.1):
                connection.sendall(b".")

        thread = threading.Thread(target=trickle if trickling else over.wait)
        thread.start()
        try:
            answer = read(connection)
        finally:
            over.set()
            thread.join()
    assert answer.startswith("HTTP/1.1 408 ")
    assert "within 1 seconds and one more for each 100 kB" in answer


def test_a_client_that_hangs_up_is_forgotten(address: str) -> None:
    content = f"Content-Type: {HEADERS['Content-Type']}"
    for _ in range(20):  # more than may be inside at once
        with connected(address, content, "Content-Length: 5000000") as connection:
            connection.sendall(part("a.jpg", bytes(1000)))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "At least one photo"),
        (END, "At least one photo"),
        (b"hello", "cannot be taken apart"),
        (b"\x00" * 100_000, "cannot be taken apart"),
        (part("a.jpg", jpeg()), "cannot be taken apart"),
        (f"--{BOUNDARY}\r\n".encode() + b"a" * 100_000, "cannot be taken apart"),
        (f"--{BOUNDARY}\r\n".encode() + b"a: b\r\n" * 10_000, "cannot be taken apart"),
    ],
    ids=["empty", "only an end", "text", "zeros", "no end", "long header", "many headers"],
)
def test_a_body_that_is_none(address: str, body: bytes, words: str) -> None:
    assert words in checked(send(address, body), 422)["error"]


def test_a_part_without_a_name_is_a_photo_like_any_other(address: str) -> None:
    body = f"--{BOUNDARY}\r\n\r\n".encode() + jpeg() + b"\r\n" + END
    assert checked(send(address, body), 200)["answers"][0]["photo"] == "photo"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "image/jpeg"},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/mixed; boundary=x"},
        {"Content-Type": "\u00e9" * 500},
        {"Content-Encoding": "gzip"},
    ],
)
def test_other_kinds_of_body(address: str, headers: dict[str, str]) -> None:
    said = checked(send(address, part("a.jpg", jpeg()) + END, **headers), 415)
    assert len(said["error"]) < 400


def test_a_kind_of_body_without_its_boundary_is_named(address: str) -> None:
    answer = send(address, part("a.jpg", jpeg()) + END, **{"Content-Type": "multipart/form-data"})
    assert "Received: multipart/form-data without a boundary" in checked(answer, 415)["error"]


def test_a_boundary_too_long_to_be_one(address: str) -> None:
    kind = f"multipart/form-data; boundary={'b' * 5000}"
    checked(requests.post(f"{address}/predict", data=b"x", headers={"Content-Type": kind}), 422)
