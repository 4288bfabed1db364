"""What is known of numbers and codes before they are read: each (`Field`), and which are sums of others
(`Total`)."""

from digits.fields.checks import CHECKS, iban
from digits.fields.field import LONGEST, REFUTED, UNEXPECTED, Field
from digits.fields.letters import fitted
from digits.fields.totals import Total, amount, check_totals, decode_totals, holds

__all__ = [
    "CHECKS",
    "LONGEST",
    "REFUTED",
    "UNEXPECTED",
    "Field",
    "Total",
    "amount",
    "check_totals",
    "decode_totals",
    "fitted",
    "holds",
    "iban",
]
