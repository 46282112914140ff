"""A page with what the Evaluate page says of other photos, and evaluations to look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.runs import assessments
from flowercore.runs.assessments import Facts
from tests.pages.reading import shown

SECONDS = 30

Open = Callable[..., AppTest]


def page() -> None:
    """Draw what the Evaluate page draws of this."""
    import streamlit as st

    from flowercore.runs import store
    from ui import choices
    from ui.guard import in_words
    from ui.judged_on import OWN, choose_judged_on, judged_on_notes, judged_table

    with in_words():
        run = choices.choose_run(store.runs())
        name = choose_judged_on(run)
        st.markdown(f"Chosen: {name or 'none'}")
        judged_on_notes(run, name)
        if name != OWN:
            st.dataframe(judged_table(run, name), key="judged")


@pytest.fixture
def look(run_id: str) -> Open:
    """Open the page: ``look(on="others")``."""

    def open_page(**address: str) -> AppTest:
        app = AppTest.from_function(page, default_timeout=SECONDS)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception[0].message
        return app

    return open_page


def chosen(app: AppTest) -> str:
    return next(one.value for one in app.markdown if "Chosen: " in one.value)[8:]


def box(app: AppTest, label: str) -> Any:
    return next(one for one in app.selectbox if shown(one.label) == label)


def boxes(app: AppTest) -> list[str]:
    return [shown(one.label) for one in app.selectbox]


def table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[-1].value


def judged(run_id: str, data: str = "others", twins: tuple[str, ...] = (), **facts: Any) -> Facts:
    """Keep an evaluation on 8 photos, of which 6 were named right."""
    kinds = [*twins, *[""] * (8 - len(twins))]
    rows = pd.DataFrame(
        {
            "key": [f"iris/{place}.jpg" for place in range(8)],
            "sha256": [f"{place:064x}" for place in range(8)],
            "given": "iris",
            "label": "iris",
            "predicted": ["iris"] * 6 + ["daisy"] * 2,
            "p_aster": 0.0,
            "p_daisy": [0.25] * 6 + [0.75] * 2,
            "p_iris": [0.75] * 6 + [0.25] * 2,
            "twin": kinds,
        }
    )
    known = {
        "identity": "i" * 64,
        "mapping": {"iris": "iris"},
        "judged": 8,
        "exact": kinds.count("exact"),
        "near": kinds.count("near"),
    }
    return assessments.write(run_id, Facts(data, "a test", **{**known, **facts}), rows)


@pytest.fixture
def others(run_id: str, tmp_path: Path, paint: Callable[..., Path]) -> str:
    """A dataset of two of the run's classes, called otherwise, and a third one."""
    for place in range(4):
        paint(tmp_path / "others" / "Irises" / f"{place}.jpg", (50, 60, 200), seed=place)
        paint(tmp_path / "others" / "daisies" / f"{place}.jpg", seed=10 + place)
        paint(tmp_path / "others" / "_weeds_" / f"{place}.jpg", (90, 90, 90), seed=20 + place)
    catalog.import_source(tmp_path / "others", "others")
    return "others"
