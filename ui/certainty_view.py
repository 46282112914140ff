"""Whether a run is right as often as it says, and what it gains if it may say "not sure"."""

from __future__ import annotations

import streamlit as st

from flowercore import certainty_charts, figures
from flowercore.evaluation.calibration import Calibration, calibration_error, reliability
from flowercore.evaluation.coverage import answered, coverage_curve
from flowercore.evaluation.metrics import photo_losses
from flowercore.runs import results
from flowercore.teaching.glossary import meaning
from ui import task_progress
from ui.judged import Judged
from ui.pages import PREDICT
from ui.threshold import coverage_words, threshold_slider
from ui.words import many, percent, plain

_KIND = "calibrate"


def certainty(judged: Judged) -> None:
    """Show the reliability diagram, what calibration did, and the coverage curve.

    Args:
        judged: The run on some photos.
    """
    st.subheader("Is it right as often as it says?", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _reliability(judged)
    with right:
        _calibration(judged)
    st.subheader("What if it may say “not sure”?", anchor=False)
    _coverage(judged)


def _reliability(judged: Judged) -> None:
    found = judged.judgement
    bins = reliability(found.true, found.probabilities)
    scaled = found.temperature != 1
    before = reliability(found.true, found.raw) if scaled else None
    st.plotly_chart(
        certainty_charts.reliability_diagram(bins, before),
        key=f"reliability_{judged.key}",
        config=figures.CONFIG,
        alt=f"Reliability diagram in {many(len(bins), 'bin')}; expected calibration error "
        f"{percent(calibration_error(bins))}",
    )
    st.caption(
        f"Each mark is a {_share(len(bins))} of the photos, sorted by how sure it was (bins of "
        "equal mass), with its 95 % interval. On the dotted line it is right as often as it says."
    )
    st.plotly_chart(
        certainty_charts.confidence_histogram(found.confidence, found.right),
        key=f"histogram_{judged.key}",
        config=figures.CONFIG,
        alt="Histogram of how sure it was: right answers above the line, wrong ones below",
    )


def _share(bins: int) -> str:
    names = {1: "whole", 2: "half", 3: "third", 4: "quarter", 10: "tenth"}
    return names.get(bins, f"{bins}th")


def _calibration(judged: Judged) -> None:
    found, known = judged.judgement, judged.calibration
    scaled = found.temperature != 1
    _measures(judged, scaled)
    if known is None:
        _offer(judged)
    elif known.reason:
        st.info(f"It is not calibrated. {plain(known.reason)}", icon=":material/info:")
    elif known.applied:
        st.markdown(_scaled(known))
        _contrary(judged)
    else:
        st.markdown(_left_out(known))
    st.caption(
        "One temperature for all classes changes how sure it is, never which class comes first. "
        "It is fitted on training and validation photos, each judged by a model that has not "
        "learned from it; never on test photos."
    )


def _measures(judged: Judged, scaled: bool) -> None:
    found = judged.judgement
    after = calibration_error(reliability(found.true, found.probabilities))
    before = calibration_error(reliability(found.true, found.raw))
    loss = found.evaluation.loss
    raw = float(photo_losses(found.true, found.raw).mean())
    columns = st.columns(2)
    columns[0].metric(
        "Calibration error",
        percent(after),
        f"before: {percent(before)}" if scaled else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=f"Expected calibration error. {meaning('calibration error')}",
    )
    columns[1].metric(
        "Log loss",
        f"{loss:.3f}",
        f"before: {raw:.3f}" if scaled else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=f"{meaning('log loss')} Lower is more honest.",
    )


def _scaled(known: Calibration) -> str:
    was = "surer than it was right" if known.temperature > 1 else "less sure than it was right"
    return (
        f":material/thermostat: **Calibrated with a temperature of {known.temperature:.2f}**: it "
        f"was {was}. On {many(known.count, 'photo')} that its models had not learned from, the "
        f"log loss fell from {known.loss_before:.3f} to {known.loss_after:.3f}. Predict uses it."
    )


def _contrary(judged: Judged) -> None:
    found = judged.judgement
    raw = float(photo_losses(found.true, found.raw).mean())
    if found.evaluation.loss <= raw:
        return
    count = many(found.evaluation.count, "photo")
    if judged.on:
        st.caption(
            f"On these {count} it is the other way round: they are of another kind than those it "
            "was calibrated on."
        )
    else:
        st.caption(f"On these {count} it is the other way round: so few may differ by chance.")


def _left_out(known: Calibration) -> str:
    return (
        ":material/thermostat: **No temperature needed.** The best one, "
        f"{known.fitted:.2f}, would change the log loss of {many(known.count, 'photo')} that its "
        f"models had not learned from only from {known.loss_before:.3f} to "
        f"{known.loss_after:.3f}, which may be chance: it is left out."
    )


def _offer(judged: Judged) -> None:
    task = task_progress.newest(_KIND)
    mine = task if task is not None and task.arguments.get("run") == judged.run.id else None
    if task_progress.going_on(mine, "**Calibrating**", "It could not be calibrated"):
        return
    tuned = results.compiled_tail(judged.run.id) is not None
    seconds = judged.run.seconds.get("training", 0)
    if tuned:
        why = (
            "This run was fine-tuned. To calibrate it, it is fine-tuned five more times, each time "
            f"without a fifth of the photos: about {max(1, round(5 * seconds / 60))} min."
        )
    else:
        why = "This run was not calibrated when it was trained. That takes seconds."
    with st.container(border=True):
        st.markdown(f"**Not calibrated.** {why}")
        st.button(
            "Calibrate this run",
            key="calibrate",
            type="primary",
            icon=":material/thermostat:",
            on_click=task_progress.start,
            args=(_KIND, {"run": judged.run.id}),
        )


def _coverage(judged: Judged) -> None:
    found = judged.judgement
    left, right = st.columns([3, 2], gap="large")
    with right:
        chosen = answered(found.true, found.probabilities, threshold_slider("evaluate_threshold"))
        st.markdown(coverage_words(chosen))
        st.page_link(PREDICT.file, label="Ask it about a photo", icon=PREDICT.icon)
    with left:
        curve = coverage_curve(found.true, found.probabilities)
        st.plotly_chart(
            certainty_charts.coverage_chart(curve, chosen),
            key=f"coverage_{judged.key}",
            config=figures.CONFIG,
            alt=f"Share of right answers over the share answered; now {percent(chosen.coverage, 0)}"
            " answered",
        )
        st.caption("To the left it answers only what it is surest of. The band: 95 % intervals.")
