"""The rhythm section: each player is a function from changes and a style to a part.

:mod:`~sideman.band.styles` defines a style and :mod:`~sideman.band.rhythm` the notation of its
rhythms.  :mod:`~sideman.band.comping`, :mod:`~sideman.band.bass` and :mod:`~sideman.band.drums` do
not import one another; :mod:`~sideman.band.arranging` joins them with the solo into a piece.
"""
