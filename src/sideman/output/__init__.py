"""Formats that are written and not read: engraved pages, piano rolls, sound."""
