"""What a training runs on: the devices that JAX finds, streams dealt out to them, memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Placing = Callable[[Any], Any]


def told(jax: Any) -> str:
    """Say what JAX trains on.

    Parameters
    ----------
    jax : module
        JAX.

    Returns
    -------
    str
        Such as ``the processor``, or ``2 × NVIDIA H200``.
    """
    found = jax.devices()
    kind = "the processor" if found[0].platform == "cpu" else str(found[0].device_kind)
    return kind if len(found) == 1 else f"{len(found)} × {kind}"


def several(jax: Any, streams: int) -> int:
    """Say to how many devices streams can be dealt out evenly.

    Parameters
    ----------
    jax : module
        JAX.
    streams : int
        The streams.

    Returns
    -------
    int
        As many of the devices as divide them.
    """
    return max(n for n in range(1, len(jax.devices()) + 1) if streams % n == 0)


def placing(jax: Any, count: int) -> tuple[Placing, Placing]:
    """Say how arrays come to several devices.

    Parameters
    ----------
    jax : module
        JAX.
    count : int
        Devices.

    Returns
    -------
    dealt, copied : callable
        Two functions of trees of arrays: the first deals the first axis out, the second puts a
        copy on each device.  With one device they do nothing.
    """
    if count == 1:
        return (lambda tree: tree), (lambda tree: tree)
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:count]), ("streams",))

    def at(*axes: str) -> Placing:
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*axes))
        return lambda tree: jax.device_put(tree, sharding)

    return at("streams"), at()


def peak_memory() -> int:
    """Say how much memory this process has held at most.

    Returns
    -------
    int
        Bytes; 0 where the system does not tell.
    """
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
