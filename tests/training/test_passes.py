"""Photos go through in large batches where they are fast, and in small ones where they are not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from flowercore.data.dataset import Photo
from flowercore.errors import PhotoError
from flowercore.training.passes import singly, through


def some(count: int) -> list[Photo]:
    return [
        Photo(f"rose/{number}.jpg", "rose", f"{number:064x}", 1, 1, 1, "JPEG")
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 50])
def test_every_photo_comes_once_with_its_own_result(count: int) -> None:
    photos = some(count)
    batches = list(through(photos, singly(lambda photo: photo.key), threads=3, batch=8))
    results = [pair for batch in batches for pair in batch]
    assert sorted(results, key=lambda pair: photos.index(pair[0])) == [(p, p.key) for p in photos]


def test_a_photo_that_cannot_be_read_is_its_own_result_and_other_errors_are_raised() -> None:
    def compute(photo: Photo) -> int:
        if photo.key == "rose/3.jpg":
            raise PhotoError("damaged")
        return 1

    (batch,) = through(some(5), singly(compute), threads=1, batch=8)
    assert [photo.key for photo, value in batch if isinstance(value, PhotoError)] == ["rose/3.jpg"]

    def fails(photo: Photo) -> int:
        raise MemoryError

    with pytest.raises(MemoryError):
        list(through(some(5), singly(fails), threads=1, batch=8))


def test_slow_photos_are_handed_out_before_a_batch_is_full() -> None:
    began = time.monotonic()
    batches = through(some(200), singly(lambda photo: time.sleep(0.3)), threads=1, batch=100)
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

    batches = through(some(1000), singly(compute), threads=2, batch=5)
    taken = len(next(batches))
    # Not handed out: a batch in the making, and twice as many on their way.
    assert len(begun) <= taken + 3 * 5
    batches.close()
    assert len(begun) <= taken + 3 * 5


def test_the_last_photos_are_shared_out_evenly() -> None:
    taken: list[list[int]] = []

    def compute(photos: Sequence[Photo]) -> Iterator[int]:
        taken.append([int(photo.sha256, 16) for photo in photos])
        return (0 for _ in photos)

    assert sum(map(len, through(some(100), compute, threads=2, batch=32))) == 100
    assert sorted(number for part in taken for number in part) == list(range(100))
    sizes = [len(part) for part in sorted(taken)]
    assert sizes[0] == 8
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-4:] == [1, 1, 1, 1]


def test_what_was_taken_is_not_finished_once_nobody_waits() -> None:
    computed = threading.Semaphore(0)
    go_on = threading.Event()

    def compute(photo: Photo) -> None:
        computed.release()
        if photo.key != "rose/0.jpg":
            go_on.wait(30)

    batches = through(some(100), singly(compute), threads=1, batch=32)
    assert len(next(batches)) == 1
    # Closing waits for the photo that is being computed, and for no other of its eight.
    threading.Timer(0.3, go_on.set).start()
    batches.close()
    begun = 0
    while computed.acquire(blocking=False):
        begun += 1
    assert begun == 2
