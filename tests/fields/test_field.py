"""What fits a field and what may begin it, by published examples and by counting; and what is refused."""

import pytest

from digits.fields import CHECKS, Field, iban

PUBLISHED = {
    "luhn": ("79927398713", "4539578763621486"),
    "mod11": ("0306406152", "9434765919"),
    "mod97": ("3214282912345698765432161182",),
    "isbn": ("9780306406157", "0306406152"),
}


@pytest.mark.parametrize(
    ("name", "digits"), [(name, one) for name, some in PUBLISHED.items() for one in some]
)
def test_check_digits_find_every_wrong_digit(name, digits):
    assert CHECKS[name](digits)
    for place, right in enumerate(digits):
        wrong = [digits[:place] + one + digits[place + 1 :] for one in "0123456789" if one != right]
        assert not any(CHECKS[name](one) for one in wrong)


def test_the_digits_of_an_iban_are_checked_with_its_country():
    assert iban("DE", "89370400440532013000")
    assert not iban("DE", "89370400440532013001")
    assert not iban("FR", "89370400440532013000")
    assert Field(check="iban:DE", length=20).fits("89370400440532013000")


FIELDS = [
    Field(length=3),
    Field(between=(95, 120), step=5),
    Field(between=(5, 17), length=3),
    Field(values=("120", "12", "9-87")),
    Field(pattern="hh:mm"),
    Field(pattern="dd-d", check="luhn"),
    Field(pattern="MM/DD"),
    Field(length=2, check=lambda digits: digits[0] == digits[1]),
]


@pytest.mark.parametrize("field", FIELDS, ids=range(len(FIELDS)))
def test_what_fits_can_be_begun_and_only_that(field):
    texts = [f"{number:0{length}}" for length in (1, 2, 3, 4) for number in range(10**length)]
    fitting = [text for text in texts if field.fits(text)]
    assert fitting
    beginnings = {text[:end] for text in fitting for end in range(len(text) + 1)}
    assert all(field.begins(text) for text in beginnings)
    if field.check is None and field.pattern != "MM/DD":
        assert {text for text in texts if field.begins(text)} <= beginnings


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        (Field(between=(95, 120), step=5), ["95", "100", "120"], ["90", "101", "125", "095"]),
        (Field(pattern="DD.MM.YYYY"), ["29022024", "31121999"], ["29022023", "31042020", "00012020"]),
        (Field(pattern="DD.MM.YY"), ["290224"], ["290223", "310424"]),
        (Field(pattern="hh:mm:ss"), ["235959"], ["240000", "236000"]),
        (Field(values=("0-12", "345")), ["012", "345"], ["12", "34"]),
    ],
)
def test_ranges_values_and_the_calendar(field, right, wrong):
    assert all(map(field.fits, right))
    assert not any(map(field.fits, wrong))


def test_digits_are_written_as_the_pattern_or_the_values_say():
    assert Field(pattern="DD.MM.YYYY").written("29022024") == "29.02.2024"
    assert Field(pattern="ddd-ddd").written("123456") == "123-456"
    assert Field(values=["12.50", "7"]).written("1250") == "12.50"
    assert Field(length=2).written("12") == "12"


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"length": 0}, "length is 0"),
        ({"pattern": "xx"}, "pattern is xx"),
        ({"pattern": "-"}, "pattern is -"),
        ({"values": ["12", "a3"]}, "one of values is 'a3'"),
        ({"values": []}, "values is 0"),
        ({"between": (5, 2)}, r"between is \(5, 2\)"),
        ({"values": "123"}, "values is 123; expected a list"),
        ({"values": [12]}, "expected a list of texts"),
        ({"values": ["1" * 41]}, "expected 1 to 40 digits"),
        ({"length": "3"}, "length is 3; expected a whole number"),
        ({"between": (0, 10**60)}, "between is"),
        ({"pattern": "DD.MM-DD.MM"}, "each once"),
        ({"pattern": "d" + "." * 100}, "pattern is"),
        ({"values": ["123"], "between": (500, 600)}, "Nothing fits"),
        ({"values": ["1234"], "check": "luhn"}, "Nothing fits"),
        ({"pattern": "DD.MM.YYYY", "values": ["31.02.2020"]}, "Nothing fits"),
        ({"check": 5}, "expected a name or a function"),
        ({"step": 0}, "step is 0"),
        ({"check": "crc"}, "check is crc; expected luhn"),
        ({"length": 3, "check": "luhn", "values": ["12345"]}, "Nothing fits length 3, values"),
        ({"length": 2, "between": (100, 200)}, "Nothing fits length 2, between"),
        ({"between": (11, 14), "step": 5}, "Nothing fits"),
    ],
)
def test_bad_and_contradictory_fields_are_refused(known, words):
    with pytest.raises(ValueError, match=words):
        Field(**known)


def test_fields_are_said_in_words():
    assert Field.parse(["length=8", "check=luhn"]) == Field(length=8, check="luhn")
    assert Field.parse(["between=0,60", "values=5,10"]) == Field(between=(0, 60), values=("5", "10"))
    for bad in ("len=8", "length", "length=x"):
        with pytest.raises(ValueError, match=f"The field '{bad}' is not understood"):
            Field.parse([bad])
    with pytest.raises(ValueError, match="between is"):
        Field.parse(["between=1"])
    with pytest.raises(ValueError, match="values twice"):
        Field.parse(["values=12", "values=15"])


def test_a_refusal_is_short():
    with pytest.raises(ValueError, match="…") as refused:
        Field(length=3, values=[str(one) for one in range(10_000, 20_000)])
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("LL-dddd", "AB1204", True),
        ("LL-dddd", "Ab1204", False),
        ("dddd LL", "1012AB", True),
        ("dddd LL", "10I2AB", False),
        ("lA", "aB", True),
        ("XXX", "a1B", True),
        ("LDDMMYY", "A310121", True),
        ("LDDMMYY", "A320121", False),
    ],
)
def test_a_pattern_may_have_letters(pattern, text, fits):
    field = Field(pattern=pattern)
    assert field.has_letters
    assert field.fits(text) is fits
    assert not field.fits(text + "A")
    if fits:
        assert all(field.begins(text[:end]) for end in range(len(text) + 1))


def test_letters_are_written_as_the_pattern_says():
    assert Field(pattern="LL-dddd").written("AB1204") == "AB-1204"
    assert Field(pattern="dddd LL").written("1012AB") == "1012 AB"
    assert not Field(pattern="dd-dd").has_letters


@pytest.mark.parametrize("rest", [{"step": 5}, {"between": (0, 9)}, {"values": ("12",)}, {"check": "luhn"}])
def test_letters_are_no_number(rest):
    with pytest.raises(ValueError, match=r"^pattern is LL with \w+; expected no more than a length"):
        Field(pattern="LL", **rest)
