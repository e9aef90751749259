"""Where the real material for tests lies, and the mark for tests that need it.

None of it belongs to the project; a checkout elsewhere runs without it.
"""

import os
from pathlib import Path

import pytest

DATA = Path(
    os.environ.get("SIDEMAN_DATA") or Path(__file__).parent.parent.parent / "shared" / "data"
)

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real material is not at {DATA}; set SIDEMAN_DATA"
)
