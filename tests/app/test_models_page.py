"""The Models page: the figures are those of the result files, and every state says what to do next."""

import dataclasses
import json
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from app_pages import SEVEN, start, texts

from digits.files import sha256, write_json
from digits.recognizer import Opinion


def saved(surroundings, name: str, answer: int, card=None):
    """Put a model into models/ that answers one digit to everything."""
    import keras

    from digits.models import architectures, checkpoints

    model = architectures.build("cnn", width=4)
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([np.zeros_like(kernel), 9 * np.eye(10)[answer] + 0 * bias])
    path = surroundings / "models" / f"{name}.keras"
    if card:
        checkpoints.save(model, dataclasses.replace(card, name=name), path)
    else:
        model.save(path)
    keras.backend.clear_session()
    return path


def judged(surroundings, path, kind="", stale=False, **figures):
    """Write a result on a model."""
    name = ".".join(filter(None, (path.stem, kind)))
    result = {"model": path.stem, "sha256": "0" * 64 if stale else sha256(path), **figures}
    write_json(surroundings / "results" / f"{name}.json", result)


def confusion(label: int, read: int, count: int) -> list[list[int]]:
    counts = 100 * np.eye(10, dtype=int)
    counts[label, read] = count
    return counts.tolist()


def opened(part: str, **state):
    """Open a part of the Models page."""
    app = start(models_part=part, **state)
    app.switch_page("models/page.py").run()
    assert not app.exception
    return app


def captions(app) -> str:
    return "\n".join(caption.value for caption in app.main.caption)


def said(app) -> str:
    return "\n".join(texts(app))


def test_the_leaderboard_shows_what_the_results_say(canvas, surroundings, tiny_card):
    promised = dataclasses.replace(tiny_card, promises={"mnist": 0.99, "pen": 0.9})
    good = saved(surroundings, "good", 3, promised)
    poor = saved(surroundings, "poor", 1)
    judged(surroundings, good, accuracy=0.98, interval_95=[0.97, 0.99], n=1000, ece=0.004)
    judged(surroundings, poor, accuracy=0.5, interval_95=[0.4, 0.6], n=1000, ece=0.2)
    judged(surroundings, good, "pen", stale=True, held_out={"n": 10, "accuracy": 0.95})
    judged(surroundings, good, "speed", canvas_ms=11.23, n=300)
    table = opened("Leaderboard").dataframe[0].value.set_index("Model")
    assert table.index.tolist() == ["good", "poor"]
    assert table["MNIST test"].tolist() == [0.98, 0.5]
    assert table.loc["good", ["Handwriting", "Calibration error", "Time", "Parameters"]].tolist() == [
        0.95,
        0.004,
        11.23,
        5000,
    ]
    assert table.loc["poor", ["Handwriting", "Attacked", "Parameters"]].isna().all()
    assert table["MB"].tolist() == [path.stat().st_size / 1e6 for path in (good, poor)]
    assert table["Trained on"].tolist() == ["nothing", "no card"]
    assert table["Remark"].tolist() == ["stale: Handwriting; 2 promises not kept", ""]


def test_stale_figures_and_broken_promises_are_told(canvas, surroundings, tiny_card):
    promised = dataclasses.replace(tiny_card, promises={"mnist": 0.99})
    good = saved(surroundings, "good", 3, promised)
    judged(surroundings, good, accuracy=0.98, n=1000, ece=0.004)
    judged(surroundings, good, "pen", stale=True, held_out={"n": 10, "accuracy": 0.95})
    app = opened("Leaderboard")
    assert "⚠️ **good**: Handwriting stale" in captions(app)
    assert "good promises MNIST test 99.00% and reaches 98.00%." in captions(app)
    styler = app.dataframe[0].proto.arrow_data.styler
    shown = pa.ipc.open_stream(styler.display_values).read_pandas()
    assert "95.00% ⚠️" in shown.to_numpy()
    assert app.selectbox(key="leaderboard_measure").options == [
        "MNIST test",
        "Handwriting",
        "Calibration error",
    ]


def test_a_result_that_is_broken_is_one_sentence(canvas, surroundings):
    path = saved(surroundings, "good", 3)
    (surroundings / "results" / "good.json").write_text("{")
    for part in ("Leaderboard", "Mistakes"):
        app = opened(part)
        assert any("evaluate.py --model good" in warning.value for warning in app.warning)
    judged(surroundings, path, "pen")  # without its figures
    (surroundings / "results" / "good.json").unlink()
    assert not opened("Leaderboard").exception


def test_models_that_were_never_judged_say_how_to_judge_them(canvas, surroundings):
    saved(surroundings, "new", 3)
    app = opened("Leaderboard")
    assert any("evaluation/judges/accuracy.py" in info.value for info in app.info)
    app = opened("Mistakes")
    assert any("evaluation/judges/accuracy.py --model new" in info.value for info in app.info)


