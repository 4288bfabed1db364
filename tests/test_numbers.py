"""What is believed of a number that rules, finder and line reader read; what each read is given by hand."""

import numpy as np
import pytest

from digits import numbers
from digits.fields import Field
from digits.preprocessing.finder import Seen
from digits.reading import NumberReading, Reading

SURE = 12.0


def reading(label, confidence, place=0, status="digit"):
    """Return a digit, 20 wide and 30 high, so many places from the left; "?" is none."""
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    if label != "?":
        probabilities[int(label)] = confidence
    digit = None if label == "?" else int(label)
    return Reading(digit, probabilities, status, np.zeros((28, 28), np.float32), box=(20 * place, 20, 20, 30))


def number(*lines):
    """Return a number: for each line its text and how sure its digits are."""
    return NumberReading(
        [
            [
                reading(one, chance, place, "not_a_digit" if one == "?" else "digit")
                for place, (one, chance) in enumerate(zip(text, sure, strict=True))
            ]
            for text, sure in lines
        ]
    )


@pytest.fixture
def seen():
    """A dark page, 60 high and 200 wide, with ink all over it."""
    grey = np.zeros((60, 200), np.float32)
    return Seen(grey, grey + 1, grey.astype(np.int32), [], 1.0)


@pytest.fixture
def hears(monkeypatch):
    """Let the line reader hear a text, so surely, whatever it is shown."""

    def give(text, sure=SURE):
        logits = np.zeros((1, 2 * len(text) + 1, 11), np.float32)
        logits[0, 0::2, 10] = sure
        for place, digit in enumerate(text):
            logits[0, 2 * place + 1, int(digit)] = sure
        monkeypatch.setattr(numbers.line_reader, "read", lambda shown: logits)

    return give


@pytest.mark.parametrize(
    ("rules", "finder", "heard", "expected"),
    [
        (("15", [0.99] * 2), ("15", [0.99] * 2), "15", "15"),
        (("115", [0.6, 0.5, 0.9]), ("15", [0.99] * 2), "15", "15"),
        (("15", [0.9] * 2), ("75", [0.9] * 2), "75", "75"),
        (("15", [0.9] * 2), ("75", [0.9] * 2), "15", "15"),
        (("30620", [0.8] * 5), ("3020", [0.5] * 4), "3000", "3000"),
        (("?", [0.1]), ("3", [0.9]), "3", "3"),
        (("?", [0.1]), ("?", [0.1]), "3", "?"),
    ],
    ids=["all agree", "a point", "finder", "rules", "neither", "one sees none", "both see none"],
)
def test_the_readers_speak_together(seen, hears, rules, finder, heard, expected):
    hears(heard)
    read = numbers.agreed(number(rules), number(finder), seen, 0.9)
    assert read.text == expected
    assert all(sum(digit.probabilities) == pytest.approx(1, abs=1e-5) for digit in read.digits)


def test_a_digit_that_one_contests_is_less_sure_than_its_neighbours(seen, hears):
    hears("472", 6.0)
    three = number(("472", [0.99] * 3))
    agreed = numbers.agreed(three, three, seen, 0.9).digits
    assert all(digit.confidence > 0.95 and digit.status == "digit" for digit in agreed)
    contested = numbers.agreed(three, number(("412", [0.99] * 3)), seen, 0.9999).digits
    sure = [digit.confidence for digit in contested]
    assert sure[1] < min(sure[0], sure[2])
    assert contested[1].ranking[:2] == [7, 1]
    assert contested[1].status == "unsure"


def test_what_was_unsure_to_one_is_sure_where_all_agree(seen, hears):
    hears("5")
    doubtful = NumberReading([[reading("5", 0.7, status="unsure")]])
    assert numbers.agreed(doubtful, doubtful, seen, 0.9).digits[0].status == "digit"
    blurred = NumberReading([[reading("5", 0.95, status="unsure")]])  # for another reason
    assert numbers.agreed(blurred, blurred, seen, 0.9).digits[0].status == "unsure"


