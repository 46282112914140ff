from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from flowercore.export import card
from flowercore.runs import results, store


@pytest.fixture
def facts(exports: dict) -> dict[str, Any]:
    return json.loads((exports["head"].folder / "card.json").read_bytes())


def test_the_card_is_what_the_facts_say(exports: dict) -> None:
    for export in exports.values():
        facts = json.loads((export.folder / "card.json").read_bytes())
        assert (export.folder / "README.md").read_text("utf-8") == card.text(facts)


def test_results_are_the_runs(exports: dict) -> None:
    export = exports["head"]
    verdict = results.metrics(export.run_id)
    low, high = verdict["accuracy_interval"]
    text = (export.folder / "README.md").read_text("utf-8")
    assert (
        f"On 6 test photos that it was not trained on, **{verdict['accuracy'] * 100:.1f} %" in text
    )
    assert f"(95 % interval {low * 100:.1f} % to {high * 100:.1f} %" in text
    for name, score in verdict["per_class"].items():
        row = f"| {name} | {score['precision']:.3f} | {score['recall']:.3f} | {score['f1']:.3f} |"
        assert row in text


def test_every_part_is_there(exports: dict) -> None:
    text = (exports["tuned"].folder / "README.md").read_text("utf-8")
    assert "stay beside" not in text
    for part in (
        "which of 3 classes it shows: daisy, rose and tulip",
        "`model.tflite`",
        "average of those of the photo and of its mirror image",
        "photos, the folder photos: 24 pictures. Of these 15 were learned from, 3 watched",
        "| daisy | 8 |",
        "| fine tune from | conv2 |",
        "| learning rate | 0.02 |",
        "Epochs done: 10.",
        "92,739 parameters were trained, 896 stayed frozen.",
        "Fine-tuned from block `conv2` on.",
        "It was not pretrained: its weights come from chance, seed 42.",
        "knows 3 classes and no other",
        "can be eaten",
        "| `model.keras` | 0 of 6 |",
        "half precision",
        "| tensorflow",
        "| keras |",
    ):
        assert part in text, part


def test_the_pretrained_end_beside_is_told(exports: dict) -> None:
    text = (exports["beside"].folder / "README.md").read_text("utf-8")
    for part in (
        "| frozen beside | yes |",
        "| sharpness | 0.05 |",
        "stay beside the fine-tuned ones, with a head of their own: the logits are the mean of",
        "93,126 parameters were trained, 93,248 stayed frozen.",
    ):
        assert part in text, part


def test_the_covariance_is_told(exports: dict) -> None:
    text = (exports["covariance"].folder / "README.md").read_text("utf-8")
    for part in (
        "| covariance | 8 |",
        "how 8 principal components of the features vary together over a photo's places",
        # 36 more features of three classes than with the pretrained end alone.
        "93,234 parameters were trained, 93,248 stayed frozen.",
    ):
        assert part in text, part
    assert "covariance" not in (exports["head"].folder / "README.md").read_text("utf-8")


def test_the_plain_run_says_less(exports: dict) -> None:
    text = (exports["head"].folder / "README.md").read_text("utf-8")
    assert "Frozen: only the head on top of it was trained." in text
    assert "387 parameters were trained, 93,248 stayed frozen." in text
    for part in ("mirror image", "half precision", "fine tune epochs", "painted by a program"):
        assert part not in text, part


def test_the_notebooks_preprocessing_is_explained(exports: dict) -> None:
    standardisation = store.get(exports["notebook"].run_id).model["standardisation"]
    text = (exports["notebook"].folder / "README.md").read_text("utf-8")
    assert f"by the mean {standardisation['mean']:.4f}" in text


def test_a_run_without_a_test_says_so(exports: dict) -> None:
    text = (exports["untested"].folder / "README.md").read_text("utf-8")
    assert "None: no photo was held back for a test" in text
    assert "Not measured. The run held no photo back for a test." in text
    assert "results hold" not in text


def test_names_are_shown_as_they_are(facts: dict[str, Any]) -> None:
    hostile = "x | y](javascript:alert(1)) <script>alert(2)</script> **`z`**\n# Heading \u202eabc"
    shown = (
        r"x \| y\]\(javascript:alert\(1\)\) \<script\>alert\(2\)\</script\> "
        r"\*\*\`z\`\*\* \# Heading abc"
    )
    facts["title"] = facts["note"] = facts["data"]["name"] = facts["data"]["origin"] = hostile
    facts["classes"][0] = hostile
    facts["data"]["counts"] = {hostile: 3}
    facts["results"]["largest_confusions"] = [{"true": hostile, "predicted": "a", "photos": 1}]
    facts["limits"] = facts["notes"] = [hostile]
    facts["status"], facts["reason"] = "stopped", hostile
    text = card.text(facts)
    assert text.count(shown) == 10
    assert "<script>" not in text
    assert "\n# Heading" not in text


def test_mistakes_are_named(facts: dict[str, Any]) -> None:
    facts["results"]["largest_confusions"] = [
        {"true": "rose", "predicted": "tulip", "photos": 3},
        {"true": "tulip", "predicted": "rose", "photos": 1},
    ]
    text = card.text(facts)
    assert "## Results\n\nOn 6 test photos" in text
    assert "- rose taken for tulip: 3 photos\n- tulip taken for rose: 1 photo\n" in text


def test_what_is_unusual_is_said(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    changed["data"]["painted"] = True
    changed["status"], changed["reason"] = "stopped", "Stopped after epoch 3 of 25."
    changed["data"]["left_out"] = 1
    changed["recipe"] = "notebook"
    changed["parity"]["absent"] = 2
    changed["classes"] = [f"class{number}" for number in range(40)]
    text = card.text(changed)
    for part in (
        "**It was trained on pictures painted by a program, not on photos.**",
        "did not run to its end. Stopped after epoch 3 of 25.",
        "Left out: 1 file.",
        "With the recipe 'notebook'.",
        "2 more are gone or changed and were not tried.",
        "which of 40 classes it shows (see labels.txt).",
    ):
        assert part in text, part
        assert part not in card.text(facts), part


def test_disagreement_is_not_hidden(facts: dict[str, Any]) -> None:
    facts["parity"]["models"]["model.tflite"] = {"labels_differ": 2, "largest_difference": 0.31}
    assert "| `model.tflite` | 2 of 6 | 0.31 |" in card.text(facts)
