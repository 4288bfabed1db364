"""The Models page: the figures are those of the result files, and every state says what to do next."""

import dataclasses
import json
import shutil
import zipfile
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from app_pages import SEVEN, choose, html, sound, start, texts, words
from requirements_made import require

from app.shared import icons
from digits.files import sha256, write_json
from digits.recognizer import Opinion


@cache
def constant(answer: int):
    """Return a model that answers one digit to everything."""
    from digits.models import architectures

    model = architectures.build("cnn", width=4)
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([np.zeros_like(kernel), 9 * np.eye(10)[answer] + 0 * bias])
    return model


def saved(folder, name: str, answer: int, card=None):
    """Put a model into models/ that answers one digit to everything."""
    from digits.models import checkpoints

    path = folder / f"{name}.keras"
    if card:
        checkpoints.save(constant(answer), dataclasses.replace(card, name=name), path)
    else:
        constant(answer).save(path)
    return path


def judged(path, kind="", stale=False, **figures):
    """Write a result on a model."""
    name = ".".join(filter(None, (path.stem, kind)))
    result = {"model": path.stem, "sha256": "0" * 64 if stale else sha256(path), **figures}
    write_json(path.parents[1] / "results" / f"{name}.json", result)


def confusion(label: int, read: int, count: int) -> list[list[int]]:
    counts = 100 * np.eye(10, dtype=int)
    counts[label, read] = count
    return counts.tolist()


def opened(part: str, **state):
    """Open a part of the Models page."""
    return start("models", models_part=part, **state)


def heads(app) -> list[str]:
    return [header.value for header in app.header]


def warned(app) -> str:
    return "\n".join(warning.value for warning in app.warning)


def test_the_leaderboard_shows_what_the_results_say_and_what_to_know(own_models, tiny_card):
    require("good", mnist=0.99, pen=0.9)
    good = saved(own_models, "good", 3, tiny_card)
    poor = saved(own_models, "poor", 1)
    judged(good, accuracy=0.98, interval_95=[0.97, 0.99], n=1000, ece=0.004)
    judged(poor, accuracy=0.5, interval_95=[0.4, 0.6], n=1000, ece=0.2)
    judged(good, "pen", stale=True, held_out={"n": 10, "accuracy": 0.95})
    judged(good, "speed", canvas_ms=11.23, n=300)
    app = opened("Leaderboard")
    table = app.dataframe[0].value.set_index("Model")
    assert table.index.tolist() == ["good", "poor"]
    assert table["MNIST test"].tolist() == [0.98, 0.5]
    figures = table.loc["good", ["Handwriting", "Calibration error", "Time", "Parameters"]].tolist()
    assert figures == [0.95, 0.004, 11.23, 5000]
    assert table.loc["poor", ["Handwriting", "Attacked", "Parameters"]].isna().all()
    assert table["MB"].tolist() == [path.stat().st_size / 1e6 for path in (good, poor)]
    assert table["Trained on"].tolist() == ["nothing", "no card"]
    assert table["Remark"].tolist() == ["stale: Handwriting; 2 requirements missed", ""]
    assert "**good**: Handwriting stale" in words(app)
    assert "good must reach MNIST test 99.00% and reaches 98.00%." in words(app)
    shown = pa.ipc.open_stream(app.dataframe[0].proto.arrow_data.styler.display_values).read_pandas()
    assert "95.00% (stale)" in shown.to_numpy()
    known = ["MNIST test", "Handwriting", "Calibration error", "Time"]
    assert app.selectbox(key="leaderboard_measure").options == known
    assert len(app.get("vega_lite_chart")) == 2
    choose(app, "segmented_control", "models_part", "Cards")
    assert not app.dataframe  # only the chosen part runs


def test_what_was_never_judged_or_is_broken_says_how_to_judge_it(own_models):
    path = saved(own_models, "new", 3)
    for part in ("Leaderboard", "Mistakes"):
        assert "evaluation.judges.accuracy --model" in words(opened(part))
    (own_models.parent / "results" / "new.json").write_text("{")
    for part in ("Leaderboard", "Mistakes"):
        assert "--model new" in warned(opened(part))
    judged(path, "pen")  # without its figures
    (own_models.parent / "results" / "new.json").unlink()
    opened("Leaderboard")


@pytest.mark.parametrize("part", ["Leaderboard", "Arena"])
def test_an_empty_folder_says_how_to_train_a_model(own_models, part):
    app = opened(part)
    assert any("training/train_cnn.py" in info.value for info in app.info)
    assert any(header.value == "Add your own" for header in app.header)


