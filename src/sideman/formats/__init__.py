"""File formats: one module or package per format, and a registry of all formats.

:mod:`sideman.formats.registry` opens files; the content of a file is a
:class:`sideman.formats.document.Document`.
"""
