"""Forms: marked once on a picture of one, then found and read on photos of others.

`template` is what a form is, `align` finds it on a photo, `read` reads its boxes.
"""

from digits.forms.box import Box
from digits.forms.read import FormReading
from digits.forms.template import Form

__all__ = ["Box", "Form", "FormReading"]
