from __future__ import annotations

import numpy as np
import pytest

from flowercore.evaluation.ranking import Ranking, ranking
from flowercore.figures import BLUE
from flowercore.ranking_charts import Kind, ranking_chart


def rankings() -> dict[str, Ranking]:
    rng = np.random.default_rng(0)
    found = {}
    for name in ("daisy", "<b>rose</b>", "tulip"):
        belongs = rng.random(60) < 0.3
        one = ranking(belongs, rng.random(60) + belongs)
        assert one is not None
        found[name] = one
    return found


@pytest.mark.parametrize("kind", ["roc", "precision_recall"])
def test_the_chosen_class_lies_in_front(kind: Kind) -> None:
    found = rankings()
    figure = ranking_chart(found, "<b>rose</b>", kind)
    front = figure.data[2]
    assert front.line.color == BLUE
    assert list(front.y) == getattr(found["<b>rose</b>"], kind).y.tolist()
    assert "&lt;b&gt;rose" in front.hovertemplate
    assert len({one.line.color for one in figure.data}) == 2


def test_precision_jumps_and_chance_is_drawn_for_roc_alone() -> None:
    found = rankings()
    assert ranking_chart(found, "tulip", "precision_recall").data[0].line.shape == "hv"
    assert len(ranking_chart(found, "tulip", "roc").data) == 4
    assert len(ranking_chart(found, "tulip", "precision_recall").data) == 3
