"""A jazz soloist in software.

It learns from performed solos and improvises new ones over the chord changes that it is given::

    request ── service ──▶ lead sheet, setting, controls, constraints
            ── models.sampler ──▶ solo ── band ──▶ arrangement ── feel ──▶ performance
            ── result ──▶ MIDI, page, sound, JSON
    file ── formats ──▶ document (charts, solos) ── training ──▶ model file

A module imports only from rooms on lower floors, or from its own room (``tests/test_floors.py``
reads this table):

=====  ==================================  ======================================================
floor  rooms                               what is there
=====  ==================================  ======================================================
0      ``errors``                          the exceptions
1      ``files``                           bounded reading, atomic writing
2      ``theory``                          pitch, chord, meter, instruments
3      ``score``                           notes, changes, solos, arrangements; repeats and jumps
4      ``formats``, ``band``, ``feel``     file formats; the rhythm section; timing and dynamics
5      ``library``, ``output``             songbook, études, charts, corpora; pages, rolls, sound
6      ``models``                          protocol, controls, sampler, registry; the models
7      ``evaluation``                      likelihood, statistics, novelty
8      ``training``                        training loops and checkpoints
9      ``service``                         requests and results
10     ``terminal``                        exit codes and progress bars
11     ``cli``, ``course``                 the faces
12     ``__main__``                        ``python -m sideman``
=====  ==================================  ======================================================
"""

__version__ = "0.1.0"
