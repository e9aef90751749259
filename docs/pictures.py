"""Draw the picture of the README: a solo as a piano roll, coloured by what each tone is.

python docs/pictures.py
"""

from pathlib import Path

from numpy.random import default_rng

from sideman import charts, improviser, models
from sideman.formats import pianoroll

if __name__ == "__main__":
    _, sheet = charts.find("happy-birthday")
    take = improviser.improvise(sheet, model=models.load("course"), rng=default_rng(7), choruses=2)
    pianoroll.write(Path(__file__).with_name("solo.png"), take.solo)
