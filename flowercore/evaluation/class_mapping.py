"""Which class of a run each class of another dataset is: suggested by name, given, and checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from flowercore.data.names import shown
from flowercore.errors import ConfigError, DatasetError

LEFT_OUT = ""
"""In a mapping: the photos of this class are not judged."""

# English and Latin endings of a plural, and what stands there in the singular.
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("i", "us"), ("ae", "a"))
_SHORTEST = 3
# Least canonical combining class of a mark that is no part of its letter.
_ACCENTS = 200


def suggested(given: Iterable[str], classes: Sequence[str]) -> dict[str, str]:
    """Suggest a class of the run for each class of a dataset.

    Args:
        given: The dataset's classes.
        classes: The run's classes.

    Returns:
        By class of the dataset the class of the run that is called the same, or else but for case,
        separators, accents and plural; `LEFT_OUT` where there is none, or several are as near.
    """
    return {name: _nearest(name, classes) for name in given}


def completed(
    given: Sequence[str], classes: Sequence[str], mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return a class of the run for each class of a dataset.

    Args:
        given: The dataset's classes.
        classes: The run's classes.
        mapping: What somebody said of some or all of them; the others are mapped as suggested.

    Raises:
        DatasetError: If it names a class that there is not, a class is neither mapped nor left
            out on purpose, or all are left out.
    """
    mapping = mapping or {}
    _check(mapping, given, classes)
    whole = {**suggested(given, classes), **mapping}
    unknown = [name for name in given if not whole[name] and name not in mapping]
    if unknown:
        raise DatasetError(
            f"Each class of a dataset must be one that the run knows ({_named(classes)}), be "
            f"mapped to one of them, or be left out. Received: {_named(unknown)}. Add for each of "
            f"them --map '{shown(unknown[0])}=CLASS', or --map '{shown(unknown[0])}=' to leave "
            "its photos out."
        )
    found = {name: whole[name] for name in given}
    if not any(found.values()):
        raise DatasetError(
            f"A dataset must have at least one class that the run knows: {_named(classes)}. "
            f"Received: {_named(given) or 'no class'}, none of them mapped to one."
        )
    return found


def given_as(text: str, given: Sequence[str]) -> tuple[str, str]:
    """Read ``GIVEN=CLASS``; both names may hold an equals sign.

    Args:
        text: As a person typed it; without a class behind the sign for one that is left out.
        given: The dataset's classes.

    Raises:
        ConfigError: If there is no equals sign, or no class before it.
    """
    parts = text.split("=")
    pairs = [("=".join(parts[:cut]), "=".join(parts[cut:])) for cut in range(1, len(parts))]
    known = [pair for pair in pairs if pair[0] in given]
    if not pairs or not pairs[0][0]:
        raise ConfigError(
            "A mapping must be of the form GIVEN=CLASS: a class of the dataset, then one of the "
            f"run, or nothing to leave its photos out. Received: '{shown(text)}'."
        )
    return (known or pairs)[0]


def renamed(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return those of a mapping that are called otherwise in the run."""
    return {name: to for name, to in mapping.items() if to not in (LEFT_OUT, name)}


def _check(mapping: Mapping[str, str], given: Sequence[str], classes: Sequence[str]) -> None:
    if strangers := [name for name in mapping if name not in given]:
        raise DatasetError(
            f"What is mapped must be a class of the dataset: {_named(given)}. "
            f"Received: {_named(strangers)}."
        )
    strangers = [to for to in mapping.values() if to != LEFT_OUT and to not in classes]
    if strangers:
        raise DatasetError(
            f"A class must be mapped to one that the run knows: {_named(classes)}. "
            f"Received: {_named(strangers)}."
        )


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"'{shown(name)}'" for name in dict.fromkeys(names))


def _nearest(name: str, classes: Sequence[str]) -> str:
    if name in classes:
        return name
    for forms in (_folded, _bare, _singulars):
        wanted = forms(name)
        found = [one for one in classes if wanted & forms(one)]
        if found:
            return found[0] if len(found) == 1 else LEFT_OUT
    return LEFT_OUT


def _folded(name: str) -> set[str]:
    """Return the name without case and the ways to write one and the same letter."""
    return {unicodedata.normalize("NFKC", name).casefold()}


def _bare(name: str) -> set[str]:
    """Return its letters and digits alone, without accents."""
    (text,) = _folded(name)
    return {"".join(filter(_kept, unicodedata.normalize("NFKD", text)))} - {""}


def _kept(letter: str) -> bool:
    # Accents stand above or below; other marks make another letter, such as Indic vowels.
    mark = unicodedata.category(letter).startswith("M")
    return letter.isalnum() or (mark and unicodedata.combining(letter) < _ACCENTS)


def _singulars(name: str) -> set[str]:
    """Return it with all that it may be the plural of."""
    found = _bare(name)
    for word in tuple(found):
        for ending, singular in _ENDINGS:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) + len(singular) >= _SHORTEST and not word.endswith("ss"):
                found.add(stem + singular)
    return found
