"""Words of messages."""


def counted(count: int, noun: str, ending: str = "s") -> str:
    """Return a number with its noun, which gets the ending unless the number is 1.

    >>> counted(1, "cluster"), counted(2000, "chorus", "es")
    ('1 cluster', '2,000 choruses')
    """
    return f"{count:,} {noun}{'' if count == 1 else ending}"