def test_in_the_arena_agreement_is_told_and_disagreement_is_doubt(own_models, canvas):
    saved(own_models, "a", 3)
    saved(own_models, "b", 3)
    app = opened("Arena")
    assert "All 2 say 3." in heads(app)
    assert "Together they say **3**." in words(app)
    assert app.dataframe[0].value["Says"].tolist() == ["3", "3"]
    saved(own_models, "odd", 1)
    app = opened("Arena")
    assert "2 of 3 say 3, odd says 1: doubtful." in heads(app)
    assert "Doubt: **33." in words(app)
    assert app.dataframe[0].value["Model"].tolist() == ["a", "b", "odd"]
    sound(app.button(key="arena_find").click().run())
    assert "arena_sought" not in app.session_state
    assert "doubtful" in heads(app)[0]
    for name in ("b", "odd"):
        (own_models / f"{name}.keras").unlink()
    canvas.image = SEVEN
    app = opened("Arena")
    assert app.segmented_control(key="arena_source").value == "Your picture"
    assert "a says 3. With one model, nobody can disagree." in heads(app)
    assert "Right" not in app.dataframe[0].value


def test_agreement_in_words(canvas):
    from app.models.arena import agreement, ranked

    def opinion(name, digit, sure=0.9):
        return Opinion(digit, np.full(10, sure), "digit" if digit is not None else "not_a_digit", name)

    heard = [opinion("w", 1), opinion("z", 7, 0.8), opinion("y", None), opinion("x", 7), opinion("v", None)]
    heard += [opinion("u", 7)]
    assert [one.name for one in ranked(heard)] == ["u", "x", "z", "v", "y", "w"]
    assert agreement(ranked(heard)) == "3 of 6 say 7, v and y say no digit, w says 1: doubtful."


def test_mistakes_are_counted_and_shown(own_models):
    path = saved(own_models, "a", 3)
    pairs = [{"label": 4, "read_as": 9, "count": 6, "examples": [0, 2, 10**9]}]
    judged(path, n=1000, errors=6, most_confused=pairs, confusion=confusion(4, 9, 6))
    app = opened("Mistakes")
    assert "**6** of 1,000 test digits are read wrong." in texts(app)
    assert len(app.get("vega_lite_chart")) == 1
    assert "<b>4</b> read as <b>9</b>: 6 times" in html(app)
    assert 'alt="test digit 2"' in html(app)
    judged(path, n=10, errors=0, most_confused=[], confusion=np.eye(10, dtype=int).tolist())
    assert "No pair is confused." in texts(opened("Mistakes"))


def test_mistakes_of_an_older_result_and_without_pictures(own_models):
    path = saved(own_models, "a", 3)
    judged(path, stale=True, most_confused=[{"label": 4, "read_as": 9, "count": 1}])
    app = opened("Mistakes", mistakes_sheet=True)
    assert "Stale" in warned(app)
    for said in ("no counts", "a_pairs.png", "a_misclassified.png"):
        assert said in words(app)
    figures = own_models.parent / "results" / "figures"
    figures.mkdir()
    (figures / "a_misclassified.png").write_bytes(b"png")
    assert "how sure it was" in words(opened("Mistakes", mistakes_sheet=True))


