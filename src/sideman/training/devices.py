"""What a training runs on: the devices that JAX finds, streams dealt out to them, memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Placing = Callable[[Any], Any]


def told(jax: Any) -> str:
    """Return what JAX computes on, such as ``the processor`` or ``2 × NVIDIA H200``."""
    found = jax.devices()
    kind = "the processor" if found[0].platform == "cpu" else str(found[0].device_kind)
    return kind if len(found) == 1 else f"{len(found)} × {kind}"


def several(jax: Any, streams: int) -> int:
    """Return the largest number of devices that divides the number of streams."""
    return max(n for n in range(1, len(jax.devices()) + 1) if streams % n == 0)


def placing(jax: Any, count: int) -> tuple[Placing, Placing]:
    """Return two functions that place trees of arrays on devices.

    The first splits the first axis among them, the second copies to each; on one neither acts.
    """
    if count == 1:
        return (lambda tree: tree), (lambda tree: tree)
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:count]), ("streams",))

    def at(*axes: str) -> Placing:
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*axes))
        return lambda tree: jax.device_put(tree, sharding)

    return at("streams"), at()


def peak_memory() -> int:
    """Return the largest memory use of this process, in bytes; 0 where unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
