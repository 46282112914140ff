"""Train: what stands behind the expanders of the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.backbones import registry
from flowercore.data.catalog import Entry
from flowercore.training.config import AUGMENTATIONS
from tests.pages.reading import errors, pictures, shown, start_button, texts
from ui.views_preview import SHOWN


def test_a_batch_larger_than_the_photos_is_no_mistake(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train", batch="400")
    assert not errors(app)
    assert not start_button(app).disabled


def test_views_need_a_change(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("train", views="3")
    assert "learns from 12 photos, each in 3 more views" in texts(app)
    for kind in AUGMENTATIONS:
        app.checkbox(key=kind).uncheck()
    app.run()
    assert errors(app) == ["Augmented views need at least one change. Received: none."]


def test_settings_that_do_not_go_together_are_told(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train", fine_tune="true", preprocessing="The notebook's")
    assert len(errors(app)) == 1
    assert "The notebook's preprocessing goes with a frozen backbone" in errors(app)[0]


@dataclass
class Bar:
    text: str
    value: int


def frozen(app: AppTest) -> Bar:
    bars = [one.proto for one in app.get("progress")]
    return next(Bar(shown(bar.text), bar.value) for bar in bars if "stay frozen" in bar.text)


def test_fine_tuning_shows_how_much_is_frozen(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("train")
    assert app.select_slider(key="from").disabled
    head = 3 * (1280 + 1)
    assert f"{head:,} weights learn: the head; 3,413,024 stay frozen" in frozen(app).text
    app.toggle(key="fine_tune").set_value(True).run()
    backbone = registry.get(registry.DEFAULT)
    slider = app.select_slider(key="from")
    assert list(slider.options) == [block.name for block in backbone.blocks]
    slider.set_value("block7a").run()
    tail = backbone.block("block7a").trainable
    bar = frozen(app)
    assert f"{tail + head:,} weights learn, {head:,} of them in the head" in bar.text
    assert f"{backbone.parameters - tail:,} stay frozen" in bar.text
    assert bar.value == int(100 * (tail + head) / (backbone.parameters + head))
    assert "then the backbone from block7a on" in texts(app)


def test_another_backbone_has_blocks_of_its_own(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("train", fine_tune="true", **{"from": "block6a"})
    assert app.select_slider(key="from").value == "block6a"
    app.selectbox(key="backbone").select("small-convnet").run()
    assert list(app.select_slider(key="from").options) == ["conv1", "conv2", "conv3"]
    app.select_slider(key="from").set_value("conv1").run()
    assert "All of the network learns, from scratch." in texts(app)
    assert not errors(app)


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ({"fine_tune": "true", "from": "block99"}, "Unfreeze from"),
        ({"backbone": "resnet"}, "Network"),
        ({"optimizer": "lion"}, "Optimizer"),
    ],
    ids=["block", "backbone", "optimizer"],
)
def test_an_unknown_choice_in_the_address_is_told(
    visit: Callable[..., AppTest], tiny: Entry, address: dict[str, str], label: str
) -> None:
    app = visit("train", **address)
    (warning,) = app.warning
    assert f"under *{label}*" in shown(warning.value)
    assert list(address.values())[-1] in shown(warning.value)
    assert not start_button(app).disabled


def test_absent_weights_are_told_and_the_embedded_ones_offered(
    visit: Callable[..., AppTest], home: Path, tiny: Entry
) -> None:
    app = visit("train", backbone="Xception (ImageNet)")
    weights = registry.get("xception").weights
    said = texts(app)
    assert weights.file in said
    assert weights.hash.removeprefix("md5:") in said
    assert "folder 'weights' in the home folder" in said
    assert str(home) not in said
    assert "weights are not on this machine yet: see *Backbone* below" in said
    app.button(key="use_default_backbone").click().run()
    assert app.selectbox(key="backbone").value == registry.DEFAULT
    assert not app.warning


def test_views_are_shown_before_they_are_trained_on(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train")
    assert not pictures(app)
    app.session_state["augmentation"] = True
    app.run()
    first = pictures(app)
    assert len(first) == 1 + SHOWN
    assert first[0].endswith("the plain view")
    app.button(key="preview_other").click().run()
    assert pictures(app) != first
    app.number_input(key="views").set_value(2).run()
    assert len(pictures(app)) == 1 + 2


def test_a_preview_of_a_damaged_photo_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, tiny: Entry
) -> None:
    app = visit("train")
    for photo in (home / "datasets" / "tiny").rglob("*.jpg"):
        photo.write_bytes(photo.read_bytes()[:300])
    app.session_state["augmentation"] = True
    app.run()
    assert len(errors(app)) == 1
    assert not start_button(app).disabled