def test_a_card_is_told_in_words(own_models, tiny_card):
    history = [
        {"epoch": 1, "accuracy": 0.8, "loss": 0.5, "val_accuracy": 0.9, "val_loss": 0.4},
        {"epoch": 1, "accuracy": 0.9, "loss": 0.2, "val_accuracy": 1.0, "val_loss": 0.0},
        {"epoch": 2, "accuracy": 0.95, "loss": 0.1},
    ]
    config = {"script": "train_cnn", "remarks": "Made in a hurry."}
    card = dataclasses.replace(tiny_card, history=history, config=config)
    path = saved(own_models, "a", 3, card)
    require("a", mnist=0.9, ece=0.01)
    judged(path, accuracy=0.98, n=1000, ece=0.2)
    saved(own_models, "b", 3, tiny_card)
    saved(own_models, "c", 3)
    app = opened("Cards")
    assert [metric.value for metric in app.metric] == ["5,000", "0.1", "50.00%", "2026-01-01"]
    for said in (
        "**nothing** (none): none",
        "By `train_cnn`, architecture `cnn`, seed 1, on any; python 3.11.",
        "Made in a hurry.",
        "confidence is lowered",
        "It says *not sure* below 50.0 %. Holds back 1 in 100 good digits.",
        f"{icons.RIGHT} It must reach MNIST test 90.00% and reaches 98.00%.",
        f"{icons.WRONG} It must reach Calibration error 1.00% and reaches 20.00%.",
    ):
        assert said in words(app)
    shown = json.loads(app.json[0].value)
    assert shown["sha256"] == sha256(path)
    assert not {"history", "trade_off"} & shown.keys()
    accuracy, _ = (json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart"))
    borders, lines = (layer["data"]["values"] for layer in accuracy["layer"])
    assert borders == [{"run": 1.5}]  # a stage began
    points = [(row["curve"], row["run"], row["stage"], round(row["value"], 6)) for row in lines]
    assert points == [
        ("training", 1, 1, 0.2),
        ("validation", 1, 1, 0.1),
        ("training", 2, 2, 0.1),
        ("validation", 2, 2, 0.0001),  # no mistake: a logarithmic axis has no 0
        ("training", 3, 2, 0.05),
    ]
    choose(app, "selectbox", "cards_model", "b")
    assert "No training curve was kept for this model." in texts(app)
    assert "- Nothing." in texts(app)
    choose(app, "selectbox", "cards_model", "c")
    assert any("**c** has no card" in info.value for info in app.info)
    assert not app.metric


# Adding a model of one's own.


def add(app):
    next(button for button in app.button if button.label == "Check and add").click().run()
    return sound(app)


def added(app, name: str, data: bytes):
    """Upload a model and press the button."""
    app.file_uploader(key="added_model").upload(name, data, "application/zip")
    return add(app)


def test_an_uploaded_model_is_added_and_a_bad_one_refused_in_one_sentence(own_models, tmp_path, tiny_model):
    saved(own_models, "a", 3)
    app = add(opened("Leaderboard"))
    assert "Choose a `.keras` file first." in warned(app)
    added(app, "evil.keras", b"\x80pickle")
    assert [error.value for error in app.error] == [
        "It was not added. evil.keras: It is a Python pickle, which can run any program when it is opened; "
        "expected a Keras archive: save the model with model.save('name.keras')."
    ]
    assert app.selectbox(key="model").options == ["a"]
    tiny_model.save(tmp_path / "my net.keras")
    added(app, "my net.keras", (tmp_path / "my net.keras").read_bytes())
    assert any("**my_net** was added" in success.value for success in app.success)
    assert app.selectbox(key="model").options == ["a", "my_net"]
    assert (own_models / "my_net.keras").exists()


def test_an_app_for_everyone_takes_in_no_models(own_models, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    app = opened("Leaderboard")
    assert not app.get("file_uploader")
    assert any("takes in no models" in info.value for info in app.info)


def test_what_somebody_else_wrote_is_shown_as_written_and_fetches_nothing(own_models, tiny_model):
    tiny_model.save(own_models / "a.keras")
    picture = "![x](https://evil.example/p.png)"
    bad = own_models / "*bad*.keras"
    config = {"class_name": "Sequential", "module": "keras", "config": {"x": {"class_name": picture}}}
    with zipfile.ZipFile(own_models / "a.keras") as whole, zipfile.ZipFile(bad, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, json.dumps(config) if name == "config.json" else whole.read(name))
    app = added(opened("Leaderboard"), "![x](b).keras", bad.read_bytes())
    shown = [element.value for element in (*app.warning, *app.sidebar.caption, *app.error)]
    about = [said for said in shown if "evil.example" in said]
    assert len(about) == 3, "a warning, a caption in the sidebar and the upload's refusal"
    assert all(r"!\[x\](https" in said for said in about)
    assert r"\*bad\*.keras" in " ".join(about)
    assert not any("![x]" in said for said in shown)


# The models of one's own.


def click(app, key: str):
    return sound(app.button(key=key).click().run())


def test_own_models_are_measured_renamed_and_removed(own_models, canvas, monkeypatch):
    path, twin = saved(own_models, "mine", 3), own_models / "twin.keras"
    shutil.copyfile(path, twin)
    saved(own_models, "other", 1)
    app = opened("Leaderboard", model="mine")
    assert "**mine and twin** are the same file. Remove one." in warned(app)
    click(app, "remove_do_twin")
    assert not twin.exists()
    assert "same file" not in warned(app)
    added(app, "again.keras", path.read_bytes())
    assert "again.keras is here already, as mine: the same file." in app.error[0].value
    click(app, "measure_mine")
    assert canvas.tasks == [("mine", "measure")]
    app.text_input(key="new_name_mine").set_value("other").run()
    assert "called other already" in click(app, "rename_do_mine").error[0].value
    app.text_input(key="new_name_mine").set_value("hand").run()
    click(app, "rename_do_mine")
    assert "**mine** is called **hand** now." in app.success[0].value
    assert app.sidebar.selectbox(key="model").value == "hand"
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    assert not [button for button in opened("Leaderboard").button if button.key and "hand" in button.key]


def test_the_default_says_what_it_is_better_at_than_the_first(own_models, monkeypatch):
    from app.models import leaderboard

    monkeypatch.setattr(leaderboard, "DEFAULT_MODEL", "default")
    default, first = saved(own_models, "default", 3), saved(own_models, "first", 1)
    letters = {"set": "letters", "n": 100}
    for path, accuracy, caught in ((default, 0.97, 90), (first, 0.99, 5)):
        judged(path, accuracy=accuracy, interval_95=[accuracy - 0.001, accuracy + 0.001], n=10_000)
        judged(path, "handwriting.some", sets=[letters | {"errors": 100 - caught}])
    said = "**default**, the default, is better than **first** at: Letters caught (90.00%, first 5.00%)."
    assert said in words(opened("Leaderboard"))
    judged(first, "handwriting.some", stale=True, sets=[letters | {"errors": 95}])
    assert "is better than" not in words(opened("Leaderboard"))
