"""Memory that was freed goes back to the machine, and what stays is not looked at again."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import lru_cache

# glibc's number for the most arenas that threads are spread over (malloc.h).
_M_ARENA_MAX = -8
_ARENAS = 2
_modules_before = 0


@lru_cache(maxsize=1)
def _allocator() -> ctypes.CDLL | None:
    """Return the C library if it is glibc; others neither need this nor know it."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows has no library of that kind
        return None
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def share_arenas() -> None:
    """Let all threads of this process take memory from the same two heaps.

    Each run of a page is a thread of its own. glibc gives each of them a heap, in which what a
    photo took stays behind for nobody.
    """
    library = _allocator()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return memory that was freed to the machine."""
    library = _allocator()
    if library is not None:
        library.malloc_trim(0)


def pass_over_what_stays() -> bool:
    """Let the garbage collector pass over what is there to stay, if modules came since last time.

    Streamlit collects garbage after each run of a page and holds all threads meanwhile: 90 ms in a
    process with plotly, pandas and scikit-learn, whose hundreds of thousands of objects never go.

    Returns:
        Whether there was something new.
    """
    global _modules_before
    now = len(sys.modules)
    if now == _modules_before:
        return False
    gc.collect()
    gc.freeze()
    _modules_before = now
    return True
