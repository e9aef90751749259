"""Pitch, chord, meter and instruments."""
