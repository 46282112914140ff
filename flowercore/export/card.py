"""The card of an exported model: ``README.md``, written from the values of ``card.json``.

Its parts follow Mitchell and others 2019, "Model Cards for Model Reporting" (arXiv 1810.03993).
"""

from __future__ import annotations

from typing import Any

from flowercore.export.markdown import listing, many, percent, plain, size, table
from flowercore.export.usage import litert_script

# Settings that decide nothing while another one is off.
_HANGING = {
    "augment": ("augmentations",),
    "fine_tune_from": (
        "fine_tune_epochs",
        "fine_tune_learning_rate",
        "mixup",
        "weight_average",
        "weight_interpolation",
        "sharpness",
        "frozen_beside",
        "covariance",
    ),
}
_NAMED_MAX = 12
_HALF = (
    "The run itself keeps what its frozen part gives in half precision; the exported models "
    "compute in single precision throughout."
)


def text(facts: dict[str, Any]) -> str:
    """Write the card.

    Args:
        facts: From `flowercore.export.facts.collect`.

    Returns:
        Markdown. Names that people gave are shown as they are, whatever they contain.
    """
    parts = [
        _opening(facts),
        _use(facts),
        _results(facts),
        _data(facts),
        _training(facts),
        _backbone(facts),
        _limits(facts),
        _agreement(facts),
        _versions(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(facts: dict[str, Any]) -> str:
    lines = [
        f"# {plain(facts['title'])}",
        f"A classifier that looks at a photo and says which of {len(facts['classes'])} classes it "
        f"shows{_named(facts['classes'])}. It was made with Flower Lab (run `{facts['run']}`).",
    ]
    if facts["data"]["painted"]:
        lines.append("**It was trained on pictures painted by a program, not on photos.**")
    if facts["status"] != "finished":
        lines.append(f"Its training did not run to its end. {plain(facts['reason'] or '')}".strip())
    if facts["note"]:
        lines.append(f"Note: {plain(facts['note'])}")
    return "\n\n".join(lines)


def _use(facts: dict[str, Any]) -> str:
    side, squeezed = facts["input"]["size"], facts["input"]["squeezed"]
    mirror = (
        " The probabilities are the average of those of the photo and of its mirror image."
        if facts["model"]["with_mirror_image"]
        else ""
    )
    files = {
        "model.keras": "the model for Keras; loads with `keras.models.load_model`",
        "model.tflite": "the same function for LiteRT, for one photo at a time: signature input "
        "`pixels`, output `probabilities`",
        "labels.txt": "the classes, one a line, in the order of the outputs",
        "use.py": "an example: `python use.py photo.jpg`",
    }
    rows = [
        [f"`{name}`", size(facts["files"][name]["bytes"]), what] for name, what in files.items()
    ]
    rows.append(["`card.json`", "", "this card for machines, with the hashes of the files"])
    return "\n\n".join(
        [
            "## Use it",
            table(["file", "size", "what it is"], rows),
            f"Both models take pixels of 0 to 255 in the order red, green, blue, {side} x {side}, "
            "and give a probability for each class; preprocessing is inside." + mirror,
            "A photo becomes a square in the way of `use.py`, which needs Keras and TensorFlow. "
            "With LiteRT (`pip install ai-edge-litert pillow`) the same is:",
            f"```python\n{litert_script(side, squeezed=squeezed)}```",
            "Photos in HEIC also need `pip install pillow-heif` and, after the imports, "
            "`pillow_heif.register_heif_opener()`.",
        ]
    )


def _results(facts: dict[str, Any]) -> str:
    results = facts["results"]
    if results is None:
        return (
            "## Results\n\nNone: no photo was held back for a test, so nothing is known of what "
            "this model is worth."
        )
    low, high = results["accuracy_interval"]
    scores = [
        [
            plain(name),
            f"{score['precision']:.3f}",
            f"{score['recall']:.3f}",
            f"{score['f1']:.3f}",
            str(score["support"]),
        ]
        for name, score in results["per_class"].items()
    ]
    parts = [
        "## Results",
        f"On {many(results['count'], 'test photo')} that it was not trained on, "
        f"**{percent(results['accuracy'])} are right** (95 % interval {percent(low)} to "
        f"{percent(high)}, after Wilson); loss {results['loss']:.3f}.",
        table(["class", "precision", "recall", "F1", "test photos"], scores),
    ]
    confusions = [
        f"- {plain(pair['true'])} taken for {plain(pair['predicted'])}: "
        f"{many(pair['photos'], 'photo')}"
        for pair in results["largest_confusions"]
    ]
    if confusions:
        parts += ["Most frequent mistakes:", "\n".join(confusions)]
    return "\n\n".join(parts)


def _data(facts: dict[str, Any]) -> str:
    data = facts["data"]
    split = data["split"]
    counts = [[plain(name), str(count)] for name, count in data["counts"].items()]
    left_out = f" Left out: {many(data['left_out'], 'file')}." if data["left_out"] else ""
    used = (
        f" Of these {split['train']} were learned from, {split['validation']} watched during "
        f"training and {split['test']} held back for the test (seed {facts['settings']['seed']})."
        if split.get("train")
        else ""
    )
    return "\n\n".join(
        [
            "## Data",
            f"{plain(data['name'])}, {plain(data['origin'])}: "
            f"{many(sum(data['counts'].values()), 'picture')}.{used}{left_out} The pictures are "
            "not part of this folder; whose they are, and what may be done with them, is for "
            "their source to say.",
            table(["class", "pictures"], counts),
            f"Version of the data: `{data['identity'][:16]}`. Split: `{split['identity'][:16]}`.",
        ]
    )


def _training(facts: dict[str, Any]) -> str:
    settings = dict(facts["settings"])
    for leader, followers in _HANGING.items():
        if not settings.get(leader):
            for name in followers:
                settings.pop(name, None)
    on = {name: value for name, value in settings.items() if not _off(value)}
    off = [_words(name) for name, value in settings.items() if _off(value)]
    parts = ["## How it was trained"]
    if facts["recipe"]:
        parts.append(f"With the recipe '{plain(facts['recipe'])}'.")
    parts += [
        table(["setting", "value"], [[_words(k), _value(v)] for k, v in on.items()]),
        f"Epochs done: {facts['epochs_done']}." + (f" Not used: {', '.join(off)}." if off else ""),
    ]
    model = facts["model"]
    parts.append(
        f"{model['trainable']:,} parameters were trained, {model['frozen']:,} stayed frozen."
    )
    if model["standardisation"]:
        mean, deviation = (model["standardisation"][name] for name in ("mean", "deviation"))
        parts.append(
            f"Pixels are divided by 255 and standardised by the mean {mean:.4f} and the deviation "
            f"{deviation:.4f} of the training photos."
        )
    parts += [plain(note) for note in facts["notes"]]
    return "\n\n".join(parts)


def _backbone(facts: dict[str, Any]) -> str:
    backbone = facts["backbone"]
    trained = (
        f"Fine-tuned from block `{backbone['fine_tuned_from']}` on."
        if backbone["fine_tuned_from"]
        else "Frozen: only the head on top of it was trained."
    )
    if backbone["pretrained_beside"]:
        trained += (
            " The same blocks as they were pretrained stay beside the fine-tuned ones, with a head "
            "of their own: the logits are the mean of both."
        )
    if backbone["covariance"]:
        trained += (
            f" The frozen head is also given how {backbone['covariance']} principal components of "
            "the features vary together over a photo's places: the square root of their covariance."
        )
    if facts["settings"].get("batch_norm") == "moving":
        trained += (
            " The statistics of its BatchNorm layers were allowed to move all the same, to see "
            "what that does; the models hold the moved ones."
        )
    weights = backbone["weights"]
    origin = (
        f"Its weights come from {weights['from']}, checked by hash `{weights['hash']}`. Licence of "
        f"these weights: {backbone['licence']}; it holds for this model too, which contains them."
        if weights["hash"]
        else f"It was not pretrained: its weights come from {weights['from']}."
    )
    return "\n\n".join(
        ["## Backbone", f"{backbone['title']}. {trained} {backbone['source']}.", origin]
    )


def _limits(facts: dict[str, Any]) -> str:
    return "## Limits\n\n" + "\n".join(f"- {plain(line)}" for line in facts["limits"])


def _agreement(facts: dict[str, Any]) -> str:
    parity = facts["parity"]
    if parity["reason"]:
        return f"## Agreement with the run\n\nNot measured. {plain(parity['reason'])}"
    tried, absent = parity["photos"], parity["absent"]
    missing = f" {absent} more are gone or changed and were not tried." if absent else ""
    rows = [
        [f"`{name}`", f"{one['labels_differ']} of {tried}", f"{one['largest_difference']:.2g}"]
        for name, one in parity["models"].items()
    ]
    return "\n\n".join(
        [
            "## Agreement with the run",
            f"Both models were run on {many(tried, 'test photo')} of the run and compared with "
            f"what the run itself had said.{missing}",
            table(["model", "other label", "largest difference of a probability"], rows),
            *([_HALF] if facts["backbone"]["fine_tuned_from"] else []),
        ]
    )


def _versions(facts: dict[str, Any]) -> str:
    versions = facts["versions"]
    rows = [
        [name, versions["trained_with"].get(name, ""), versions["exported_with"].get(name, "")]
        for name in sorted({*versions["trained_with"], *versions["exported_with"]})
    ]
    return "## Versions\n\n" + table(["package", "trained with", "exported with"], rows)


def _named(classes: list[str]) -> str:
    return f": {listing(classes)}" if len(classes) <= _NAMED_MAX else " (see labels.txt)"


def _words(setting: str) -> str:
    return setting.replace("_", " ")


def _off(value: Any) -> bool:
    return value in ("", False, 0, None)


def _value(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else plain(str(value))
