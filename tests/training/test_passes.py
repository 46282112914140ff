"""Photos go through in large batches where they are fast, and in small ones where they are not."""

from __future__ import annotations

import threading
import time

import pytest

from flowercore.data.dataset import Photo
from flowercore.errors import PhotoError
from flowercore.training.passes import through


def some(count: int) -> list[Photo]:
    return [
        Photo(f"rose/{number}.jpg", "rose", f"{number:064x}", 1, 1, 1, "JPEG")
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 50])
def test_every_photo_comes_once_with_its_own_result(count: int) -> None:
    photos = some(count)
    batches = list(through(photos, lambda photo: photo.key, threads=3, batch=8))
    results = [pair for batch in batches for pair in batch]
    assert sorted(results, key=lambda pair: photos.index(pair[0])) == [(p, p.key) for p in photos]


def test_a_photo_that_cannot_be_read_is_its_own_result_and_other_errors_are_raised() -> None:
    def compute(photo: Photo) -> int:
        if photo.key == "rose/3.jpg":
            raise PhotoError("damaged")
        return 1

    (batch,) = through(some(5), compute, threads=1, batch=8)
    assert [photo.key for photo, value in batch if isinstance(value, PhotoError)] == ["rose/3.jpg"]

    def fails(photo: Photo) -> int:
        raise MemoryError

    with pytest.raises(MemoryError):
        list(through(some(5), fails, threads=1, batch=8))


def test_slow_photos_are_handed_out_before_a_batch_is_full() -> None:
    began = time.monotonic()
    batches = through(some(200), lambda photo: time.sleep(0.3), threads=1, batch=100)
    first = next(batches)
    assert time.monotonic() - began < 15  # a whole batch takes 30 s
    assert len(first) < 100
    batches.close()


def test_no_more_photos_are_begun_than_asked_for_and_none_after_the_end() -> None:
    begun: list[str] = []
    lock = threading.Lock()

    def compute(photo: Photo) -> None:
        with lock:
            begun.append(photo.key)

    batches = through(some(1000), compute, threads=2, batch=5)
    taken = len(next(batches))
    # Not handed out: a batch in the making, and twice as many on their way.
    assert len(begun) <= taken + 3 * 5
    batches.close()
    assert len(begun) <= taken + 3 * 5
