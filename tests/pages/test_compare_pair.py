"""Compare: which of two runs is better, whether that is settled, and where they differ."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from flowercore.runs import results
from tests.pages.compared_runs import another, two
from tests.pages.reading import errors, pictures, shown, texts

__all__ = ["two"]

Visit = Callable[..., AppTest]


def test_the_better_run_is_called_by_its_name_and_what_is_open_stays_open(
    visit: Visit, two: tuple[str, str]
) -> None:
    app = visit("compare", runs=f"{two[0]},{two[1]}")
    assert shown(app.info[0].value) == (
        "“fine-tuned” is better: 3 photos it alone gets right against 1, p = 0.62: not settled."
    )
    assert not app.success
    said = texts(app)
    assert "Only the 4 photos that one alone gets right can tell which is better." in said
    assert "A division of 3 to 1 or a more uneven one would then come up in about 62 of 100" in said
    assert "take them as equally good for now" in said
    counts = app.table[0].value
    assert counts.to_numpy().tolist() == [[8, 1], [3, 0]]
    assert [shown(one) for one in counts.columns] == ["“fine-tuned” right", "“fine-tuned” wrong"]
    assert [shown(one) for one in counts.index] == ["“head” right", "“head” wrong"]


def test_a_difference_that_is_settled_is_called_so(visit: Visit, run_id: str) -> None:
    poor, good = another(run_id, 1, "poor", wrong=range(6)), another(run_id, 2, "good")
    app = visit("compare", runs=f"{poor},{good}")
    assert shown(app.success[0].value) == (
        "“good” is better: 6 photos it alone gets right against 0, p = 0.031: settled."
    )
    assert "equally good for now" not in texts(app)


def test_runs_that_answer_alike_are_not_ranked(visit: Visit, run_id: str) -> None:
    one, other = another(run_id, 1, "one", wrong=[5]), another(run_id, 2, "other", wrong=[5])
    app = visit("compare", runs=f"{one},{other}")
    assert "Neither is better: both get the same photos right." in shown(app.info[0].value)
    assert "nothing here tells one from the other" in texts(app)
    assert "Where they differ" not in texts(app)


def test_photos_where_they_differ_carry_both_answers(visit: Visit, two: tuple[str, str]) -> None:
    head, tuned = two
    app = visit("compare", runs=f"{head},{tuned}")
    sides = app.radio(key="only_right")
    assert [shown(one) for one in sides.options] == [
        "Only head is right (1)",
        "Only fine-tuned is right (3)",
    ]
    assert len(pictures(app)) == 1
    sides.set_value("b").run()
    assert len(pictures(app)) == 3
    table = results.predictions(head)
    truth = table[table["split"] == "test"]["label"].tolist()
    told = [shown(one.value) for one in app.caption if "head:" in one.value]
    assert told == [
        f":red[:material/close:] head: {'aster' if label == 'iris' else 'iris'}  \n"
        f":green[:material/check:] fine-tuned: {label}"
        for label in truth[:3]
    ]


def test_photos_that_are_gone_are_listed_by_name(
    visit: Visit, home: Path, two: tuple[str, str]
) -> None:
    shutil.rmtree(home / "datasets" / "twins")
    app = visit("compare", runs=",".join(two))
    app.radio(key="only_right").set_value("b").run()
    assert pictures(app) == []
    assert "3 photos cannot be shown" in texts(app)
    assert len(app.dataframe[1].value) == 3
    assert str(home) not in texts(app)


def test_another_photo_under_the_same_name_is_not_shown(
    visit: Visit, home: Path, two: tuple[str, str]
) -> None:
    table = results.predictions(two[0])
    key = table[table["split"] == "test"]["key"].iloc[0]
    stranger = next((home / "datasets" / "twins" / "iris").iterdir()).read_bytes() + b"."
    (home / "datasets" / "twins" / key).write_bytes(stranger)
    app = visit("compare", runs=",".join(two))
    app.radio(key="only_right").set_value("b").run()
    assert len(pictures(app)) == 2
    assert app.dataframe[1].value["key_a"].tolist() == [key]


def test_the_side_that_has_photos_is_shown_first(visit: Visit, run_id: str) -> None:
    poor, good = another(run_id, 1, "poor", wrong=[2]), another(run_id, 2, "good")
    app = visit("compare", runs=f"{poor},{good}")
    assert app.radio(key="only_right").value == "b"
    assert len(pictures(app)) == 1
    app.radio(key="only_right").set_value("a").run()
    assert "Not a single photo." in texts(app)


def test_runs_on_different_photos_are_compared_with_a_warning(
    visit: Visit, two: tuple[str, str]
) -> None:
    table = results.predictions(two[1])
    tested = table.index[table["split"] == "test"]
    table.loc[tested[:5], "split"] = "train"
    results.write_predictions(two[1], table)
    app = visit("compare", runs=",".join(two))
    assert "Only the 7 photos that both tests hold are compared" in shown(app.warning[0].value)
    assert "Warning" not in shown(app.info[0].value)


def test_runs_that_share_no_test_photo_are_told(visit: Visit, two: tuple[str, str]) -> None:
    table = results.predictions(two[1])
    results.write_predictions(two[1], table[table["split"] != "test"])
    app = visit("compare", runs=",".join(two))
    assert errors(app) == []
    assert shown(app.info[0].value) == (
        "Runs are compared on their test photos. Received: “fine-tuned”, which kept none aside "
        "(test split 0)."
    )
    assert len(app.get("plotly_chart")) == 2


def test_of_several_runs_any_two_can_be_picked(
    visit: Visit, run_id: str, two: tuple[str, str]
) -> None:
    third = another(run_id, 3, "third", wrong=[9])
    app = visit("compare", runs=f"{two[0]},{two[1]},{third}")
    assert "3 pairs can be picked here" in texts(app)
    app.selectbox(key="pair_b").set_value(third).run()
    assert "“third” is better" in shown(app.info[0].value)
    assert app.query_params["runs"] == f"{two[0]},{third},{two[1]}"
    # The other one of the two: they change places, since a run is not compared with itself.
    app.selectbox(key="pair_a").set_value(third).run()
    assert app.query_params["runs"] == f"{third},{two[0]},{two[1]}"
    app.selectbox(key="pair_b").set_value(third).run()
    assert app.query_params["runs"] == f"{two[0]},{third},{two[1]}"
    assert "“third” is better" in shown(app.info[0].value)
