"""Draw the picture of the README: a solo as a piano roll, coloured by what each tone is.

python docs/pictures.py
"""

from pathlib import Path

import sideman
from sideman.output import pianoroll

if __name__ == "__main__":
    take = sideman.improvise("rhythm-changes-bb", choruses=1, seed=11, head=False)
    pianoroll.write(Path(__file__).with_name("solo.png"), take.solo)
