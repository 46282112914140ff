"""Photos as points in two dimensions: what is alike in feature space lies near each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError

import numpy as np
import pandas as pd

from flowercore.audit.findings import MAP, table
from flowercore.data.dataset import Photo
from flowercore.data.similarity import unit_rows

COMPONENTS = 50
"""Principal components that t-SNE looks at: quicker, and without the noise of the others."""

MOST = 5000
"""Photos that t-SNE lays out; of more, the others are put among their nearest."""

_PERPLEXITY, _LEAST = 30, 8
_FEW, _LONG, _SHORT = 1000, 1000, 500
_NEAREST = 5
_SEED = 42
_LOOK_SECONDS = 0.3

Check = Callable[[], None]


def layout(
    photos: tuple[Photo, ...], vectors: np.ndarray, check: Check | None = None
) -> pd.DataFrame:
    """Lay photos out by PCA and by t-SNE.

    t-SNE after van der Maaten 2014, 'Accelerating t-SNE using Tree-Based Algorithms'. For worker
    processes: it loads scikit-learn. The same photos get the same places.

    Args:
        photos: N photos.
        vectors: Their features, shape (N, D).
        check: Called now and then; raises to stop.

    Returns:
        A row for each, with the columns `flowercore.audit.findings.MAP`.
    """
    components = _principal(unit_rows(vectors))
    places = _spread(components, check)
    rows = [
        {
            "key": one.key,
            "sha256": one.sha256,
            "pca_x": component[0],
            "pca_y": component[1],
            "tsne_x": place[0],
            "tsne_y": place[1],
        }
        for one, component, place in zip(photos, components, places, strict=True)
    ]
    return table(rows, MAP)


def _principal(unit: np.ndarray) -> np.ndarray:
    """Return principal components, float64, shape (N, at least 2); zeros where nothing differs."""
    count = min(COMPONENTS, *unit.shape, max(0, len(unit) - 1))
    found = np.zeros((len(unit), max(2, count)))
    # What is left of equal rows after their mean is taken off is rounding.
    if count and np.ptp(unit, axis=0).max() > 1e-6:
        from sklearn.decomposition import PCA

        found[:, :count] = PCA(count, random_state=_SEED).fit_transform(unit.astype(np.float64))
    return found


def _spread(components: np.ndarray, check: Check | None) -> np.ndarray:
    if len(components) < _LEAST or not components.any():
        return components[:, :2]
    if len(components) <= MOST:
        return _tsne(components, check)
    chosen = np.sort(np.random.default_rng(_SEED).permutation(len(components))[:MOST])
    laid = _tsne(components[chosen], check)
    places = np.empty((len(components), 2))
    places[chosen] = laid
    for rows in np.array_split(np.setdiff1d(np.arange(len(components)), chosen), 100):
        if check is not None:
            check()
        others = components[chosen]
        apart = (others**2).sum(axis=1) - 2 * components[rows] @ others.T
        near = np.argpartition(apart, _NEAREST, axis=1)[:, :_NEAREST]
        # The median: nearest photos on two islands must not put a photo into the sea.
        places[rows] = np.median(laid[near], axis=1)
    return places


def _tsne(components: np.ndarray, check: Check | None) -> np.ndarray:
    """Return places, float64, shape (N, 2)."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    few = len(components) <= _FEW
    tsne = TSNE(
        perplexity=min(_PERPLEXITY, (len(components) - 1) / 3),
        init="pca",
        max_iter=_LONG if few else _SHORT,
        random_state=_SEED,
    )

    def fit() -> np.ndarray:
        # Two threads gain a third on idle cores, and on busy ones they wait for each other.
        with threadpool_limits(1):
            return tsne.fit_transform(components)

    pool = ThreadPoolExecutor(1, thread_name_prefix="layout")
    try:
        future = pool.submit(fit)
        while True:
            try:
                places = future.result(_LOOK_SECONDS)
                break
            except TimeoutError:
                if check is not None:
                    check()
    finally:
        # Whoever stops need not wait for what nobody will look at.
        pool.shutdown(wait=False)
    return places.astype(np.float64) if np.isfinite(places).all() else components[:, :2]
