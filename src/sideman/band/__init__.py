"""The rhythm section: each player is a function from changes and a style to a part.

:mod:`~sideman.band.styles` says what a style is, :mod:`~sideman.band.rhythm` how its rhythms are
written; :mod:`~sideman.band.comping`, :mod:`~sideman.band.bass` and :mod:`~sideman.band.drums` do
not know one another.
"""
