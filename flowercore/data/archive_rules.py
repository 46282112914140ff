"""What an archive may not hold, whatever its format; a breach refuses the whole archive."""

from __future__ import annotations

import re
from pathlib import Path

from flowercore.data.names import shown
from flowercore.errors import ArchiveError
from flowercore.settings import settings

_DRIVE = re.compile(r"[A-Za-z]:")
# Small text files may honestly pack better than the ratio.
_RATIO_FLOOR_BYTES = 100_000


class Rules:
    """Counts what comes out of one archive and refuses it at the first breach.

    Args:
        archive: The archive's file.

    Attributes:
        packed: Size of the archive, bytes.
    """

    def __init__(self, archive: Path) -> None:
        self._name = shown(archive.name)
        self._limits = settings().limits
        self._entries = 0
        self._unpacked = 0
        self.packed = archive.stat().st_size
        if self.packed > self._limits.archive_bytes:
            raise self.refuse(
                f"be at most {self._limits.archive_bytes / 1e6:g} MB",
                f"{self.packed / 1e6:,.1f} MB",
            )

    def entry(self, name: str) -> None:
        """Count an entry and check its name.

        Args:
            name: As it stands in the archive.

        Raises:
            ArchiveError: If there are too many entries, or the name leads out of the archive.
        """
        self._entries += 1
        if self._entries > self._limits.archive_entries:
            raise self.refuse(
                f"have at most {self._limits.archive_entries:,} files and folders", "more"
            )
        parts = name.split("/")
        if "\\" in name or "\x00" in name:
            raise self._bad_name("a forbidden character in the name", name)
        if name.startswith("/") or _DRIVE.match(name):
            raise self._bad_name("the absolute path", name)
        if ".." in parts:
            raise self._bad_name("the upward path", name)

    def kind(self, words: str, name: str) -> ArchiveError:
        """Return the error for an entry that is neither a file nor a folder."""
        return self.refuse("hold plain files and folders only", f"{words}, '{shown(name)}'")

    def declared(self, name: str, size: int, packed: int) -> None:
        """Check the sizes that an entry claims.

        Raises:
            ArchiveError: If it packs far better than photos do.
        """
        if size > _RATIO_FLOOR_BYTES and size > self._limits.archive_ratio * max(packed, 1):
            raise self._ratio(f"'{shown(name)}' with {size / 1e6:,.1f} MB in {packed:,} bytes")

    def unpacked(self, count: int) -> None:
        """Count bytes that really came out, or that are about to.

        Raises:
            ArchiveError: If they are too many, or too many for the size of the archive.
        """
        self._unpacked += count
        limit = self._limits.archive_unpacked_bytes
        if self._unpacked > limit:
            raise self.refuse(f"unpack to at most {limit / 1e9:g} GB", "more")
        allowed = max(self._limits.archive_ratio * self.packed, _RATIO_FLOOR_BYTES)
        if self._unpacked > allowed:
            raise self._ratio(f"{self._unpacked / 1e6:,.1f} MB in {self.packed:,} bytes")

    def refuse(self, rule: str, received: str) -> ArchiveError:
        """Return the error for a broken rule."""
        return ArchiveError(f"An archive must {rule}. Received: '{self._name}', {received}.")

    def damaged(self) -> ArchiveError:
        """Return the error for an archive whose structure cannot be read."""
        return self.refuse("be whole and readable", "which is damaged or cut off")

    def _bad_name(self, words: str, name: str) -> ArchiveError:
        return self.refuse("hold names that stay inside it", f"{words} '{shown(name)}'")

    def _ratio(self, received: str) -> ArchiveError:
        ratio = self._limits.archive_ratio
        return self.refuse(f"unpack to at most {ratio} times its size", received)
