from __future__ import annotations

import streamlit as st

from flowercore.runs import starter
from ui import answers, choices
from ui.answer_view import show_answers
from ui.batch_view import answered, show_batch
from ui.empty import empty
from ui.entry import enter
from ui.models import about_starter, models, usual
from ui.pages import TRAIN
from ui.photo_input import photos_in
from ui.preparation import preparation_progress
from ui.samples import samples
from ui.threshold import threshold_of

enter()

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

box, sure = st.columns([3, 1], vertical_alignment="bottom")
with box:
    run = choices.choose_run(runs, label="Model", default=usual(runs))
with sure:
    threshold_of(run)
label = choices.run_labels(runs, st.context.timezone)[run.id]
if run.id == starter.NAME:
    about_starter()
photos_in(run.id, label)

many = answered()
given = answers.answers()
if many:
    show_batch(many)
elif given:
    show_answers(given)
samples(run, label)
