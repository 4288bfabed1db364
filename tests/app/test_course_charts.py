"""The chart of a course has its whole width from the beginning, and shows each finished epoch."""

from app.teach import finetune


def test_each_finished_epoch_is_a_point_and_the_width_is_that_of_all():
    history = [{"epoch": 1, "val_accuracy": 0.6}, {"epoch": 1, "val_accuracy": 0.8}]
    border, line = finetune.course_chart(history, epochs=7).to_dict()["layer"]
    assert line["data"]["values"] == [{"run": 1, "share": 0.6}, {"run": 2, "share": 0.8}]
    assert line["encoding"]["x"]["scale"]["domain"] == [0.5, 7.5]
    assert line["encoding"]["y"]["scale"]["domain"] == [0.5, 1.0]
    assert border["data"]["values"] == [{"run": 1.5}]
    assert border["encoding"]["x"]["scale"] == line["encoding"]["x"]["scale"]
