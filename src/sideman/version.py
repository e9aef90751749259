"""The version of sideman; ``pyproject.toml`` has the same."""

VERSION = "0.1.0"
