"""Published datasets are offered with what is known of them, and fetched by a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.jobs import tasks
from flowercore.runs import holder
from tests.pages.reading import button, errors, shown, texts

Visit = Callable[..., AppTest]


def page(visit: Visit) -> AppTest:
    app = visit("explore", view="bring")
    app.radio(key="way").set_value("From the internet").run()
    assert not app.exception
    return app


def test_what_is_known_of_each_is_said(visit: Visit, tiny: catalog.Entry) -> None:
    said = texts(page(visit))
    assert "500 photos of five flowers" in said
    assert "size and hash are not on record" in said
    assert "228.8 MB, checked by its SHA-256" in said
    assert "Creative Commons" in said


def test_what_is_here_is_not_offered(visit: Visit, tiny_dataset: Callable[..., Path]) -> None:
    catalog.import_source(tiny_dataset(), "tiny_FR")
    app = page(visit)
    assert "It is here already." in texts(app)
    assert [shown(one.label) for one in app.button if "Fetch" in one.label] == [
        "Fetch flower_photos"
    ]


def test_progress_and_failure_are_told(visit: Visit, tiny: catalog.Entry) -> None:
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("download", {"source": "tiny_FR"}, visitor="local", held_by=name)
        task = tasks.update(
            task, state="running", step="Fetching", done=12_300_000, total=50_000_000
        )
        app = page(visit)
        assert app.get("progress")[0].proto.text == "Fetching: 12.3 MB of 50.0 MB"
        tasks.update(task, state="failed", reason="There is no internet. Without internet: …")
        app.run()
    assert "There is no internet." in errors(app)[0]
    assert errors(button(app, "All right")) == []
    assert "Fetch tiny_FR" in [shown(one.label) for one in app.button]
