"""What the people in a room are called: a friendly invented name, or one that they choose."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping

from flowercore.data.names import shown
from flowercore.errors import ConfigError

LONGEST = 24
"""Characters of a nickname: more would not be read from the last row."""

_SIGNS = " -_'."
_KINDS = ("L", "M", "N")  # letters and digits of every script, and the marks on them

# No word that teases, none that says more than the other: nobody chose theirs.
ADJECTIVES = (
    *("Able", "Agile", "Amber", "Bold", "Brave", "Bright", "Brisk", "Busy", "Calm", "Candid"),
    *("Cheerful", "Clear", "Clever", "Coral", "Cosy", "Crisp", "Curious", "Daring", "Deft"),
    *("Eager", "Early", "Fair", "Fond", "Frank", "Fresh", "Gentle", "Glad", "Golden", "Grand"),
    *("Happy", "Honest", "Indigo", "Jolly", "Keen", "Kind", "Light", "Lively", "Lucky", "Lunar"),
    *("Merry", "Mild", "Neat", "Nimble", "Noble", "Open", "Patient", "Polite", "Proud", "Quick"),
    *("Quiet", "Rapid", "Ready", "Serene", "Sharp", "Silver", "Smart", "Solar", "Steady"),
    *("Sunny", "Swift", "Tidy", "True", "Vivid", "Warm"),
)
FLOWERS = (
    *("Acacia", "Allium", "Anemone", "Arnica", "Aster", "Azalea", "Begonia", "Bellflower"),
    *("Bluebell", "Borage", "Buttercup", "Camellia", "Campion", "Clover", "Columbine", "Cosmos"),
    *("Cowslip", "Crocus", "Cyclamen", "Daffodil", "Dahlia", "Edelweiss", "Forsythia"),
    *("Foxglove", "Freesia", "Fuchsia", "Gardenia", "Gentian", "Geranium", "Gladiolus"),
    *("Heather", "Hibiscus", "Hyacinth", "Hydrangea", "Iris", "Jasmine", "Larkspur", "Lavender"),
    *("Lilac", "Lily", "Lobelia", "Lotus", "Lupin", "Magnolia", "Mallow", "Marigold", "Mimosa"),
    *("Myrtle", "Nasturtium", "Oleander", "Orchid", "Pansy", "Peony", "Petunia", "Phlox"),
    *("Poppy", "Primrose", "Snowdrop", "Sorrel", "Thistle", "Verbena", "Violet", "Yarrow"),
    "Zinnia",
)


def invented(visitor: str, attempt: int = 0) -> str:
    """Return a name of two words that belongs to a visitor's id, always the same.

    Args:
        visitor: Random id.
        attempt: 0, or how many earlier ones were taken.
    """
    digest = hashlib.sha256(f"{visitor}/{attempt}".encode()).digest()
    first, second = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")
    return f"{ADJECTIVES[first % len(ADJECTIVES)]} {FLOWERS[second % len(FLOWERS)]}"


def invented_for(members: Mapping[str, str]) -> dict[str, str]:
    """Return the invented name of everybody in a room, no two alike.

    Args:
        members: Nickname, or nothing, by visitor, in the order in which they came: whoever comes
            later changes nobody's name.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for visitor in members:
        attempt = 0
        while (name := invented(visitor, attempt)) in taken and attempt < len(ADJECTIVES):
            attempt += 1
        if name in taken:
            name = f"{name} {len(taken) + 1}"
        taken.add(name)
        found[visitor] = name
    return found


def names(members: Mapping[str, str]) -> dict[str, str]:
    """Return what everybody in a room is called: the nickname they chose, or the invented name."""
    return {visitor: members[visitor] or name for visitor, name in invented_for(members).items()}


def checked_nickname(text: str, visitor: str, members: Mapping[str, str]) -> str:
    """Return a nickname as it is kept.

    Args:
        text: As a person typed it; empty for the invented name.
        visitor: Who wants it.
        members: Everybody in the room; see `invented_for`.

    Raises:
        ConfigError: If it is too long, holds other signs, or somebody else is called so.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name:
        return ""
    if len(name) > LONGEST:
        raise ConfigError(
            f"A nickname may have {LONGEST} characters at most. Received: {len(name)}."
        )
    letters = [one for one in name if unicodedata.category(one)[0] in _KINDS]
    if not letters or any(one not in letters and one not in _SIGNS for one in name):
        raise ConfigError(
            "A nickname may hold letters, digits, spaces and - _ ' . and needs one letter or "
            f"digit. Received: '{shown(name)}'."
        )
    others = {key: value for key, value in members.items() if key != visitor}
    # An invented name stays its owner's while they use another: they may come back to it.
    known = {*invented_for(members).values(), *others.values()} - {
        invented_for(members).get(visitor)
    }
    if name.casefold() in {one.casefold() for one in known if one}:
        raise ConfigError(
            f"Somebody in the room is called '{shown(name)}' already. Choose another nickname."
        )
    return name
