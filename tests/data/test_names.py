"""Names from outside."""

from __future__ import annotations

import pytest

from flowercore.data.names import safe_name, shown, with_number


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rose", "rose"),
        ("<script>", "_script_"),
        ("..", "unnamed"),
        (".hidden", "hidden"),
        ("", "unnamed"),
        ("CON", "CON_"),
        ("nul.jpg", "nul_.jpg"),
        ("com1", "com1_"),
        ("console", "console"),
        ("a/b\\c:d", "a_b_c_d"),
        ("trailing. ", "trailing"),
        ("line\nbreak\x00", "linebreak"),
        ("Ga\u0308nseblu\u0308mchen", "Gänseblümchen"),
        ("🌹", "🌹"),
        ("\u202egpj.exe", "gpj.exe"),
        ("وردة", "وردة"),
        ("r\udce9.jpg", "r_.jpg"),
    ],
)
def test_a_safe_name_suits_every_system(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_safe_name_is_short_and_keeps_its_ending() -> None:
    assert safe_name("a" * 300 + ".jpg") == "a" * 76 + ".jpg"
    assert safe_name("a" * 300) == "a" * 80
    assert len(safe_name("🌹" * 300 + ".jpeg").encode()) <= 200
    assert safe_name("🌹" * 300 + ".jpeg").endswith(".jpeg")


def test_shown_names_cannot_break_a_page() -> None:
    assert shown("a\x1b[31m\u202eb\nc\udc80") == "a[31mbc"
    long = shown("x" * 300 + ".jpg")
    assert len(long) == 80
    assert long.endswith(".jpg")


def test_numbers_go_before_the_ending() -> None:
    assert with_number("a.b.jpg", 2) == "a.b_2.jpg"
    assert with_number("rose", 3) == "rose_3"
