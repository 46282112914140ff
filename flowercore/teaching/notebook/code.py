"""The course's notebook as a program of this package: what chapter *The notebook* shows.

One function, so that its lines are checked like all others here. Each ``# step:`` begins a step;
`flowercore.teaching.notebook.steps` takes them apart, and a test runs them one after the other.
What is imported in a step stands there, where a reader needs it.
"""

from __future__ import annotations

from flowercore.evaluation.metrics import Evaluation


def notebook(data: str = "garden") -> Evaluation:
    """Do what the course's notebook does.

    Args:
        data: Name of a dataset, or a folder of class folders.

    Returns:
        What the trained model did on the test photos.

    Raises:
        FlowercoreError: If a step cannot be done, with the rule and what to do.
    """
    # step: load
    from flowercore.data import catalog

    dataset = catalog.load(data)
    print(dataset.counts())

    # step: resize
    import numpy as np

    from flowercore.backbones import registry, weights
    from flowercore.data.photo import read_photo_bytes
    from flowercore.data.views import SQUEEZED, pixels

    backbone = registry.get("xception")
    if weights.missing(backbone):
        backbone = registry.get("efficientnet-lite0")

    def squeezed(key: str) -> np.ndarray:
        content = read_photo_bytes(dataset.path(key))
        return pixels(content, [SQUEEZED], name=key, size=backbone.input_size)[0]

    photos = [squeezed(photo.key) for photo in dataset.photos]

    # step: scale
    scaled = photos[0] / 255
    print(scaled.shape, scaled.min(), scaled.max())

    # step: labels
    labels = np.array([dataset.classes.index(photo.label) for photo in dataset.photos])

    # step: split
    from flowercore.data.split import notebook_split

    split = notebook_split(len(photos), test=0.2, validation=0.1, seed=42)
    print(len(split.train), len(split.validation), len(split.test))

    # step: standardise
    from flowercore.backbones.standardisation import standardisation_of, sums

    standard = standardisation_of(sums(photos[row]) for row in split.train)
    print(standard.mean, standard.deviation)

    # step: backbone
    from flowercore.backbones import runtime

    runtime.prepare(backbone.name)
    extractor = runtime.extractor(backbone.name)
    print(f"{backbone.parameters:,} weights, all frozen")

    # step: pool
    def features_of(photo: np.ndarray) -> np.ndarray:
        _, maps = extractor.maps(standard.pixels(photo, backbone.preprocessing)[np.newaxis])
        return maps.mean(axis=(1, 2))[0]

    features = np.stack([features_of(photo) for photo in photos])
    print(features.shape)

    # step: head
    from flowercore.training.head import initial_head

    head = initial_head(backbone.feature_dim, len(dataset.classes), np.random.default_rng(42))
    print(f"{head.kernel.size + head.bias.size:,} weights to train")

    # step: compile
    from flowercore.training.config import TrainConfig

    config = TrainConfig(
        data, epochs=25, batch_size=16, optimizer="adam", learning_rate=0.001, seed=42
    )
    config.validate()

    # step: fit
    from flowercore.training.head import Epoch, train_head

    history = []

    def watch(epoch: Epoch) -> bool:
        history.append(epoch)
        return True

    watched = (features[split.validation], labels[split.validation])
    head = train_head(
        features[split.train], labels[split.train], watched, len(dataset.classes), config, watch
    )
    print(history[-1])

    # step: test
    from flowercore.evaluation.metrics import evaluate

    probabilities = head.probabilities(features[split.test])
    evaluation = evaluate(labels[split.test], probabilities, dataset.classes)
    print(evaluation.accuracy, evaluation.accuracy_interval)

    # step: confusion
    from flowercore.evaluation.metrics import largest_confusions

    print(evaluation.confusion_matrix)
    print(largest_confusions(evaluation))

    # step: predict
    from flowercore.prediction.verdict import verdict

    asked = dataset.photos[split.test[0]]
    answer = head.probabilities(features_of(squeezed(asked.key))[np.newaxis])[0]
    print(asked.key, verdict(dict(zip(dataset.classes, answer.tolist(), strict=True))))

    return evaluation
