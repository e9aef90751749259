"""The documentation as a site: ``make site`` runs Sphinx on this folder.

Every page is one of the Markdown files here; the reference comes from the docstrings of the API.
The course's notebooks become pages of their own in ``notebooks/``, with the outputs that they hold.
"""

import logging
import re
from pathlib import Path

from sphinx.application import Sphinx

import sideman

DOCS = Path(__file__).parent
NOTEBOOKS = ("course", "course-v4")

project = "sideman"
author = "The sideman authors"
release = version = sideman.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
exclude_patterns = ["course/*.md"]
myst_heading_anchors = 3
myst_url_schemes = {
    "http": None,
    "https": None,
    "notebook": {"url": "notebooks/{{path}}.html"},
}
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_google_docstring = False
html_theme = "furo"
html_title = "sideman"
html_show_copyright = False
html_copy_source = False
highlight_language = "none"


def linked(_app: Sphinx, _name: str, source: list[str]) -> None:
    """Turn links to a notebook into links to its page."""
    source[0] = re.sub(r"\]\(([\w-]+)\.ipynb\)", r"](notebook:\1)", source[0])


def pages(app: Sphinx, error: Exception | None) -> None:
    """Write the notebooks as pages."""
    if error is not None or app.builder.name != "html":
        return
    from nbconvert import HTMLExporter

    logging.getLogger("traitlets").setLevel(logging.ERROR)  # remarks on the pictures' texts
    folder = Path(app.outdir) / "notebooks"
    folder.mkdir(exist_ok=True)
    for name in NOTEBOOKS:
        text, _ = HTMLExporter().from_filename(str(DOCS / f"{name}.ipynb"))
        text = re.sub(r'href="([\w-]+)\.ipynb"', r'href="\1.html"', text)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect both."""
    app.connect("source-read", linked)
    app.connect("build-finished", pages)
