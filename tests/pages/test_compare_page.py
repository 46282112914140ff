"""Compare: the ledger, which runs are chosen, their curves, renaming and deleting them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.jobs import queue
from flowercore.overlay import MARKS
from flowercore.runs import results, store
from tests.pages.compared_runs import another, cards, lines, two
from tests.pages.reading import button, errors, shown, texts

__all__ = ["two"]

Visit = Callable[..., AppTest]


def test_without_a_run_the_page_leads_to_training(visit: Visit) -> None:
    app = visit("compare")
    assert "Nothing to compare yet" in texts(app)
    button(app, "Train a model")
    assert app.title[0].value == "Train"


def test_a_single_run_is_shown_and_a_second_one_asked_for(visit: Visit, run_id: str) -> None:
    app = visit("compare")
    assert len(app.dataframe[0].value) == 1
    assert cards(app) == [run_id]
    assert "Train another" in texts(app)
    assert "Which is better?" not in texts(app)


def test_the_ledger_says_what_each_run_is_and_how_good(
    visit: Visit, run_id: str, two: tuple[str, str]
) -> None:
    verdict, run = results.metrics(run_id), store.get(run_id)
    table = visit("compare").dataframe[0].value.set_index("Run")
    assert list(table.index[:2]) == ["fine-tuned", "head"]
    assert list(table["Settings"]) == ["epochs 50", "", ""]
    low, high = verdict["accuracy_interval"]
    for _, row in table.iterrows():
        assert row["Test accuracy"] == pytest.approx(100 * verdict["accuracy"])
        assert shown(row["95 % interval"]) == f"{100 * low:.0f} to {100 * high:.0f} %"
        assert row["Backbone"] == "EfficientNet-Lite0 (ImageNet)"
        assert (row["Trained"], row["Data"]) == ("head", "twins")
        assert row["Split"] == run.split_identity[:8]
        assert row["Took"] == pytest.approx(run.seconds["total"])
    # All have finished and nobody wrote a note: no column tells the same in every row.
    assert not {"State", "Note", "Version"} & set(table.columns)


def test_runs_on_mended_photos_are_told_from_those_before(
    visit: Visit, run_id: str, two: tuple[str, str]
) -> None:
    seen = store.get(run_id).dataset
    store.update(store.get(two[0]), dataset={**seen, "identity": "0123456789abcdef"})
    table = visit("compare").dataframe[0].value.set_index("Run")
    assert table.loc["head", "Version"] == "01234567"
    assert table["Version"].nunique() == 2


def test_what_most_runs_share_is_told_once(visit: Visit, run_id: str, two: tuple[str, str]) -> None:
    assert "Where Settings says nothing else: epochs 25." in texts(visit("compare"))


def test_in_the_beginning_the_two_newest_are_compared(visit: Visit, two: tuple[str, str]) -> None:
    head, tuned = two
    app = visit("compare")
    assert cards(app) == [tuned, head]
    assert app.query_params["runs"] == f"{tuned},{head}"
    assert app.session_state["compare_table"]["selection"]["rows"] == [0, 1]


def test_the_two_newest_are_of_the_same_photos(visit: Visit, two: tuple[str, str]) -> None:
    head, tuned = two
    store.update(store.get(head), dataset={"name": "other", "identity": "another"})
    assert tuned in cards(visit("compare"))
    assert head not in cards(visit("compare"))


def test_the_address_chooses(visit: Visit, run_id: str, two: tuple[str, str]) -> None:
    app = visit("compare", runs=f"{run_id},{two[0]}")
    assert cards(app) == [run_id, two[0]]
    assert app.session_state["compare_table"]["selection"]["rows"] == [1, 2]
    assert not app.warning
    none = visit("compare", runs="")
    assert cards(none) == []
    assert "Tick two runs to see which is better" in texts(none)


def test_the_choice_survives_a_visit_to_another_page(
    visit: Visit, run_id: str, two: tuple[str, str]
) -> None:
    app = visit("compare", runs=f"{run_id},{two[1]}")
    app.switch_page("pages/explore.py").run()
    app.switch_page("pages/compare.py").run()
    assert cards(app) == [run_id, two[1]]


@pytest.mark.parametrize("address", ["nonsense", "../../etc/passwd", "20200101-000000-abcdef"])
def test_an_unknown_run_in_the_address_is_told_and_the_others_shown(
    visit: Visit, two: tuple[str, str], address: str
) -> None:
    app = visit("compare", runs=f"{address},{two[0]}")
    assert f"There is no run “{address}” here" in shown(app.warning[0].value)
    assert cards(app) == [two[0]]
    app.run()
    assert len(app.warning) == 1


def test_many_unknown_runs_are_counted(visit: Visit, run_id: str) -> None:
    app = visit("compare", runs="a,b,c,d,e")
    assert "“a”, “b”, “c” and 2 more here" in shown(app.warning[0].value)


def test_curves_lie_on_one_chart_and_keep_their_colours(
    visit: Visit, run_id: str, two: tuple[str, str]
) -> None:
    app = visit("compare", runs=f"{two[0]},{two[1]}")
    accuracy, loss = lines(app, 0), lines(app, 1)
    assert accuracy == loss == {"head": MARKS[0][0], "fine-tuned": MARKS[1][0]}
    assert "head and fine-tuned" in app.get("plotly_chart")[0].proto.alt
    app.query_params["runs"] = f"{run_id},{two[1]}"
    app.run()
    assert lines(app)["fine-tuned"] == MARKS[1][0]
    app.query_params["runs"] = f"{two[1]},{two[0]}"
    app.run()
    assert lines(app) == {"head": MARKS[0][0], "fine-tuned": MARKS[1][0]}


def test_at_most_six_runs_are_shown_and_the_rest_counted(visit: Visit, run_id: str) -> None:
    many = [another(run_id, number, f"run {number}") for number in range(8)]
    app = visit("compare", runs=",".join(many))
    assert cards(app) == many[:6]
    assert "The first 6 of 8 chosen runs are shown." in texts(app)
    assert len(set(lines(app).values())) == 6
    app.selectbox(key="pair_b").set_value(many[2]).run()
    assert app.query_params["runs"] == ",".join([many[0], many[2], many[1], *many[3:]])


def test_a_run_without_validation_is_drawn_on_its_training(
    visit: Visit, two: tuple[str, str]
) -> None:
    path = store.folder(two[0]) / "history.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    blank = [[*row[:3], "", "", *row[5:]] for row in rows[1:]]
    path.write_text("\n".join(",".join(row) for row in [rows[0], *blank]))
    app = visit("compare", runs=",".join(two))
    assert "Dotted: on the photos that it learned from" in texts(app)
    assert "Validation accuracy" in texts(app)
    assert "Training accuracy" in texts(visit("compare", runs=two[0]))


def test_all_runs_of_an_experiment_are_chosen_at_once(visit: Visit, run_id: str) -> None:
    group = [
        another(run_id, number, f"run {number}", experiment="e1", recipe="control")
        for number in range(3)
    ]
    app = visit("compare", runs=run_id)
    button(app, "Choose all 3 runs of “What pretraining is worth”")
    assert cards(app) == group
    assert not [one for one in app.button if "Choose all" in one.label]
    by_address = visit("compare", experiment="e1")
    assert cards(by_address) == group
    assert "experiment" not in by_address.query_params


def test_experiments_of_the_same_kind_are_told_apart_by_their_time(
    visit: Visit, run_id: str
) -> None:
    for number in range(4):
        another(run_id, number, "run", experiment=f"e{number // 2}", recipe="control")
    app = visit("compare", runs=run_id)
    labels = [shown(one.label) for one in app.button if "Choose all" in one.label]
    assert len(labels) == 2
    assert all("2 runs of “What pretraining is worth”, " in one for one in labels)


def test_an_unknown_experiment_in_the_address_is_told(visit: Visit, run_id: str) -> None:
    app = visit("compare", experiment="gone")
    assert "There is no experiment “gone” here" in shown(app.warning[0].value)


def test_runs_on_one_dataset_are_listed_alone(visit: Visit, two: tuple[str, str]) -> None:
    head, tuned = two
    store.update(store.get(head), dataset={"name": "other", "identity": "another"})
    app = visit("compare", runs=f"{head},{tuned}")
    assert len(app.dataframe[0].value) == 3
    app.selectbox(key="trained_on").set_value("other").run()
    assert app.dataframe[0].value["Run"].tolist() == ["head"]
    assert cards(app) == [head]
    assert app.query_params["runs"] == head


def test_a_run_is_renamed_and_noted(visit: Visit, two: tuple[str, str]) -> None:
    app = visit("compare", runs=two[0])
    app.button(key=f"rename_{two[0]}").click().run()
    name = app.text_input(key=f"run_dialog_name_{two[0]}")
    assert name.value == "head"
    name.set_value("the head *alone*")
    app.text_area(key=f"run_dialog_note_{two[0]}").set_value("one line\nand another")
    app.button(key="rename_save").click().run()
    run = store.get(two[0])
    assert (run.name, run.note) == ("the head *alone*", "one line\nand another")
    assert "the head *alone*" in shown(texts(app))
    assert r"the head \*alone\*" in "".join(one.value for one in app.markdown)
    assert not app.text_input
    assert app.dataframe[0].value["Note"].tolist() == ["", "one line\nand another", ""]


def test_a_name_out_of_bounds_is_answered_with_the_rule(visit: Visit, run_id: str) -> None:
    app = visit("compare")
    app.button(key=f"rename_{run_id}").click().run()
    app.text_input(key=f"run_dialog_name_{run_id}").set_value("a\tb").run()
    app.button(key="rename_save").click().run()
    assert errors(app) == ["A run's name must not hold control characters. Received: 'ab'."]
    assert app.text_input
    app.button(key="rename_cancel").click().run()
    assert not app.text_input
    assert store.get(run_id).name == ""


def test_a_run_is_deleted_after_asking_twice(visit: Visit, two: tuple[str, str]) -> None:
    head, tuned = two
    app = visit("compare", runs=f"{head},{tuned}")
    app.button(key=f"delete_{head}").click().run()
    assert "It cannot be brought back." in texts(app)
    assert store.get(head)
    app.button(key="delete_keep").click().run()
    assert "It cannot be brought back." not in texts(app)
    app.button(key=f"delete_{head}").click().run()
    app.button(key="delete_sure").click().run()
    assert head not in [run.id for run in store.runs()]
    assert cards(app) == [tuned]
    assert not app.warning
    assert app.toast[0].value == "Deleted head"


def test_an_active_run_is_watched_and_cannot_be_deleted(
    visit: Visit, two: tuple[str, str], active: Callable[[str], None]
) -> None:
    active(two[1])
    app = visit("compare", runs=",".join(two))
    assert app.button(key=f"delete_{two[1]}").disabled
    assert not app.button(key=f"delete_{two[0]}").disabled
    said = texts(app)
    assert "Runs are compared when they have ended. Received: “fine-tuned”, which goes on." in said
    assert "Training" in app.dataframe[0].value["State"].tolist()
    assert len(lines(app)) == 2


@pytest.fixture
def active() -> Callable[[str], None]:
    """Mark a run as in training by a holder that lives."""

    def mark(run_id: str) -> None:
        store.update(store.get(run_id), status="training", holder=queue._queue()._holder)

    return mark


def test_a_damaged_run_is_shown_as_damaged_and_can_be_deleted(
    visit: Visit, two: tuple[str, str]
) -> None:
    (store.folder(two[1]) / "run.json").write_text("{")
    app = visit("compare", runs=",".join(two))
    table = app.dataframe[0].value.set_index("Run")
    assert table.loc["damaged run", "State"] == "Damaged"
    assert table.loc["head", "Test accuracy"] > 0
    assert "Its run.json cannot be read" in texts(app)
    app.button(key=f"delete_{two[1]}").click().run()
    app.button(key="delete_sure").click().run()
    assert two[1] not in [run.id for run in store.runs()]


@pytest.mark.parametrize("file", ["metrics.json", "history.csv", "predictions.parquet"])
def test_a_damaged_file_hides_nothing_else(
    visit: Visit, home: Path, two: tuple[str, str], file: str
) -> None:
    (store.folder(two[1]) / file).write_text('{"accuracy": 1')
    app = visit("compare", runs=",".join(two))
    assert f"The run's file {file} cannot be read" in texts(app)
    assert str(home) not in texts(app)
    assert cards(app) == list(two)
    table = app.dataframe[0].value.set_index("Run")
    assert table.loc["head", "Test accuracy"] > 0
    assert list(lines(app)) == (["head"] if file == "history.csv" else ["head", "fine-tuned"])
    if file == "metrics.json":
        assert table.loc["fine-tuned", "State"] == "Damaged"


def test_a_failed_run_says_why(visit: Visit, two: tuple[str, str]) -> None:
    store.update(store.get(two[0]), status="failed", reason="The loss is no longer a number.")
    assert "The loss is no longer a number." in texts(visit("compare", runs=two[0]))
