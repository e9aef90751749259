"""The names and families of General MIDI's 128 programmes (General MIDI System Level 1)."""

PROGRAMS = (
    *("Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano"),
    *("Honky-tonk Piano", "Electric Piano 1", "Electric Piano 2", "Harpsichord", "Clavinet"),
    *("Celesta", "Glockenspiel", "Music Box", "Vibraphone"),
    *("Marimba", "Xylophone", "Tubular Bells", "Dulcimer"),
    *("Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ"),
    *("Reed Organ", "Accordion", "Harmonica", "Bandoneon"),
    *("Nylon Guitar", "Steel Guitar", "Jazz Guitar", "Clean Guitar"),
    *("Muted Guitar", "Overdriven Guitar", "Distorted Guitar", "Guitar Harmonics"),
    *("Acoustic Bass", "Fingered Bass", "Picked Bass", "Fretless Bass"),
    *("Slap Bass 1", "Slap Bass 2", "Synth Bass 1", "Synth Bass 2"),
    *("Violin", "Viola", "Cello", "Contrabass"),
    *("Tremolo Strings", "Pizzicato Strings", "Harp", "Timpani"),
    *("String Ensemble 1", "String Ensemble 2", "Synth Strings 1", "Synth Strings 2"),
    *("Choir Aahs", "Voice Oohs", "Synth Voice", "Orchestra Hit"),
    *("Trumpet", "Trombone", "Tuba", "Muted Trumpet"),
    *("French Horn", "Brass Section", "Synth Brass 1", "Synth Brass 2"),
    *("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax"),
    *("Oboe", "English Horn", "Bassoon", "Clarinet"),
    *("Piccolo", "Flute", "Recorder", "Pan Flute"),
    *("Blown Bottle", "Shakuhachi", "Whistle", "Ocarina"),
    *("Square Lead", "Sawtooth Lead", "Calliope Lead", "Chiff Lead"),
    *("Charang Lead", "Voice Lead", "Fifths Lead", "Bass and Lead"),
    *("New Age Pad", "Warm Pad", "Polysynth Pad", "Choir Pad"),
    *("Bowed Pad", "Metallic Pad", "Halo Pad", "Sweep Pad"),
    *("Rain", "Soundtrack", "Crystal", "Atmosphere"),
    *("Brightness", "Goblins", "Echoes", "Sci-fi"),
    *("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai"),
    *("Tinkle Bell", "Agogo", "Steel Drums", "Woodblock"),
    *("Taiko Drum", "Melodic Tom", "Synth Drum", "Reverse Cymbal"),
    *("Guitar Fret Noise", "Breath Noise", "Seashore", "Bird Tweet"),
    *("Telephone Ring", "Helicopter", "Applause", "Gunshot"),
)

# First programme of each family, and the family.
_FAMILIES = (
    (0, "keyboard"),
    (8, "mallets"),
    (16, "organ"),
    (22, "solo reed"),
    (24, "guitar"),
    (32, "bass"),
    (40, "strings"),
    (44, "ensemble"),
    (56, "horn"),
    (61, "ensemble"),
    (64, "horn"),
    (72, "horn"),
    (80, "lead"),
    (88, "pad"),
    (104, "plucked"),
    (110, "strings"),
    (111, "horn"),
    (112, "noise"),
)


def family(program: int) -> str:
    """Name a programme's family, as far as it says what the instrument usually plays.

    Parameters
    ----------
    program : int
        General MIDI programme, 0 to 127.

    Returns
    -------
    str
        ``keyboard``, ``mallets``, ``organ``, ``solo reed``, ``guitar``, ``bass``, ``strings``,
        ``ensemble``, ``horn``, ``lead``, ``pad``, ``plucked`` or ``noise``.

    Examples
    --------
    >>> PROGRAMS[66], family(66), family(33)
    ('Tenor Sax', 'horn', 'bass')
    """
    return next(name for first, name in reversed(_FAMILIES) if program >= first)
