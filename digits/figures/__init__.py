"""Arrays in, figures out, for files and pages alike: the one place where anything is drawn.

What there is stands in __init__.pyi. A plotting library takes half a second to import: each comes with the
first figure that it draws.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
