"""Asking by program: one photo or many, which run, how often; over a real connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from flowercore import __version__
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import store
from tests.api.answered import checked

HTML_NAME = '"><img src=x onerror=alert(1)>.jpg'


def ask(address: str, *photos: tuple[str, bytes], run: str = "") -> requests.Response:
    files = [("photo", photo) for photo in photos]
    return requests.post(f"{address}/predict", params={"run": run} if run else {}, files=files)


def test_one_photo_is_answered_as_on_the_page(run_id: str, address: str, rose: Path) -> None:
    said = checked(ask(address, ("rose.jpg", rose.read_bytes()), run=run_id), 200)

    (expected,) = Predictor.for_run(run_id).predict([("rose.jpg", rose.read_bytes())])
    assert isinstance(expected, Prediction)
    (answer,) = said["answers"]
    assert answer["photo"] == "rose.jpg"
    assert answer["verdict"] == expected.verdict
    assert answer["label"] == expected.label
    assert answer["probabilities"] == expected.probabilities
    assert answer["calibrated"] == expected.calibrated
    assert (answer["novel"], answer["distance"]) == (expected.novel, expected.distance)
    assert said["run"] == {
        "id": run_id,
        "name": store.get(run_id).title,
        "classes": ["aster", "daisy", "iris"],
    }


def test_many_photos_are_answered_in_their_order(
    run_id: str, address: str, paint: Callable[..., Path], tmp_path: Path
) -> None:
    colors = [(50, 60, 200), (200, 60, 60)] * 5
    paths = [paint(tmp_path / f"{n}.jpg", color, seed=n) for n, color in enumerate(colors)]
    photos = [(path.name, path.read_bytes()) for path in paths]
    photos[3] = ("notes.txt", b"no photo")
    said = checked(ask(address, *photos), 200)

    assert [one["photo"] for one in said["answers"]] == [name for name, _ in photos]
    answers = said["answers"]
    assert answers[3]["error"].endswith("Received: 'notes.txt', a text file.")
    assert {one["label"] for one in answers[::2]} == {"iris"}
    assert "iris" not in {one.get("label") for one in answers[1::2]}


def test_if_no_photo_can_be_read_that_is_the_answer(run_id: str, address: str) -> None:
    one = checked(ask(address, ("a.pdf", b"%PDF-1.7")), 422)
    assert one["error"] == (
        "A photo must be JPEG, PNG, WebP or HEIC. Received: 'a.pdf', a PDF document."
    )
    two = checked(ask(address, ("a.pdf", b"%PDF-1.7"), ("b.jpg", b"")), 422)
    assert two["error"] == "None of the 2 photos could be read."
    assert "which is empty" in two["answers"][1]["error"]


def test_the_starter_answers_first_of_all(
    with_starter: Path, run_id: str, address: str, rose: Path
) -> None:
    assert checked(ask(address, ("a.jpg", rose.read_bytes())), 200)["run"]["id"] == "starter"
    listed = checked(requests.get(f"{address}/runs"), 200)["runs"]
    assert [one["id"] for one in listed] == ["starter", run_id]
    assert listed[0]["accuracy"] == pytest.approx(0.924, abs=0.001)
    low, high = listed[0]["accuracy_interval"]
    assert low < listed[0]["accuracy"] < high
    assert checked(requests.get(f"{address}/health"), 200)["ready"] is True


def test_runs_are_listed_without_their_visitors_or_places(
    run_id: str, address: str, home: Path
) -> None:
    run = store.get(run_id)
    store.update(run, visitor="0123456789abcdef" * 2)
    answer = requests.get(f"{address}/runs")
    (listed,) = checked(answer, 200)["runs"]
    assert listed["created"] == run.created
    assert run.title in listed["name"]
    assert "0123456789abcdef" not in answer.text
    assert str(home) not in answer.text

    (home / "runs" / run_id / "head.safetensors").unlink()
    assert checked(requests.get(f"{address}/runs"), 200) == {"runs": []}


def test_health_says_whether_the_networks_are_there(home: Path, address: str) -> None:
    said = checked(requests.get(f"{address}/health"), 200)
    assert said == {"status": "ok", "version": __version__, "ready": False}


def test_before_there_is_a_model_it_says_so(prepared: Path, address: str, rose: Path) -> None:
    for run, words in (("", "no model to ask yet"), ("starter", "being set up")):
        answer = ask(address, ("a.jpg", rose.read_bytes()), run=run)
        assert words in checked(answer, 503)["error"]
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("run", ["../../etc/passwd", "20260101-000000-abcdef", "x" * 5000, "\x00"])
def test_a_run_that_is_none(run: str, run_id: str, address: str, rose: Path) -> None:
    said = checked(ask(address, ("a.jpg", rose.read_bytes()), run=run), 404)
    assert said["error"].startswith("There is no run of that name.")
    assert len(said["error"]) < 400


def test_a_run_that_is_still_training_or_damaged(
    run_id: str, address: str, home: Path, rose: Path
) -> None:
    file = home / "runs" / run_id / "head.safetensors"
    file.write_bytes(b"edited")
    answer = ask(address, ("a.jpg", rose.read_bytes()), run=run_id)
    assert "head.safetensors" in checked(answer, 503)["error"]
    values = json.loads((home / "runs" / run_id / "run.json").read_bytes())
    waiting = store.new_run(values["config"], visitor="", held_by="nobody")
    answer = ask(address, ("a.jpg", rose.read_bytes()), run=waiting.id)
    assert checked(answer, 404)["error"]


def test_a_name_made_to_break_a_page_is_only_a_name(run_id: str, address: str, rose: Path) -> None:
    long = "n" * 296 + ".jpg"
    data = rose.read_bytes()
    said = checked(ask(address, (HTML_NAME, data), (long, data), ("a\u202e\x1b.jpg", data)), 200)
    names = [one["photo"] for one in said["answers"]]
    # As a browser and this client write a quote in a name.
    assert names[0].replace("%22", '"') == HTML_NAME
    assert len(names[1]) == 80
    assert names[1].endswith("n.jpg")
    assert "\u202e" not in names[2]
    assert "\x1b" not in names[2]


def test_any_field_will_do_but_the_run_stands_in_the_address(
    run_id: str, address: str, rose: Path
) -> None:
    data = rose.read_bytes()
    answer = requests.post(f"{address}/predict", files={"anything": (None, data)})
    assert checked(answer, 200)["answers"][0]["photo"] == "anything"
    answer = requests.post(f"{address}/predict", data={"run": run_id}, files={"photo": data})
    assert "/api/predict?run=" in checked(answer, 422)["error"]


def test_who_sends_too_much_waits(
    run_id: str, address: str, rose: Path, limits: Callable[..., None]
) -> None:
    limits(api_photos_a_minute=3)
    photo = ("a.jpg", rose.read_bytes())
    checked(ask(address, photo, photo, photo), 200)
    answer = ask(address, photo)
    assert "at most 3 photos a minute" in checked(answer, 429)["error"]
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert checked(requests.get(f"{address}/runs"), 429)
    assert checked(requests.get(f"{address}/health"), 200)
    other = requests.post(
        f"{address}/predict",
        files={"photo": photo},
        cookies={"flower_lab_visitor": "0123456789abcdef" * 2},
    )
    assert checked(other, 200)


def test_it_can_be_switched_off(
    run_id: str, address: str, rose: Path, limits: Callable[..., None]
) -> None:
    limits(api="off")
    for path in ("health", "runs", "openapi.json", "nothing"):
        assert "FLOWERCORE_API" in checked(requests.get(f"{address}/{path}"), 404)["error"]
    assert checked(ask(address, ("a.jpg", rose.read_bytes())), 404)
    limits(api="perhaps")
    assert "must be on or off" in checked(requests.get(f"{address}/predict"), 422)["error"]


def test_methods_and_addresses(home: Path, address: str) -> None:
    answer = requests.put(f"{address}/predict", data=b"x")
    assert "Received: PUT" in checked(answer, 405)["error"]
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert checked(requests.get(f"{address}/predict"), 405)
    for part_of_one in ("POS", "ET"):
        assert checked(requests.request(part_of_one, f"{address}/predict"), 405)
        assert checked(requests.request(part_of_one, f"{address}/runs"), 405)
    assert checked(requests.get(f"{address}/nothing"), 404)
    assert checked(requests.get(f"{address}/runs/"), 404)
    options = requests.options(f"{address}/predict", headers={"Origin": "http://elsewhere.test"})
    assert (options.status_code, options.headers["allow"]) == (204, "POST, OPTIONS")
    assert not [name for name in options.headers if name.lower().startswith("access-control")]
    head = requests.head(f"{address}/health")
    assert (head.status_code, head.content) == (200, b"")


def test_eight_clients_at_once_all_get_their_own_answers(
    run_id: str, address: str, paint: Callable[..., Path], tmp_path: Path
) -> None:
    blue = paint(tmp_path / "blue.jpg", (50, 60, 200)).read_bytes()
    red = paint(tmp_path / "red.jpg", (200, 60, 60)).read_bytes()

    def client(number: int) -> list[tuple[str, bool]]:
        found = []
        for turn in range(3):
            name = f"{number}-{turn}.jpg"
            answer = ask(address, (name, blue if number % 2 else red))
            (one,) = checked(answer, 200)["answers"]
            assert one["photo"] == name
            found.append(one["label"] == "iris")
        return found

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(client, range(8))) == [[bool(number % 2)] * 3 for number in range(8)]
