"""Numbers that add up, read together: against trying all combinations, and what is not decided."""

from itertools import product
from math import prod

import numpy as np
import pytest

from digits.fields import UNEXPECTED, Total, amount, decode_totals, holds
from digits.reading import NumberReading, Reading

UNSURE_BELOW = 0.9


def number(*weighed, marks=False, value=None, status="digit"):
    """Return a number with its likeliest texts, of which the first was read."""
    tokens = []
    for place, one in enumerate(weighed[0][0] if weighed else ""):
        if one.isdigit():
            chances = np.full(10, (1 - weighed[0][1]) / 9, np.float32)
            chances[int(one)] = weighed[0][1]
            box = (20 * place, 0, 20, 30)
            tokens.append(Reading(int(one), chances, status, np.zeros((28, 28), np.float32), box=box))
        elif marks:
            tokens.append(one)
    return NumberReading([tokens] if tokens else [], marks, value, alternatives=tuple(weighed))


def blot():
    """Return a number whose second digit is none."""
    read = number(("15", 0.5))
    none = Reading(None, np.full(10, 0.1, np.float32), "not_a_digit", np.zeros((28, 28), np.float32))
    return NumberReading([[read.digits[0], none]])


def statuses(reading):
    return {digit.status for digit in reading.digits}


def by_trying_all(readings, totals):
    """Return the most probable combination that adds up; and for each name and text its probability."""
    names = list(readings)
    fitting, whole, said = [], 0.0, {}
    for some in product(*(readings[name].alternatives for name in names)):
        texts = {name: text for name, (text, _) in zip(names, some, strict=True)}
        chance = prod(one for _, one in some)
        fits = all(holds(total, texts) for total in totals)
        whole += chance * fits
        fitting.append((chance * fits, texts))
        for name, text in texts.items():
            said[name, text] = said.get((name, text), 0.0) + chance * fits
    chances = {}
    for name in names:
        for text, chance in readings[name].alternatives:
            mass = said[name, text]
            chances[name, text] = (mass + UNEXPECTED * (chance - mass)) / (whole + UNEXPECTED * (1 - whole))
    return max(fitting, key=lambda pair: pair[0]), chances


CHAINED = [Total("sum", ("a", "b")), Total("all", ("sum", "c"))]
GRID = [Total("sum", ("a", "b")), Total("all", ("a", "c")), Total("sum", ("c", "b"))]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("totals", [[Total("all", ("a", "b", "c", "sum"))], CHAINED, GRID], ids=len)
def test_the_most_probable_combination_is_found_and_its_chance(totals, seed):
    rng = np.random.default_rng(seed)
    readings = {}
    for name in ("a", "b", "c", "sum", "all"):
        texts = [str(one) for one in rng.choice(30, 6, replace=False)]
        if rng.random() < 0.5:
            texts[0] += ".5"
        chances = np.sort(rng.dirichlet(np.ones(7)))[::-1].tolist()
        readings[name] = number(*zip(texts, chances, strict=False), marks=True)
    (best, texts), chances = by_trying_all(readings, totals)
    read = decode_totals(readings, totals, UNSURE_BELOW)
    if best == 0:
        named = {name for total in totals for name in total.names}
        together = [all(holds(one, {name: reading.text for name, reading in read.items()}) for one in totals)]
        assert not all(together)
        assert any(statuses(read[name]) == {"unsure"} for name in named)
        return
    for name in {name for total in totals for name in total.names}:
        assert read[name].text == texts[name]
        assert dict(read[name].alternatives) == pytest.approx(
            {text: chances[name, text] for text, _ in readings[name].alternatives}, rel=1e-9
        )
        for digit in read[name].digits:
            assert digit.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_a_total_puts_a_misread_digit_right():
    readings = {
        "a": number(("12", 0.95), ("72", 0.05)),
        "b": number(("1", 0.6), ("7", 0.4)),
        "sum": number(("19", 0.97), ("79", 0.02)),
    }
    read = decode_totals(readings, [Total("sum", ("a", "b"))], UNSURE_BELOW)
    assert {name: one.text for name, one in read.items()} == {"a": "12", "b": "7", "sum": "19"}
    assert (read["b"].unbound, read["a"].unbound) == ("1", None)
    assert all(statuses(one) == {"digit"} for one in read.values())
    assert readings["b"].text == "1"  # what was given is left alone


def test_what_is_made_to_add_up_by_something_improbable_is_unsure():
    readings = {
        "a": number(("12", 0.97), ("13", 0.001)),
        "b": number(("5", 0.98), ("6", 0.001)),
        "sum": number(("18", 0.98)),
    }
    read = decode_totals(readings, [Total("sum", ("a", "b"))], UNSURE_BELOW)
    texts = {name: one.text for name, one in read.items()}
    assert holds(Total("sum", ("a", "b")), texts)
    changed = [name for name in texts if texts[name] != readings[name].text]
    assert all("unsure" in statuses(read[name]) for name in changed)
    assert statuses(read["sum"]) == {"digit"}


