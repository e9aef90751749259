"""Limits of sizes, numbers and times."""

MOST_BODY = 2_000_000
"""Bytes of a request's body."""
MOST_DISCARDED = 64 << 20
"""Bytes of a refused body that are read and thrown away, so that its sender reads the answer."""
BODY_SECONDS, HEAD_SECONDS = 20.0, 5.0
"""The time for a whole body, and for the lines before it."""
MOST_CONNECTIONS = 100
"""Open connections of one address."""
MOST_WAITING = 64
"""Requests that wait for a process; beyond it the answer is 429."""
FILE_SECONDS, FILE_MEMORY = 10.0, 512 << 20
"""Seconds and bytes for reading a file; the bytes are beyond those at the process's start."""
OPENER_AFTER_SECONDS = 4.0
"""How long after the others the process that reads files starts, so that they start sooner."""
PLAY_SECONDS, SOUND_SECONDS, PAGE_SECONDS = 120.0, 300.0, 60.0
MOST_CHORUSES, MOST_BARS = 12, 512
MOST_TEXT = 200_000
"""Characters of typed changes."""
LISTENER_SECONDS = 10.0
"""How long a take is played for which the events are not read."""
TAKES_AT_ONCE = 60
"""The most takes that are listed in one answer."""
KEPT_SECONDS = 86_400.0
"""How long a deleted take can be restored."""
