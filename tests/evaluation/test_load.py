"""A page put together from Streamlit's messages, and what bench_load.py reckons with."""

import json

import numpy as np
import pytest
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from digits.config import ROOT
from digits.files import read_json
from evaluation.benchmarks.load.__main__ import ASKED, faults
from evaluation.benchmarks.load.crowd import Tally
from evaluation.benchmarks.load.drawings import Step, answered
from evaluation.benchmarks.load.figures import growth, waiting
from evaluation.benchmarks.load.page import Page, first_state, key_of
from evaluation.benchmarks.load.scales import resident
from evaluation.report.schemas import problems

NAME = "$$ID-0123456789abcdef-{}".format


def begin(*fragments: str) -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.page_script_hash = "draw"
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def block(place: list[int], key: str, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(place)
    message.delta.fragment_id = fragment
    message.delta.add_block.id = NAME(key)
    return message


def element(place: list[int], fragment: str = "", **parts) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(place)
    message.delta.fragment_id = fragment
    message.delta.new_element.MergeFrom(Element(**parts))
    return message


def end(how: int = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    return ForwardMsg(script_finished=how)


def shown(*messages: ForwardMsg) -> Page:
    page = Page()
    for message in messages:
        page.take(message)
    return page


ANSWERED = [
    begin(),
    element([0, 0], markdown={"body": "Draw a digit"}),
    block([0, 1], "answer", "f"),
    element([0, 1, 0], "f", markdown={"body": "7"}),
    end(),
]


def test_what_stands_in_a_container_is_found_by_its_key():
    page = shown(*ANSWERED)
    assert page.text("answer") == "7"
    assert page.text("status") is None
    assert page.fragment("answer") == "f"
    assert page.hash == "draw"


def test_an_answer_is_told_from_what_else_comes():
    page = shown(*ANSWERED[:3])
    assert page.brings(ANSWERED[3], "answer")
    assert not page.brings(ANSWERED[1], "answer")
    assert not page.brings(ANSWERED[2], "answer")  # the container itself, still empty
    assert not page.brings(ANSWERED[4], "answer")


def test_a_run_has_ended_unless_another_one_follows():
    page = Page()
    assert not page.take(begin())
    assert not page.take(end(ForwardMsg.FINISHED_EARLY_FOR_RERUN))
    assert page.take(end(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY))
    assert page.take(end())


def test_what_a_run_does_not_send_again_is_gone_when_it_ends():
    page = shown(*ANSWERED, begin(), block([0, 1], "answer", "f"))
    assert page.text("answer") == "7"
    page.take(end())
    assert page.text("answer") is None


def test_a_fragment_that_runs_leaves_the_rest_alone():
    page = shown(*ANSWERED, block([1], "title"), element([1, 0], markdown={"body": "stays"}))
    for message in (begin("f"), block([0, 1], "answer", "f"), end()):
        page.take(message)
    assert page.text("answer") is None
    assert page.text("title") == "stays"


def test_a_spinner_hides_nothing():
    spinner = ForwardMsg()
    spinner.metadata.delta_path.extend([0, 1, 0])
    spinner.delta.new_transient.SetInParent()
    assert shown(*ANSWERED, spinner).text("answer") == "7"


def test_exceptions_and_red_boxes_are_problems_and_hints_are_none():
    page = shown(
        begin(),
        element([0], exception={"type": "KeyError", "message": "'x'"}),
        element([1], alert={"body": "Too large.", "format": Alert.ERROR}),
        element([2], alert={"body": "Press Start.", "format": Alert.INFO}),
    )
    assert page.problems() == ["KeyError: 'x'", "Too large."]


def test_widgets_hold_what_they_were_made_with_until_they_are_gone():
    slider = {"id": NAME("brush"), "default": [18.0]}
    page = shown(begin(), element([0], slider=slider), element([1], button={"id": NAME("clear")}), end())
    assert page.widgets["brush"].double_array_value.data == [18.0]
    assert page.widget("clear") == NAME("clear")
    with pytest.raises(ValueError, match="There is no camera on the page"):
        page.widget("camera")
    page.take(begin())
    page.take(end())
    assert page.widgets == {}


def test_a_value_that_the_app_sets_counts_more_than_the_one_before():
    choice = {"id": NAME("rivals"), "options": ["a", "b"]}
    page = shown(begin(), element([0], multiselect=choice | {"default": [1]}))
    assert page.widgets["rivals"].string_array_value.data == ["b"]
    page.take(element([0], multiselect=choice | {"set_value": True, "raw_values": ["a", "b"]}))
    assert page.widgets["rivals"].string_array_value.data == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "parts", "said"),
    [
        ("checkbox", {"default": True}, {"bool_value": True}),
        ("selectbox", {"options": ["a", "b"], "default": 1}, {"string_value": "b"}),
        ("slider", {"options": ["few", "many"], "default": [1]}, {"string_array_value": {"data": ["many"]}}),
        (
            "button_group",
            {"options": [{"content": "Draw"}], "default": [0]},
            {"string_array_value": {"data": ["Draw"]}},
        ),
    ],
)
def test_a_fresh_widget_says_what_it_holds(kind, parts, said):
    state = first_state(getattr(Element(**{kind: {"id": NAME("any")} | parts}), kind))
    assert state == type(state)(id=NAME("any"), **said)


