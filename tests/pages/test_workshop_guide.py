"""The leader's script names pages, chapters and buttons that exist."""

from __future__ import annotations

import re
from pathlib import Path

from flowercore.training.recipes import RECIPES
from ui.chapters.chapters import CHAPTERS
from ui.explore_views import VIEWS as EXPLORE_VIEWS
from ui.pages import LEARN, PAGES, WORKSHOP
from ui.workshop.views import VIEWS

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "workshop.md").read_text("utf-8")


def test_every_chapter_of_the_script_is_there_under_its_name() -> None:
    told = re.findall(r"\*\*Learn → ([^*]+)\*\*\s\(`(?:/learn)?\?view=([a-z-]+)`\)", GUIDE)
    assert len(told) >= 6
    assert {slug: name for name, slug in told} == {slug: CHAPTERS[slug].short for _, slug in told}
    assert set(re.findall(r"\?view=([a-z-]+)", GUIDE)) <= set(CHAPTERS)


def test_every_view_that_is_clicked_is_there() -> None:
    views = {one.title for one in VIEWS.values()}
    assert set(re.findall(r"\*\*Workshop → ([^*→]+?)(?: →[^*]*)?\*\*", GUIDE)) <= views
    assert set(re.findall(r"\*\*Explore → ([^*]+)\*\*", GUIDE)) <= {
        one.title for one in EXPLORE_VIEWS.values()
    }
    titles = {page.title for page in (*PAGES, WORKSHOP)}
    assert {LEARN.title, "Train", "Compare", "Predict"} <= titles
    recipes = {one.title for one in RECIPES}
    assert {"What pretraining is worth", "The best we know"} <= recipes
    assert "Train → What pretraining is worth" in GUIDE
