"""What the server answers, for its description; `digits.rows.as_dict` makes it, a test compares them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from digits.contract import CLASSES

Share = Annotated[float, Field(ge=0, le=1)]
Probabilities = Annotated[list[Share], Field(min_length=CLASSES, max_length=CLASSES)]
Digit = Annotated[int, Field(ge=0, lt=CLASSES)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Seen(_Answer):
    digit: Digit | None = Field(description="What it is, or null where no digit was read.")
    status: str
    confidence: Share = Field(description="How sure, calibrated; 0 where no digit was read.")
    probabilities: Probabilities = Field(description="Of 0 to 9, calibrated; they add up to 1.")
    box: tuple[int, int, int, int] | None = Field(
        description="Where it stands: x, y, width, height in pixels of the upright picture."
    )


class _Row(_Answer):
    file: str = Field(description="The picture's name, as it was sent.")
    text: str = Field(description='What was read; "?" for what is no digit, empty for blank paper.')
    status: str
    doubt: Share = Field(description="How much the answer deserves a look.")


class DigitAnswer(_Seen, _Row):
    """One digit."""

    status: Literal["digit", "unsure", "blank", "not_a_digit", "several"]


class DigitInNumber(_Seen):
    """A digit of a number."""

    status: Literal["digit", "unsure", "not_a_digit"]


class NumberAnswer(_Row):
    """All digits on a picture."""

    status: Literal["digit", "unsure", "not_a_digit", "blank"] = Field(
        description="That of the gravest digit."
    )
    confidence: Share = Field(description="Of the least sure digit.")
    digits: list[DigitInNumber] = Field(description="In reading order.")


class ModelAnswer(_Answer):
    """The model that reads, and what its card says."""

    name: str
    sha256: str | None = Field(description="Of the .keras file; null, like all below, without a card.")
    architecture: str | None
    parameters: int | None
    frame_version: int | None = Field(description="Of the way a digit becomes 28 x 28 pixels.")
    input: dict[str, Any] | None
    temperature: float = Field(description="By which its logits are divided.")
    thresholds: dict[str, float] = Field(description='Below them it says "unsure" or "not_a_digit".')
    trained_on: list[dict[str, str]] | None
    created: str | None


class State(_Answer):
    """All is well."""

    status: Literal["live", "ready"]


class Problem(_Answer):
    """Why there is no answer."""

    error: str = Field(description="One sentence.")
