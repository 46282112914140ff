from __future__ import annotations

import math

import streamlit as st

import ui
from flowercore.runs import starter
from flowercore.settings import settings
from ui import answers, choices
from ui.answer_view import show_answers
from ui.empty import empty
from ui.models import about_starter, models, usual
from ui.pages import TRAIN
from ui.preparation import preparation_progress
from ui.samples import samples
from ui.threshold import threshold_of
from ui.uploads import drop, fresh_key, renew

ui.enter()

st.title("Predict", anchor=False)
st.markdown("Show the model a photo: it says what it sees, and how sure it is.")

runs = models()
if not runs:
    ready = preparation_progress()
    empty(
        "No model to ask yet",
        "Train one first: with the defaults it takes seconds."
        if ready
        else "One comes along and can be asked as soon as this machine is ready.",
        TRAIN,
        "Train a model",
    )
    st.stop()

run = choices.choose_run(runs, label="Model", default=usual(runs))
label = choices.run_label(run, st.context.timezone)
if run.id == starter.NAME:
    about_starter()
threshold_of(run)

photos = st.file_uploader(
    "Photos (JPEG, PNG, WebP or HEIC)",
    accept_multiple_files=True,
    max_upload_size=math.ceil(settings().limits.photo_bytes / (1 << 20)),
    key=fresh_key("photos"),
)
st.caption(
    ":material/lock: Your photo stays on this machine. Its file is dropped as soon as it is "
    "answered; the small picture below goes when you clear it or leave."
)
if photos:
    with ui.in_words():
        answers.ask(run.id, label, [(photo.name, photo.getvalue) for photo in photos])
        drop(photos)
        renew("photos")
        st.rerun()

given = answers.answers()
if given:
    show_answers(given)
samples(run, label)