def test_digits_that_only_the_line_reader_reads_have_a_place_and_a_frame(seen, hears):
    hears("3000")
    read = numbers.agreed(number(("306", [0.5] * 3)), number(("36", [0.5] * 2)), seen, 0.9)
    assert read.text == "3000"
    boxes = [digit.box for digit in read.digits]
    assert [box[0] for box in boxes] == sorted(box[0] for box in boxes)
    assert all(digit.framed.shape == (28, 28) and digit.framed.any() for digit in read.digits[2:])


def test_marks_stay_where_they_are(seen, hears):
    hears("1275")
    four = number(("1215", [0.9] * 4))
    marked = NumberReading([[*four.written[0][:2], ".", *four.written[0][2:]]], marks=True)
    assert numbers.agreed(marked, four, seen, 0.5).text == "12.75"


def test_of_readings_with_other_lines_the_surer_has_its_own(seen, hears):
    hears("12")
    two, one = number(("12", [0.99] * 2), ("12", [0.99] * 2)), number(("1212", [0.3] * 4))
    assert numbers.agreed(two, one, seen, 0.9).lines == ["12", "12"]
    assert numbers.agreed(one, two, seen, 0.9).lines == ["12", "12"]
    assert numbers.agreed(two, NumberReading([]), seen, 0.9).lines == ["12", "12"]


def test_long_lines_are_not_shown_to_the_line_reader(seen, monkeypatch):
    monkeypatch.setattr(numbers.line_reader, "read", lambda shown: pytest.fail("it was asked"))
    text = "1" * (numbers.LONGEST + 1)
    long = number((text, [0.99] * len(text)))
    assert numbers.agreed(long, long, seen, 0.9).text == text


@pytest.mark.parametrize("slope", [0.0, 0.1, -0.1])
def test_a_line_that_rises_is_shown_level(seen, monkeypatch, slope):
    shown = []
    monkeypatch.setattr(
        numbers.line_reader, "read", lambda strip: shown.append(strip) or np.zeros((1, 9, 11), np.float32)
    )
    written = number(("12345", [0.99] * 5))
    grey = np.zeros((120, 200), np.float32)
    digits = []
    for place, digit in enumerate(written.digits):
        x, y = 20 * place, round(50 + slope * 20 * place)
        grey[y + 10 : y + 20, x : x + 20] = 1  # a bar that goes through the middle of all
        digits.append(Reading(digit.digit, digit.probabilities, "digit", digit.framed, box=(x, y, 20, 30)))
    page = Seen(grey, grey, grey.astype(np.int32), [], 1.0)
    numbers.agreed(NumberReading([digits]), NumberReading([digits]), page, 0.9)
    middle = shown[0][0, 22:26, 8:76, 0]
    assert (middle > 1.5).all()


@pytest.mark.parametrize("chance", range(3))
@pytest.mark.parametrize(
    "field",
    [Field(length=3, check="luhn"), Field(between=(10, 99), step=7), Field(values=["17", "117", "4"])],
    ids=["check", "range", "values"],
)
def test_of_what_fits_the_most_probable_is_taken(seen, monkeypatch, field, chance):
    """Against all numbers of up to three digits, each scored."""
    logits = 2 * np.random.default_rng(chance).standard_normal((1, 9, 11)).astype(np.float32)
    monkeypatch.setattr(numbers.line_reader, "read", lambda shown: logits)
    rules, finder = number(("115", [0.6, 0.5, 0.7])), number(("77", [0.6] * 2))
    read = numbers.agreed(rules, finder, seen, 0.9, field)
    weights = [numbers.RULES, numbers.FINDER]
    line = numbers._Line([*rules.written, *finder.written], weights, seen, (1.0,), numbers.TOGETHER)
    every = [f"{one:0{length}}" for length in (1, 2, 3) for one in range(10**length)]
    fitting = [one for one in every if field.fits(one)]
    assert read.text == fitting[int(line.scores(fitting).argmax())]
    assert read.value == field.written(read.text)


