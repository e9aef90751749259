"""Files: one module or package a format, reader and writer side by side, and the table of all.

:mod:`sideman.formats.registry` has the table and opens files; what is read is a
:class:`sideman.formats.document.Document`.
"""
