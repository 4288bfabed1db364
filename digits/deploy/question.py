"""What is asked of a picture: by the command line, a batch, a request."""

from dataclasses import dataclass
from functools import cached_property

from digits.fields import Field
from digits.forms import Form
from digits.preprocessing.decode import Picture
from digits.reading import NumberReading, Reading
from digits.recognizer import Recognizer

BOTH = "--form says itself how its boxes are read; expected no other kind of reading with it."


@dataclass(frozen=True)
class Question:
    """What is asked of each picture.

    Raises:
        ValueError: see `Field.parse`.
    """

    number: bool = False
    """True to read all digits on a picture instead of one."""
    marks: bool = False
    """See `Recognizer.read_number`, and below; each asks for `number` as well."""
    field: tuple[str, ...] = ()
    """What is known of the number, in the words of `Field.parse`."""
    form: Form | None = None
    """What is to be read box by box instead."""

    def __post_init__(self) -> None:
        if self.form and (self.number or self.marks or self.field):
            raise ValueError(BOTH)
        if self.marks or self.field:
            object.__setattr__(self, "number", True)
        self.expected  # noqa: B018 - a wrong word is refused at once

    @cached_property
    def expected(self) -> Field | None:
        """The field."""
        return Field.parse(self.field) if self.field else None

    def ask(self, recognizer: Recognizer, picture: Picture) -> Reading | NumberReading:
        """Ask it, unless it is a form's."""
        if self.number:
            return recognizer.read_number(picture, self.marks, self.expected)
        return recognizer.read_digit(picture)
