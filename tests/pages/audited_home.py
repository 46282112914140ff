"""A home folder with a dataset that was checked, for tests of pages and of the browser."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

from PIL import Image

from flowercore.audit import store
from flowercore.audit.findings import MAP, PROBLEMS, TWINS, Audit, ClassLook, table
from flowercore.data import catalog, looks
from flowercore.data.dataset import Dataset

Finding = tuple[int, str, str]
"""Which photo of the dataset, kind of problem, and why."""

# In tiny: the first daisy's label is doubtful, the second is dark and unlike the others.
FINDINGS: tuple[Finding, ...] = (
    (0, "suspect-label", "5 of 5 nearest photos are roses."),
    (1, "outlier", "Far from every daisy."),
    (1, "dark", "Its mean brightness is 2 %."),
)


def check(name: str, findings: Sequence[Finding] = FINDINGS) -> Dataset:
    """Keep an audit of a dataset that has these findings.

    Its photos lie on a line in the map, in their order, a class beside the other.
    """
    data = catalog.load(name)
    lines = {label: place for place, label in enumerate(data.classes)}
    who = [{"key": one.key, "sha256": one.sha256} for one in data.photos]
    places = [
        {"pca_x": row, "pca_y": lines[one.label], "tsne_x": row % 6, "tsne_y": lines[one.label]}
        for row, one in enumerate(data.photos)
    ]
    ranks: dict[str, int] = {}
    problems = []
    for row, kind, why in findings:
        ranks[kind] = ranks.get(kind, 0) + 1
        facts = {"kind": kind, "rank": ranks[kind], "score": 0.9, "why": why, "suggested": ""}
        problems.append(who[row] | facts)
    store.save(
        Audit(
            dataset=name,
            identity=data.identity,
            backbone="efficientnet-lite0",
            created=datetime.now(UTC).isoformat(),
            counts={},
            notes=(),
            photos=looks.survey(data),
            problems=table(problems, PROBLEMS),
            twins=table([], TWINS),
            map=table([one | place for one, place in zip(who, places, strict=True)], MAP),
            class_looks={
                label: ClassLook(_jpeg(), (((200, 40, 40), 0.7), ((20, 20, 20), 0.3)), 0.4)
                for label in data.classes
            },
            seconds={},
        )
    )
    return data


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (24, 24), (120, 90, 90)).save(out, "JPEG")
    return out.getvalue()