@pytest.mark.parametrize("part", ["Leaderboard", "Arena", "Mistakes", "Cards"])
def test_an_empty_folder_says_how_to_train_a_model(canvas, surroundings, part):
    app = opened(part)
    assert any("training/train_cnn.py" in info.value for info in app.info)
    assert any(header.value == "Add your own" for header in app.subheader)


def test_a_model_that_is_whole_again_is_chosen(canvas, surroundings, tiny_model, tiny_card):
    from digits.models import checkpoints

    path = surroundings / "models" / "tiny.keras"
    checkpoints.save(tiny_model, tiny_card, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    app = start()
    assert app.sidebar.selectbox(key="model").value is None
    path.write_bytes(whole)
    app.run()
    assert app.sidebar.selectbox(key="model").value == "tiny"


def test_in_the_arena_all_agree(canvas, surroundings):
    for name in ("a", "b"):
        saved(surroundings, name, 3)
    app = opened("Arena")
    assert "#### All 2 say 3." in texts(app)
    assert "Together they say **3**." in said(app)
    table = app.dataframe[0].value
    assert table["Says"].tolist() == ["3", "3"]


def test_in_the_arena_disagreement_is_doubt(canvas, surroundings):
    for name, answer in (("a", 3), ("b", 3), ("odd", 1)):
        saved(surroundings, name, answer)
    app = opened("Arena")
    assert "#### 2 of 3 say 3, odd says 1: doubtful." in texts(app)
    assert "Doubt: **33." in said(app)
    assert app.dataframe[0].value["Model"].tolist() == ["a", "b", "odd"]
    app.button(key="arena_find").click().run()
    assert not app.exception
    assert "arena_sought" not in app.session_state
    assert "doubtful" in said(app)


def test_the_arena_takes_the_drawing_too(canvas, surroundings):
    saved(surroundings, "a", 3)
    canvas.image = SEVEN
    app = start(models_part="Arena")
    app.switch_page("models/page.py").run()
    assert app.segmented_control(key="arena_source").value == "Your drawing"
    assert "#### a says 3. With one model, nobody can disagree." in texts(app)
    assert "Right" not in app.dataframe[0].value


def test_agreement_in_words(canvas):
    from app.models.arena import agreement, ranked

    def opinion(name, digit, sure=0.9):
        return Opinion(name, digit, np.full(10, sure), "digit" if digit is not None else "not_a_digit")

    heard = [opinion("w", 1), opinion("z", 7, 0.8), opinion("y", None), opinion("x", 7), opinion("v", None)]
    heard += [opinion("u", 7)]
    assert [one.name for one in ranked(heard)] == ["u", "x", "z", "v", "y", "w"]
    assert agreement(ranked(heard)) == "3 of 6 say 7, v and y say no digit, w says 1: doubtful."


def test_mistakes_are_counted_and_shown(canvas, surroundings):
    path = saved(surroundings, "a", 3)
    pairs = [{"label": 4, "read_as": 9, "count": 6, "examples": [0, 2, 10**9]}]
    judged(surroundings, path, n=1000, errors=6, most_confused=pairs, confusion=confusion(4, 9, 6))
    app = opened("Mistakes")
    assert "**6** of 1,000 test digits are read wrong." in texts(app)
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert spec["layer"][0]["encoding"]["x"]["title"] == "read as"
    html = "".join(element.value for element in app.get("html"))
    assert "6 × <b>4</b> read as <b>9</b>" in html
    assert html.count("test digit") >= 2
    assert 'alt="test digit 2"' in html


def test_mistakes_of_an_older_result_and_without_pictures(canvas, surroundings):
    path = saved(surroundings, "a", 3)
    judged(surroundings, path, stale=True, most_confused=[{"label": 4, "read_as": 9, "count": 1}])
    app = opened("Mistakes", mistakes_sheet=True)
    assert any("Stale" in warning.value for warning in app.warning)
    assert any("no counts" in info.value for info in app.info)
    assert "a_pairs.png" in captions(app)
    assert "a_misclassified.png" in captions(app)
    (surroundings / "results" / "figures").mkdir()
    (surroundings / "results" / "figures" / "a_misclassified.png").write_bytes(b"png")
    app = opened("Mistakes", mistakes_sheet=True)
    assert "how sure it was" in captions(app)


def test_a_model_without_mistakes(canvas, surroundings):
    path = saved(surroundings, "a", 3)
    judged(surroundings, path, n=10, errors=0, most_confused=[], confusion=np.eye(10, dtype=int).tolist())
    assert "No pair is confused." in texts(opened("Mistakes"))


def test_a_card_is_told_in_words(canvas, surroundings, tiny_card):
    history = [{"epoch": 1, "accuracy": 0.8, "loss": 0.5, "val_accuracy": 0.9, "val_loss": 0.4}]
    config = {"script": "train_cnn", "remarks": "Made in a hurry."}
    card = dataclasses.replace(
        tiny_card, history=history, promises={"mnist": 0.9, "ece": 0.01}, config=config
    )
    path = saved(surroundings, "a", 3, card)
    judged(surroundings, path, accuracy=0.98, n=1000, ece=0.2)
    app = opened("Cards")
    assert [metric.value for metric in app.metric] == ["5,000", "0.1", "50.00%", "2026-01-01"]
    for words in (
        "**nothing** (none): none",
        "By `train_cnn`, architecture `cnn`, seed 1, on any; python 3.11.",
        "Made in a hurry.",
        "confidence is lowered",
        "It says *not sure* below 50.0 %. Holds back 1 in 100 good digits.",
        "✅ It promises MNIST test 90.00% and reaches 98.00%.",
        "❌ It promises Calibration error 1.00% and reaches 20.00%.",
    ):
        assert words in said(app)
    assert len(app.get("vega_lite_chart")) == 2
    shown = json.loads(app.json[0].value)
    assert shown["sha256"] == sha256(path)
    assert not {"history", "trade_off"} & shown.keys()


def test_a_card_without_curves_and_a_model_without_a_card(canvas, surroundings, tiny_card):
    saved(surroundings, "a", 3, tiny_card)
    saved(surroundings, "b", 3)
    app = opened("Cards")
    assert "No training curve was kept for this model." in texts(app)
    assert "- Nothing: its card holds no promises." in texts(app)
    app.selectbox(key="cards_model").set_value("b").run()
    assert not app.exception
    assert any("**b** has no card" in info.value for info in app.info)
    assert not app.metric


def test_only_the_chosen_part_runs(canvas, surroundings):
    saved(surroundings, "a", 3)
    app = opened("Leaderboard")
    assert len(app.dataframe) == 1
    app.segmented_control(key="models_part").set_value("Cards").run()
    assert not app.exception
    assert not app.dataframe


def added(app, name: str, data: bytes):
    """Upload a model and press the button."""
    app.file_uploader(key="added_model").upload(name, data, "application/zip")
    next(button for button in app.button if button.label == "Check and add").click().run()
    assert not app.exception
    return app


def test_an_uploaded_model_is_added_and_can_be_chosen(canvas, surroundings, tmp_path, tiny_model):
    saved(surroundings, "a", 3)
    tiny_model.save(tmp_path / "my net.keras")
    app = added(opened("Leaderboard"), "my net.keras", (tmp_path / "my net.keras").read_bytes())
    assert any("**my_net** was added" in success.value for success in app.success)
    assert app.selectbox(key="model").options == ["a", "my_net"]
    assert (surroundings / "models" / "my_net.keras").exists()


def test_a_refused_upload_is_one_sentence_and_changes_nothing(canvas, surroundings):
    saved(surroundings, "a", 3)
    app = added(opened("Leaderboard"), "evil.keras", b"\x80pickle")
    assert [error.value for error in app.error] == [
        "It was not added. evil.keras: It is a Python pickle, which can run any program when it is opened; "
        "expected a Keras archive: save the model with model.save('name.keras')."
    ]
    assert app.selectbox(key="model").options == ["a"]


def test_the_button_without_a_file_asks_for_one(canvas, surroundings):
    app = opened("Leaderboard")
    next(button for button in app.button if button.label == "Check and add").click().run()
    assert any("Choose a `.keras` file first." in warning.value for warning in app.warning)


def test_an_app_for_everyone_takes_in_no_models(canvas, surroundings, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    app = opened("Leaderboard")
    assert not app.get("file_uploader")
    assert any("takes in no models" in info.value for info in app.info)


def test_what_a_stranger_wrote_is_shown_as_written_and_fetches_nothing(canvas, surroundings, tiny_model):
    tiny_model.save(surroundings / "models" / "a.keras")
    picture = "![x](https://evil.example/p.png)"
    bad = surroundings / "models" / "*bad*.keras"
    config = {"class_name": "Sequential", "module": "keras", "config": {"x": {"class_name": picture}}}
    with zipfile.ZipFile(surroundings / "models" / "a.keras") as sound, zipfile.ZipFile(bad, "w") as archive:
        for name in sound.namelist():
            archive.writestr(name, json.dumps(config) if name == "config.json" else sound.read(name))
    app = added(opened("Leaderboard"), "![x](b).keras", bad.read_bytes())
    shown = [element.value for element in (*app.warning, *app.sidebar.caption, *app.error)]
    about = [words for words in shown if "evil.example" in words]
    assert len(about) == 3, "a warning, a caption in the sidebar and the upload's refusal"
    assert all(r"!\[x\](https" in words for words in about)
    assert r"\*bad\*.keras" in " ".join(about)
    assert not any("![x]" in words for words in shown)
