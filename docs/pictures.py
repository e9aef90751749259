"""Draw the picture of the README: a solo as a piano roll, coloured by what each tone is.

python docs/pictures.py
"""

from pathlib import Path

from numpy.random import default_rng

from sideman.library import charts
from sideman.models import registry
from sideman.output import pianoroll
from sideman.service import improviser

if __name__ == "__main__":
    _, sheet = charts.find("happy-birthday")
    model = registry.load("course")
    take = improviser.improvise(sheet, model=model, rng=default_rng(7), choruses=2)
    pianoroll.write(Path(__file__).with_name("solo.png"), take.solo)
