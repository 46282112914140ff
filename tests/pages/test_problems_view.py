"""Problems: each finding with what can be done about it, undo, and training again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.audit import store as audits
from flowercore.audit.findings import MAP, PROBLEMS, TWINS, Audit, table
from flowercore.data import catalog, edits, looks
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from tests.pages.reading import button, errors, texts


def finding(data: Dataset, place: int, kind: str, rank: int, why: str, label: str = "") -> dict:
    photo = data.photos[place]
    return {
        "key": photo.key,
        "sha256": photo.sha256,
        "kind": kind,
        "rank": rank,
        "score": 0.9,
        "why": why,
        "suggested": label,
    }


def twin(data: Dataset, place: int, group: int) -> dict:
    photo = data.photos[place]
    return {
        "group": group,
        "key": photo.key,
        "sha256": photo.sha256,
        "label": photo.label,
        "exact": False,
        "similarity": 0.97,
    }


@pytest.fixture
def audited(tiny: Entry) -> Dataset:
    """3 classes with 6 photos each: two doubtful labels, a dark photo, twins within and across."""
    data = catalog.load("tiny")
    problems = [
        finding(data, 0, "suspect-label", 1, "5 of 5 nearest are rose", "rose"),
        finding(data, 1, "suspect-label", 2, "4 of 5 nearest are rose", "rose"),
        finding(data, 2, "dark", 1, "Mean brightness 0.02"),
    ]
    pairs = [twin(data, 3, 0), twin(data, 4, 0), twin(data, 5, 1), twin(data, 6, 1)]
    audits.save(
        Audit(
            dataset="tiny",
            identity=data.identity,
            backbone="efficientnet-lite0",
            created=datetime.now(UTC).isoformat(),
            counts={},
            notes=("The classes are balanced.",),
            photos=looks.survey(data),
            problems=table(problems, PROBLEMS),
            twins=table(pairs, TWINS),
            map=table([], MAP),
            class_looks={},
            seconds={},
        )
    )
    return data


@pytest.fixture
def page(visit: Callable[..., AppTest], audited: Dataset) -> AppTest:
    return visit("explore", data="tiny", view="problems")


def made() -> list[tuple[str, str, str]]:
    data = catalog.load("tiny", mended=False)
    return [(one.key, one.action, one.label) for one in edits.read(data.root)]


def test_without_a_check_one_is_offered(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("explore", data="tiny", view="problems")
    assert app.button(key="audit_start") is not None
    assert not errors(app)


def test_findings_come_kind_by_kind_with_their_number(page: AppTest) -> None:
    kinds = page.radio(key="problem_kind")
    assert kinds.options == ["Label may be wrong", "Twins", "Too dark"]
    said = texts(page)
    assert "5 of 5 nearest are rose" in said
    assert "The classes are balanced" in said


def test_a_label_is_corrected_with_one_click_and_brought_back_with_another(
    page: AppTest, audited: Dataset
) -> None:
    first = audited.photos[0].key
    page.button(key=f"relabel_suspect-label_{first}").click().run()
    assert made() == [(first, "relabel", "rose")]
    said = texts(page)
    assert "5 of 5 nearest" not in said
    assert "4 of 5 nearest" in said
    page.button(key="undo_edit").click().run()
    assert made() == []
    assert "5 of 5 nearest" in texts(page)


def test_a_kind_that_is_done_makes_room_for_the_next(page: AppTest, audited: Dataset) -> None:
    page.button(key="all_relabel_suspect-label").click().run()
    assert [action for _, action, _ in made()] == ["relabel", "relabel"]
    assert page.radio(key="problem_kind").value == "twin"
    button(page, "Undo")
    assert made() == []


@pytest.mark.parametrize("action", ["keep", "exclude"])
def test_a_photo_is_kept_or_left_out(page: AppTest, audited: Dataset, action: str) -> None:
    page.radio(key="problem_kind").set_value("dark").run()
    third = audited.photos[2].key
    page.button(key=f"{action}_dark_{third}").click().run()
    assert made() == [(third, action, "")]
    assert page.radio(key="problem_kind").options == ["Label may be wrong", "Twins"]


def test_another_class_can_be_chosen(page: AppTest, audited: Dataset) -> None:
    page.radio(key="problem_kind").set_value("dark").run()
    third = audited.photos[2].key
    page.selectbox(key=f"label_dark_{third}").set_value("dandelion").run()
    page.button(key=f"other_dark_{third}").click().run()
    assert made() == [(third, "relabel", "dandelion")]


def test_twins_are_merged_and_across_classes_one_label_is_chosen(
    page: AppTest, audited: Dataset
) -> None:
    page.radio(key="problem_kind").set_value("twin").run()
    small, large, daisy, dandelion = (audited.photos[place] for place in (3, 4, 5, 6))
    assert "at least one label is wrong" in texts(page)
    page.button(key=f"merge_1_{dandelion.key}").click().run()
    assert made() == [(daisy.key, "exclude", "")]
    page.button(key=f"merge_0_{large.key}").click().run()
    assert made()[-1] == (small.key, "exclude", "")
    assert "Twins" not in page.radio(key="problem_kind").options


def test_changes_are_listed_and_any_can_be_taken_back(page: AppTest, audited: Dataset) -> None:
    first, second = (one.key for one in audited.photos[:2])
    page.button(key=f"relabel_suspect-label_{first}").click().run()
    page.button(key=f"keep_suspect-label_{second}").click().run()
    assert page.selectbox(key="take_back").options[0].startswith("2: ")
    page.selectbox(key="take_back").set_value("1").run()
    page.button(key="take_back_now").click().run()
    assert made() == [(second, "keep", "")]
    assert "The photos changed since" not in texts(page)


def test_a_list_that_was_edited_by_hand_is_said_in_words(page: AppTest, audited: Dataset) -> None:
    (audited.root / "edits.json").write_text("{")
    page.run()
    assert not page.exception
    assert "edit list of 'tiny' is damaged" in " ".join(errors(page))


def test_a_visitor_makes_a_copy_of_what_is_shared(
    page: AppTest, audited: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.mending.visitor", lambda: "someone")
    monkeypatch.setattr("ui.own_copy.visitor", lambda: "someone")
    page.run()
    keys = [one.key for one in page.button]
    assert not any(str(key).startswith(("relabel_", "keep_", "exclude_")) for key in keys)
    button(page, "Make my copy")
    owners = {entry.name: entry.owner for entry in catalog.entries()}
    assert owners["my tiny"] == "someone"
