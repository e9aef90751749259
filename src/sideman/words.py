"""Words of messages."""


def counted(count: int, noun: str, ending: str = "s") -> str:
    """Return a number with its noun, which gets the ending unless the number is 1."""
    return f"{count:,} {noun}{'' if count == 1 else ending}"
