"""Taking home what a run is worth: a report that opens anywhere, and its numbers."""

from __future__ import annotations

import json

import streamlit as st

from flowercore.report.html import PHOTOS, report
from flowercore.report.numbers import numbers
from ui import loaders
from ui.judged import Judged


def report_buttons(judged: Judged) -> None:
    """Offer the report and the numbers of a run on some photos as downloads.

    Args:
        judged: The run on these photos.
    """
    run = judged.run
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Report",
            # Written when it is asked for.
            data=lambda: _report(judged),
            file_name=f"flower-lab-report-{run.id}.html",
            mime="text/html",
            key="report",
            icon=":material/description:",
            on_click="ignore",
            help="One HTML file with all figures: opens without internet, and prints. It shows "
            f"the {PHOTOS} most confident mistakes as small photos.",
        )
        st.download_button(
            "Numbers",
            data=lambda: _numbers(judged),
            file_name="metrics.json",
            mime="application/json",
            key="metrics",
            icon=":material/data_object:",
            on_click="ignore",
            help="metrics.json: every number of this page with its interval, for programs.",
        )


def _report(judged: Judged) -> bytes:
    data = loaders.dataset_behind(judged.run, judged.on)
    return report(
        judged.run, judged.judgement, judged.calibration, photos=judged.on, data=data
    ).encode()


def _numbers(judged: Judged) -> bytes:
    found = numbers(judged.run, judged.judgement, judged.calibration, photos=judged.on)
    return json.dumps(found, indent=1, ensure_ascii=False).encode()
