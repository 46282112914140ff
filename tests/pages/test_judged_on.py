"""Which photos a run is looked at by: chosen, in the address, of whoever they are."""

from __future__ import annotations

import pytest

from flowercore.runs import results
from tests.pages.compared_runs import another
from tests.pages.judged_page import Open, box, boxes, chosen, judged, look, others, table
from tests.pages.reading import button, shown, texts

__all__ = ["look", "others"]


def test_at_first_there_are_its_own_test_photos_and_an_offer(look: Open) -> None:
    app = look()
    assert chosen(app) == "none"
    assert box(app, "Judged on").options == ["Its own test photos"]
    assert app.expander[0].label == "Another dataset"
    assert not app.expander[0].proto.expanded
    assert "on" not in app.query_params
    assert box(app, "Dataset").options == ["twins"]
    assert box(app, "Dataset").value is None


def test_the_address_names_the_dataset(look: Open, run_id: str) -> None:
    judged(run_id)
    app = look(on="others")
    assert chosen(app) == "others"
    assert not app.warning
    assert len(table(app)) == 8
    assert "This dataset is not there any more" in texts(app)


def test_an_address_of_what_was_not_judged_proposes_it(look: Open, others: str) -> None:
    app = look(on="others")
    assert chosen(app) == "none"
    assert "This run was not judged on “others”" in shown(app.warning[0].value)
    assert app.expander[0].proto.expanded
    assert box(app, "Dataset").value == "others"
    app = look(on="../../etc/*passwd*")
    assert "“../../etc/*passwd*”" in shown(app.warning[0].value)
    assert box(app, "Dataset").value is None


def test_another_run_is_looked_at_by_what_it_was_judged_on(look: Open, run_id: str) -> None:
    newer = another(run_id, 1, "newer")
    judged(run_id)
    app = look(run=run_id, on="others")
    assert chosen(app) == "others"
    box(app, "Run").select(newer).run()
    assert chosen(app) == "none"
    assert not app.warning
    judged(newer)
    box(app, "Run").select(run_id).run()
    box(app, "Judged on").select("others").run()
    box(app, "Run").select(newer).run()
    assert chosen(app) == "others"


def test_a_run_without_test_photos_begins_with_the_others(look: Open, run_id: str) -> None:
    own = results.predictions(run_id)
    results.write_predictions(run_id, own[own["split"] != "test"])
    app = look()
    assert chosen(app) == "none"
    assert "Judged on" not in boxes(app)
    assert app.expander[0].proto.expanded
    judged(run_id)
    app = look()
    assert chosen(app) == "others"
    assert box(app, "Judged on").options == ["others"]
    assert "On its own test photos" not in texts(app)
    app = button(app, "Remove")
    assert "Judged on" not in boxes(app)
    assert not app.warning


def test_what_belongs_to_another_visitor_is_not_seen(
    look: Open, run_id: str, others: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui import judged_on

    judged(run_id, owner="ann")
    judged(run_id, "gone", owner="ann")
    judged(run_id, "shared")
    assert len(box(look(), "Judged on").options) == 4  # the operator sees all
    for me, seen in (("ben", {"shared"}), ("ann", {"shared", "others", "gone"})):
        monkeypatch.setattr(judged_on, "visitor", lambda me=me: me)
        assert set(box(look(), "Judged on").options) == {"Its own test photos", *seen}
    monkeypatch.setattr(judged_on, "visitor", lambda: "ben")
    assert chosen(look(on="others")) == "none"


def test_a_dataset_that_is_called_as_its_own_photos_is_told_from_them(
    look: Open, run_id: str
) -> None:
    judged(run_id, "Its own test photos")
    app = look(on="Its own test photos")
    assert chosen(app) == "Its own test photos"
    options = box(app, "Judged on").options
    assert options == ["Its own test photos", "Its own test photos (dataset)"]
