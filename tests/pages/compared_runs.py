"""Runs to compare, made from one that was trained for real, and reading the page about them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.runs import results, store


def another(
    run_id: str, number: int, name: str, *, wrong: Iterable[int] = (), **config: object
) -> str:
    """Copy a run under a new id, as newer than itself and wrong on some of its 12 test photos."""
    new = f"2099{run_id[4:-1]}{number:x}"
    shutil.copytree(store.folder(run_id), store.folder(run_id).with_name(new))
    path = store.folder(new) / "run.json"
    values = json.loads(path.read_bytes()) | {"id": new}
    values["config"] |= {"name": name, **config}
    path.write_text(json.dumps(values))
    table = results.predictions(new)
    test = table.index[table["split"] == "test"]
    table.loc[test, "predicted"] = table.loc[test, "label"]
    for place in wrong:
        right = table.loc[test[place], "label"]
        table.loc[test[place], "predicted"] = "aster" if right == "iris" else "iris"
    results.write_predictions(new, table)
    return new


@pytest.fixture
def two(run_id: str) -> tuple[str, str]:
    """A run that is wrong on the photos 0 to 2, and one that is wrong on photo 3."""
    head = another(run_id, 1, "head", wrong=[0, 1, 2])
    return head, another(run_id, 2, "fine-tuned", wrong=[3], epochs=50)


def lines(app: AppTest, chart: int = 0) -> dict[str, str]:
    """Return the colour of each curve by the name of its run."""
    figure = json.loads(app.get("plotly_chart")[chart].proto.spec)
    return {line["name"]: line["line"]["color"] for line in figure["data"]}


def cards(app: AppTest) -> list[str]:
    """Return the runs that can be renamed: those that are shown side by side."""
    return [one.key.removeprefix("rename_") for one in app.button if one.label == "Rename"]