def test_the_field_says_what_it_changed_and_is_doubted_where_little_speaks_for_it(seen, hears):
    hears("124")
    three = number(("124", [0.99] * 3))
    fitting = numbers.agreed(three, three, seen, 0.9, Field(values=["124", "999"]))
    assert (fitting.value, fitting.unbound) == ("124", None)
    assert all(digit.status == "digit" for digit in fitting.digits)
    hears("124", 3.0)
    contested = number(("127", [0.6] * 3))
    turned = numbers.agreed(three, contested, seen, 0.9, Field(values=["127", "999"]))
    assert (turned.value, turned.unbound) == ("127", "124")
    hears("124")
    against = numbers.agreed(three, three, seen, 0.9, Field(values=["888", "999"]))
    assert (against.value, against.text) == (None, "124"), "the picture plainly says something else"
    assert {digit.status for digit in against.digits} == {"unsure"}


def test_where_nothing_fits_it_is_said(seen, hears):
    hears("124")
    three = number(("124", [0.99] * 3))
    never = numbers.agreed(three, three, seen, 0.9, Field(length=3, check=lambda digits: False))
    assert (never.text, never.value) == ("124", None)
    assert numbers.agreed(NumberReading([]), NumberReading([]), seen, 0.9, Field(length=3)).value is None


def test_of_several_lines_the_one_that_fits_is_the_number(seen, hears):
    hears("12")
    two = number(("34", [0.99] * 2), ("12", [0.99] * 2))
    assert numbers.agreed(two, two, seen, 0.9, Field(values=["12"])).lines == ["12"]


def test_where_the_finder_saw_no_ink_the_frame_is_blank(seen, hears):
    hears("3000")
    pale = Seen(seen.grey, 0 * seen.ink, seen.owner, [], 1.0)
    read = numbers.agreed(number(("306", [0.5] * 3)), number(("36", [0.5] * 2)), pale, 0.9)
    assert read.text == "3000"
    assert not all(digit.framed.any() for digit in read.digits)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("123456789", Field(length=9, check="luhn")),
        ("31022024", Field(pattern="DD.MM.YYYY")),
        ("9" * 12, Field(values=["1" * 12])),
        ("4711", Field(between=(1, 99))),
    ],
)
def test_what_a_field_forces_is_what_is_said_and_never_sure(seen, hears, text, field):
    hears(text)
    clear = number((text, [0.99] * len(text)))
    read = numbers.agreed(clear, clear, seen, 0.9, field)
    if read.value is None:
        assert (read.text, {digit.status for digit in read.digits}) == (text, {"unsure"})
        return
    assert read.text == "".join(filter(str.isdigit, read.value))
    assert read.unbound == text
    assert any(digit.status == "unsure" for digit in read.digits)
    for digit in read.digits:
        assert digit.digit == digit.probabilities.argmax()
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("cut", "heard"),
    [("300", "3000"), ("306", "8306"), ("3", "33"), ("12", "1942"), ("11", "1111")],
)
def test_each_digit_has_a_place_of_its_own(seen, hears, cut, heard):
    hears(heard, 30.0)
    doubtful = number((cut, [0.3] * len(cut)))
    read = numbers.agreed(doubtful, doubtful, seen, 0.9)
    assert read.text == heard
    assert len({digit.box for digit in read.digits}) == len(heard)


def test_lines_that_stand_elsewhere_are_not_the_same(seen, hears):
    hears("12")
    above = number(("12", [0.99] * 2))
    below = NumberReading([[reading("4", 0.6), reading("5", 0.6)]])
    for digit in below.digits:
        object.__setattr__(digit, "box", (0, 400, 20, 30))
    assert numbers.agreed(above, below, seen, 0.9).text == "12"


def test_what_no_reader_is_to_be_shown_costs_nothing(seen, monkeypatch):
    monkeypatch.setattr(numbers.line_reader, "read", lambda shown: pytest.fail("it was asked"))
    none = number(("?", [0.1]))
    assert numbers.agreed(none, none, seen, 0.9).text == "?"
    speck = NumberReading(
        [[Reading(1, np.eye(10, dtype=np.float32)[1], "digit", seen.ink, box=(5, 5, 1, 2))]]
    )
    assert numbers.agreed(speck, speck, seen, 0.9).text == "1"
