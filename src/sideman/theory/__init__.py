"""Pitch, chord, meter and instruments: what music is made of."""