def test_a_total_that_cannot_hold_changes_nothing_and_nothing_of_it_is_sure():
    readings = {
        "a": number(("12", 0.99)),
        "b": number(("5", 0.99)),
        "sum": number(("18", 0.99), ("19", 0.01)),
    }
    readings["other"] = number(("3", 0.99))
    total = Total("sum", ("a", "b"))
    read = decode_totals(readings, [total], UNSURE_BELOW)
    assert {name: one.text for name, one in read.items()} == {
        name: one.text for name, one in readings.items()
    }
    assert [statuses(read[name]) for name in ("a", "b", "sum", "other")] == [{"unsure"}] * 3 + [{"digit"}]
    assert holds(total, {name: one.answer for name, one in read.items()}) is False


@pytest.mark.parametrize(
    "readings",
    [
        {"a": number(), "b": number(), "sum": number(("5", 0.99))},
        {"a": number(("5", 0.99)), "b": number(), "sum": number()},
        {"a": blot(), "b": number(("5", 0.99)), "sum": number(("20", 0.99))},
    ],
    ids=["no part", "no total", "not readable"],
)
def test_what_is_blank_or_unreadable_says_nothing(readings):
    total = Total("sum", ("a", "b"))
    assert decode_totals(readings, [total], UNSURE_BELOW) == readings
    assert holds(total, {name: one.answer for name, one in readings.items()}) is None


def test_blank_parts_count_as_nothing():
    readings = {"a": number(("5", 0.7), ("6", 0.3)), "b": number(), "sum": number(("6", 0.99))}
    assert decode_totals(readings, [Total("sum", ("a", "b"))], UNSURE_BELOW)["a"].text == "6"


def test_single_digits_are_judged_by_their_ten_probabilities():
    chances = np.array([0, 0.6, 0, 0, 0, 0, 0, 0.4, 0, 0], np.float32)
    alone = NumberReading([[Reading(1, chances, "unsure", np.zeros((28, 28), np.float32))]])
    readings = {"a": alone, "b": number(("2", 0.99)), "sum": number(("9", 0.98))}
    read = decode_totals(readings, [Total("sum", ("a", "b"))], UNSURE_BELOW)["a"]
    assert (read.text, statuses(read)) == ("7", {"digit"})


def test_marks_and_places_are_those_of_what_is_chosen():
    readings = {
        "a": number(("1.5", 0.6), ("1.50", 0.3), ("15.0", 0.1), marks=True),
        "b": number(("3", 0.99)),
        "sum": number(("18,00", 0.99), marks=True),
    }
    read = decode_totals(readings, [Total("sum", ("a", "b"))], UNSURE_BELOW)["a"]
    assert (read.text, read.unbound, len(read.digits)) == ("15.0", "1.5", 3)
    left = [digit.box[0] for digit in read.digits]
    assert left == sorted(left)


def test_values_stay_as_their_field_writes_them():
    readings = {
        "a": number(("12.50", 0.6), ("72.50", 0.4), value="12.50"),
        "sum": number(("72.5", 0.99), marks=True),
    }
    read = decode_totals(readings, [Total("sum", ("a",))], UNSURE_BELOW)["a"]
    assert (read.value, read.text, read.unbound, read.answer) == ("72.50", "7250", "1250", "72.50")


def test_one_wrong_total_leaves_the_others_of_a_grid():
    cells = {
        (row, column): number((str(10 + 3 * row + column), 0.95)) for row in range(3) for column in range(3)
    }
    names = {f"{row}{column}": cell for (row, column), cell in cells.items()}
    totals = [Total(f"r{row}", tuple(f"{row}{column}" for column in range(3))) for row in range(3)]
    totals += [Total(f"c{column}", tuple(f"{row}{column}" for row in range(3))) for column in range(3)]
    for total in totals:
        right = sum(int(names[part].text) for part in total.of)
        names[total.total] = number((str(right + (total.total == "c1")), 0.95))
    read = decode_totals(names, totals, UNSURE_BELOW)
    texts = {name: one.answer for name, one in read.items()}
    assert [total.total for total in totals if not holds(total, texts)] == ["c1"]
    assert {name for name, one in read.items() if "unsure" in statuses(one)} == {"c1", "01", "11", "21"}


def test_many_numbers_cost_little():
    weighed = [(str(100 + place), 0.9 * 0.1**place) for place in range(50)]
    readings = {str(place): number(*weighed) for place in range(60)}
    readings["sum"] = number(("6001", 0.9), ("6000", 0.05))
    read = decode_totals(readings, [Total("sum", tuple(map(str, range(60))))], UNSURE_BELOW)
    assert sum(one.text == "101" for one in read.values()) <= 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Total("a", ()), "number of parts of a is 0"),
        (lambda: Total("a", ("b", "a")), "a itself"),
        (lambda: Total("a", ("b", "b")), "b twice"),
        (lambda: Total("a", "bc"), "a name and a list"),
        (lambda: Total(3, ("b",)), "a name and a list"),
        (lambda: Total("a", tuple(map(str, range(2000)))), "number of parts of a is 2000"),
        (lambda: decode_totals({}, [Total("a", ("b",))], 0.9), "name in a total is a"),
        (lambda: decode_totals({n: number() for n in "abc"}, CIRCLE, 0.9), "parts of themselves"),
    ],
)
def test_totals_that_contradict_themselves_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


CIRCLE = [Total("a", ("b",)), Total("b", ("c",)), Total("c", ("a",))]


@pytest.mark.parametrize(
    ("text", "value"), [("007", 7), ("-3", -3), ("12,5", 12.5), ("1,250", None), ("1-2", None), ("²", None)]
)
def test_amounts(text, value):
    assert amount(text) == value
