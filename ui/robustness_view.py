"""How much a run can bear: measured when asked, shown as curves and by an example."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from flowercore import figures
from flowercore.data.corruptions import KINDS, STRENGTHS
from flowercore.data.names import shown
from flowercore.errors import NotFoundError, StorageError
from flowercore.evaluation.robustness import Robustness, kept
from flowercore.robustness_chart import robustness_chart
from ui import loaders, task_progress
from ui.guard import in_words, show_error
from ui.judged import Judged
from ui.robustness_example import OwnPhotos, example
from ui.words import many, percent, plain

_KIND = "robustness"
_WIDTH = 260  # least width of a chart, pixels


def robustness(judged: Judged) -> None:
    """Show how a run does on its test photos when they are spoilt, or offer to measure it.

    Args:
        judged: The run on some photos; only its own test photos are spoilt.
    """
    st.subheader("How much can it bear?", anchor=False)
    st.markdown(
        "Its test photos are turned, blurred, made darker and brighter, compressed and made noisy, "
        "each in five strengths, and it is asked again."
    )
    if judged.on:
        st.caption(
            f"This is always measured on the run's own test photos, not on “{_name(judged.on)}”."
        )
    with in_words():
        test = _own(judged)
        if test is None:
            return
        found = _found(judged)
        if _task(judged):
            return
        if found is None:
            _offer(judged, test)
        else:
            _curves(judged, found)
            # Photos that were left out may be there again, as when a dataset got its name back.
            if len(test.photos) > found.plain.count + found.unreadable:
                _measure_button(judged, "Measure again")
            example(judged.run, test, found)


def _name(text: str) -> str:
    return plain(shown(text))


def _own(judged: Judged) -> OwnPhotos | None:
    """Return the run's test photos, or say that there are none."""
    try:
        table = loaders.test_photos(judged.run.id)
    except NotFoundError:  # stopped before its test
        table = pd.DataFrame()
    if table.empty:
        st.info(
            "This run kept no test photos aside, so there is nothing to measure it on. Train one "
            "with a test split above 0.",
            icon=":material/info:",
        )
        return None
    data = loaders.dataset_behind(judged.run, "")
    every = () if data is None else (*data.photos, *data.excluded)
    there = {(photo.key, photo.sha256): photo for photo in every}
    who = zip(table["key"], table["sha256"], strict=True)
    photos = [there[one] for one in who if one in there]
    return OwnPhotos(data, photos, dict(zip(table["key"], table["label"], strict=True)))


def _found(judged: Judged) -> Robustness | None:
    try:
        return kept(judged.run.id)
    except StorageError as error:
        show_error(error)
        return None


def _task(judged: Judged) -> bool:
    task = task_progress.newest(_KIND)
    mine = task if task is not None and task.arguments.get("run") == judged.run.id else None
    return task_progress.going_on(
        mine, "**Measuring what it can bear**", "It could not be measured"
    )


def _offer(judged: Judged, test: OwnPhotos) -> None:
    if not test.photos:
        st.info(
            "Its test photos are gone: the dataset was deleted, renamed or changed since the "
            "training. Without them there is nothing to measure it on.",
            icon=":material/info:",
        )
        return
    with st.container(border=True):
        st.markdown(f"**Not measured yet.** {_effort(len(test.photos))}")
        _measure_button(judged, "Measure it", primary=True)


def _measure_button(judged: Judged, words: str, *, primary: bool = False) -> None:
    st.button(
        words,
        key="measure_robustness",
        type="primary" if primary else "secondary",
        icon=":material/blur_on:",
        on_click=task_progress.start,
        args=(_KIND, {"run": judged.run.id}),
    )


def _effort(photos: int) -> str:
    return (
        f"The network looks at {many(photos, 'photo')} {len(KINDS) * len(STRENGTHS)} times each: "
        "a minute or two for a hundred photos, once."
    )


def _curves(judged: Judged, found: Robustness) -> None:
    st.markdown(f":material/trending_down: **{found.sentence}**")
    with st.grid(3, min_column_width=_WIDTH):
        for kind, levels in found.kinds.items():
            st.plotly_chart(
                robustness_chart(found, kind),
                key=f"robustness_{judged.run.id}_{kind}",
                config=figures.CONFIG,
                alt=f"{KINDS[kind].title}: accuracy "
                + ", ".join(
                    f"{percent(one.accuracy, 0)} at strength {strength}"
                    for strength, one in enumerate((found.plain, *levels))
                ),
            )
    st.caption(
        f"The line: accuracy on {many(found.plain.count, 'test photo')}, with its 95 % interval. "
        "Dashed: on the photos as they are. Point at a mark to read what its strength means."
    )
    left_out = found.missing + found.unreadable
    if left_out:
        st.caption(
            f"{many(left_out, 'of its test photos is', 'of its test photos are')} left out: gone, "
            "changed since the training, or not readable."
        )
    with st.expander("In numbers", icon=":material/table:"):
        st.dataframe(
            _table(found),
            hide_index=True,
            width="stretch",
            key="robustness_numbers",
            alt="Accuracy with its 95 % interval under each kind and strength",
        )


def _table(found: Robustness) -> pd.DataFrame:
    rows = []
    for kind, levels in found.kinds.items():
        for strength, one in enumerate((found.plain, *levels)):
            low, high = one.interval
            rows.append(
                {
                    "Kind": KINDS[kind].title,
                    "Strength": strength,
                    "What is done": KINDS[kind].told(strength) if strength else "nothing",
                    "Right": one.right,
                    "Accuracy": percent(one.accuracy),
                    "95 %": f"{100 * low:.0f} to {100 * high:.0f}",
                    "Its true class gets": percent(one.probability),
                }
            )
    return pd.DataFrame(rows)
