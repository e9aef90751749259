"""The names of the API's keywords, and those of the fields that they fill."""

from collections.abc import Iterator
from contextlib import contextmanager

from sideman.errors import SidemanError
from sideman.models.controls import KNOBS

CONTROLS = {knob.label.translate({32: "_", 45: "_"}): name for name, knob in KNOBS.items()}
"""The field of :class:`~sideman.models.controls.Controls` that each keyword sets."""
FIELDS = {
    **CONTROLS,
    "max_match": "max_copy",
    "start_bar": "first_bar",
    "min_notes": "fewest",
}
"""The field of a request that a keyword of another name fills."""
KEYWORDS = {name: keyword for keyword, name in FIELDS.items()}


@contextmanager
def naming(argument: str = "", **renamed: str) -> Iterator[None]:
    """Set the field of each error raised in a block to the name of the argument.

    An error without a field gets `argument`, one with a field of a request the keyword that fills
    it, or what `renamed` has for it.
    """
    names = {**KEYWORDS, **renamed, "": argument}
    try:
        yield
    except SidemanError as error:
        error.field = names.get(error.field, error.field)
        raise
