"""The glossary says each word in terms that it explains itself, and nothing twice."""

from __future__ import annotations

import pytest

from flowercore.teaching.glossary import TERMS, meaning


@pytest.mark.parametrize("word", TERMS)
def test_a_meaning_is_a_sentence_or_two(word: str) -> None:
    text = meaning(word)
    assert 20 < len(text) < 260
    assert text.endswith(".")
    assert text[0].isupper() or text[0].isdigit()


def test_what_is_referred_to_is_there() -> None:
    referred = [text.removeprefix("See ").rstrip(".") for text in TERMS.values() if "See " in text]
    assert referred
    assert set(referred) <= set(TERMS)


def test_an_unknown_word_is_an_error_of_the_page() -> None:
    with pytest.raises(KeyError):
        meaning("no such word")
