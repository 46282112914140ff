"""The dashboard in this process: AppTest on the entrypoint, homes that hold real things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.jobs import queue
from tests.pages.trained_home import run_id, starter_files, trained, with_starter

__all__ = ["run_id", "starter_files", "trained", "with_starter"]

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30


@dataclass
class FakePreparation:
    """Counts the wishes to prepare the machine, which would start a worker each."""

    wishes: int = 0

    def start(self) -> None:
        self.wishes += 1


@pytest.fixture(autouse=True)
def preparation(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePreparation]:
    fake = FakePreparation()
    monkeypatch.setattr(queue, "start_preparation", fake.start)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield fake
    if queue._queue.cache_info().currsize:
        queue._queue().close()
        queue._queue.cache_clear()


@pytest.fixture
def visit(home: Path) -> Callable[..., AppTest]:
    """Open a page of the dashboard: ``visit("explore", data="tiny")``."""

    def open_page(page: str = "home", /, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=SECONDS)
        app.run()
        if page != "home":
            app.switch_page(f"pages/{page}.py")
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception[0].message
        return app

    return open_page


@pytest.fixture
def tiny(home: Path, tiny_dataset: Callable[..., Path]) -> catalog.Entry:
    """A dataset of 3 classes with 6 photos each in the home folder."""
    catalog.import_source(tiny_dataset(), "tiny")
    return next(entry for entry in catalog.entries() if entry.name == "tiny")
