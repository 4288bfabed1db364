"""What is known of numbers before they are read: each (`Field`), and which are sums of others (`Total`)."""

from digits.fields.checks import CHECKS, iban
from digits.fields.field import REFUTED, UNEXPECTED, Field
from digits.fields.totals import Total, amount, decode_totals, holds

__all__ = ["CHECKS", "REFUTED", "UNEXPECTED", "Field", "Total", "amount", "decode_totals", "holds", "iban"]