def test_a_button_says_nothing_until_it_is_pressed():
    assert first_state(Element(button={"id": NAME("clear")}).button) is None


def test_an_id_without_a_key_has_none():
    assert key_of(NAME("care-handwriting")) == "care-handwriting"
    assert key_of("$$ID-0123abcd-None") == "None"
    assert key_of("") == ""


def test_waiting_is_said_in_quantiles():
    assert waiting([number / 100 for number in range(101)]) == {
        "n": 101,
        "p50_s": 0.5,
        "p95_s": 0.95,
        "max_s": 1.0,
    }
    assert waiting([])["p95_s"] is None


def test_growth_begins_where_it_is_warm():
    at = list(range(100))
    mib = [500 + 10 * min(second, 20) + 0.5 * second for second in at]
    found = growth(at, mib, after=20)
    assert found["mib_per_unit"] == pytest.approx(0.5)
    assert found["growth_mib"] == pytest.approx(0.5 * 72, abs=0.11)  # from the first tenth to the last
    assert growth(at, [700.0] * 100, after=20)["growth_mib"] == 0
    with pytest.raises(ValueError, match="weighed 1 times after 99"):
        growth(at, mib, after=99)


def test_this_process_weighs_something():
    assert 10 < resident() < 100_000


def test_drawings_that_begin_without_ink_are_left_out():
    dot, line = (Step([np.zeros((1, 2))], np.zeros((1, 1)), json.dumps(name)) for name in ("dot", "line"))
    found = answered([[dot, line], [line]], [None, "1", "7"])
    assert [[step.headline for step in drawing] for drawing in found] == [["7"]]


GOOD = {
    "sessions": {"n": 9, "p95_s": ASKED["p95_s"], "other_answers": 0, "errors": []},
    "browsers": {"n": 0, "p95_s": None, "other_answers": 1, "errors": []},
    "memory": {"growth_mib": ASKED["growth_mib"]},
    "app_alone": {"n": 9, "growth_mib": -3, "other_answers": 0, "errors": []},
    "reader_alone": {"growth_mib": 0},
    "beside_sweep": {name: Tally().figures() for name in ("without", "with")},
}


def test_what_is_as_it_was_asked_has_no_faults():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("sessions", {"errors": ["There was no answer."]}, "sessions: There was no answer."),
        ("sessions", {"other_answers": 2}, "2 answers were not those of the reader alone"),
        ("browsers", {"p95_s": 9.0}, "within 9.0 s"),
        ("app_alone", {"growth_mib": 900}, "it grew by 900 MiB"),
    ],
)
def test_each_fault_is_a_sentence(part, change, words):
    (said,) = faults(GOOD | {part: GOOD[part] | change})
    assert words in said


def test_the_published_result_is_as_the_schema_says():
    path = ROOT / "evaluation" / "results" / "load.json"
    if not path.exists():
        pytest.skip("evaluation/results/load.json was not measured yet")
    assert problems("load", read_json(path)) == []
