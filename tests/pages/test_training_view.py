"""Train: one run as it goes on, and what can be done with it afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.jobs import exporting, queue
from flowercore.jobs.exporting import ExportState
from flowercore.runs import results, store
from flowercore.runs.results import Progress
from tests.pages.reading import button, errors, shown, texts

PATIENCE_SECONDS = 60


def edit(run_id: str, config: dict[str, object] | None = None, **changes: object) -> None:
    path = store.folder(run_id) / "run.json"
    values = json.loads(path.read_text())
    values["config"].update(config or {})
    path.write_text(json.dumps({**values, **changes}))


def bars(app: AppTest) -> list[str]:
    return [shown(bar.proto.text) for bar in app.get("progress")]


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every process that holds a run be alive."""
    monkeypatch.setattr(store.holder, "alive", lambda name: True)


@pytest.mark.usefixtures("alive")
def test_fine_tuning_is_shown_with_epoch_time_and_time_left(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    tuning = {"fine_tune_from": "block7a", "fine_tune_epochs": 3, "epochs": 2}
    edit(run_id, tuning, status="training")
    rows = [
        {**dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"), 0.5), "epoch": number}
        for number in (1, 2, 3)
    ]
    for row, phase, seconds in zip(rows, ("head", "head", "tail"), (0.1, 0.1, 12), strict=True):
        row.update(phase=phase, seconds=seconds, learning_rate=1e-3)
    results.write_history(run_id, rows, durable=False)
    results.write_progress(
        run_id, Progress("tail", done=30, total=60, seconds=18, epoch=3, epochs=5)
    )
    app = visit("train", run=run_id)
    assert "Epoch 4 of 5: fine-tuning, 12 s an epoch, 18 s left" in bars(app)
    (chart,) = [one.proto for one in app.get("plotly_chart")]
    assert "over 3 epochs, fine-tuned after epoch 2" in chart.alt
    assert json.loads(chart.spec)["layout"]["xaxis"]["range"] == [1, 5]
    assert "Your training goes on" not in texts(app)  # it is somebody else's


@pytest.mark.usefixtures("alive")
def test_a_download_is_counted_in_megabytes_and_can_be_stopped(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    edit(run_id, status="features", visitor="local")
    results.write_progress(
        run_id, Progress("weights", done=20_000_000, total=80_000_000, seconds=10)
    )
    app = visit("train", run=run_id)
    assert "Fetching the weights: 20.0 MB of 80.0 MB, 30 s left" in bars(app)
    assert "Your training goes on: [see how far it is](#run)." in texts(app)
    button(app, "Stop")
    assert store.cancel_requested(run_id)
    assert "Stopping …" in texts(app)


def test_a_failed_run_is_started_again_with_one_click(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    edit(run_id, {"epochs": 3}, status="failed", reason="The worker process is gone.")
    app = visit("train", run=run_id)
    assert "The worker process is gone." in errors(app)
    button(app, "Start again")
    again = app.query_params["run"]
    assert again != run_id
    end = time.monotonic() + PATIENCE_SECONDS
    while store.get(again).active and time.monotonic() < end:
        time.sleep(0.1)
    run = store.get(again)
    assert (run.status, run.config["epochs"]) == ("finished", 3)
    assert store.get(run_id).status == "failed"


@pytest.mark.usefixtures("alive")
def test_a_run_is_not_started_again_while_another_is_active(
    visit: Callable[..., AppTest], run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run_id: str, visitor: str) -> None:
        raise queue.JobError("One training a visitor runs at a time, and yours is still active.")

    monkeypatch.setattr(queue, "restart", refuse)
    app = visit("train", run=run_id)
    button(app, "Train again")
    assert "yours is still active" in errors(app)[0]
    assert app.query_params["run"] == run_id


def test_a_runs_settings_come_back_into_the_form(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    used = {
        "epochs": 7,
        "optimizer": "sgd",
        "dropout": 0.25,
        "augment": 4,
        "augmentations": ["crop"],
        "fine_tune_from": "block6b",
        "weight_average": 0.98,
        "name": "The fifth try",
    }
    edit(run_id, used)
    app = visit("train", run=run_id)
    assert app.number_input(key="epochs").value == 25
    button(app, "Use these settings")
    assert app.number_input(key="epochs").value == 7
    assert app.radio(key="optimizer").value == "sgd"
    assert app.number_input(key="dropout").value == 0.25
    assert app.number_input(key="views").value == 4
    assert [key for key in ("flip", "crop", "rotation") if app.checkbox(key=key).value] == ["crop"]
    assert app.toggle(key="fine_tune").value
    assert app.select_slider(key="from").value == "block6b"
    assert app.number_input(key="averaging").value == 0.98
    assert app.text_input(key="run_name").value == "The fifth try"
    assert not errors(app)


@pytest.mark.parametrize(
    "config",
    [{"epochs": "x"}, {"backbone": "none such"}, {"learning_rate": None}, {"name": 7}],
    ids=lambda config: next(iter(config)),
)
def test_settings_that_were_edited_by_hand_leave_the_page_alive(
    visit: Callable[..., AppTest], run_id: str, config: dict[str, object]
) -> None:
    edit(run_id, config)
    app = visit("train", run=run_id)
    assert "Its settings cannot be read." in texts(app)
    assert "Test accuracy" in texts(app)
    assert "Use these settings" not in texts(app)


def test_logs_for_tensorboard_are_told_without_a_path(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    assert "logs for TensorBoard lie" not in texts(visit("train", run=run_id))
    edit(run_id, {"tensorboard": True})
    said = texts(visit("train", run=run_id))
    assert "Its logs for TensorBoard lie in the run's folder under `tensorboard`." in said
    assert str(store.folder(run_id)) not in said


@dataclass
class FakeExports:
    """Stands for the workers that pack runs."""

    state: ExportState = field(default_factory=lambda: ExportState("missing"))
    asked: list[str] = field(default_factory=list)

    def export(self, run_id: str) -> None:
        self.asked.append(run_id)
        self.state = ExportState("running")

    def exporting(self, run_id: str) -> ExportState:
        return self.state


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> FakeExports:
    fake = FakeExports()
    monkeypatch.setattr(queue, "export", fake.export)
    monkeypatch.setattr(queue, "exporting", fake.exporting)
    return fake


def test_a_run_is_packed_and_taken_home(
    visit: Callable[..., AppTest], run_id: str, exports: FakeExports
) -> None:
    app = visit("train", run=run_id)
    button(app, "Take it home")
    assert exports.asked == [run_id]
    (packing,) = [one for one in app.button if one.label == "Packing …"]
    assert packing.disabled
    exports.state = ExportState("ready")
    exporting.archive(run_id).write_bytes(b"zip" * 500_000)
    app.run()
    (download,) = app.get("download_button")
    assert shown(download.proto.label) == "Download (1.5 MB)"
    assert "Take it home" not in texts(app)


def test_why_packing_failed_is_told_and_it_can_be_tried_again(
    visit: Callable[..., AppTest], run_id: str, exports: FakeExports
) -> None:
    exports.state = ExportState("failed", "The disk is full.")
    app = visit("train", run=run_id)
    assert "The disk is full." in errors(app)
    button(app, "Take it home")
    assert exports.asked == [run_id]


def test_a_run_without_a_model_is_not_taken_home(
    visit: Callable[..., AppTest], run_id: str, exports: FakeExports
) -> None:
    edit(run_id, status="failed", reason="It diverged.", seconds={})
    assert "Take it home" not in texts(visit("train", run=run_id))
