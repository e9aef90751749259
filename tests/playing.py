"""A small model that plays at once, for tests that need no trained one."""

from pathlib import Path

import numpy as np

from sideman.models import file, lstm, sampler
from sideman.models.constraints import FREE
from sideman.models.controls import Controls
from sideman.models.course import network as course
from sideman.models.course.tokens import Token
from sideman.models.protocol import Setting
from sideman.score import Changes

VOCABULARY = (
    "R,0.500", "R,1.000", "C,0.500", "C,1.000", "S,0.500", "A,0.500",
    "C,0.500,<P4,m-2>", "C,0.500,<m2,P-4>", "C,1.000,<P4,m-2>", "S,0.500,<M2,M-3>",
    "S,0.500,<M3,M-2>", "A,0.500,<m3,m-2>", "C,0.333,<P4,m-2>", "S,0.333,<m2,P-4>",
    "C,0.333", "C,0.250,<P4,m-2>", "S,0.250,<m2,P-4>", "X,0.500,<P4,P-4>",
)  # fmt: skip


def small_model(seed: int = 0) -> course.CourseModel:
    rng = np.random.default_rng(seed)
    sizes = lstm.shapes(len(VOCABULARY), 8)
    weights = {name: rng.normal(0, 0.3, shape).astype("f4") for name, shape in sizes.items()}
    return course.CourseModel(lstm.Parameters(**weights), tuple(map(Token.parse, VOCABULARY)))


def small_model_file(folder: Path) -> Path:
    path = folder / "small.safetensors"
    file.write(path, course.to_file(small_model()))
    return path


def played_tokens(
    model: course.CourseModel,
    changes: Changes,
    *,
    seed: int = 0,
    controls: Controls = sampler.NEUTRAL,
    low: int = 55,
    high: int = 84,
) -> course.TokenSession:
    """Play a solo to its end; the session has its tokens and its notes as they were chosen."""
    rng = np.random.default_rng(seed)
    session = model.begin(Setting(changes, low=low, high=high), controls, FREE, rng)
    sampler.finish(session, rng=rng, controls=controls)
    return session
