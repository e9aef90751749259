"""The optimiser Adam, in JAX.

Diederik Kingma and Jimmy Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, section 2, in
the order of computation given at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BETA_1 = 0.9


@dataclass(frozen=True, slots=True)
class Adam:
    """Adam's constants.

    Parameters
    ----------
    beta_2 : float
        How much of the second moment stays at each update; of the first 0.9 stays.
    epsilon : float
        Added to the root of the second moment.
    """

    beta_2: float = 0.999
    epsilon: float = 1e-7

    def steps(
        self, jax: Any, gradients: Any, moments: tuple[Any, Any], count: Any, rate: Any
    ) -> tuple[Any, tuple[Any, Any]]:
        """Compute what to subtract from the weights, and the new first and second moments.

        `count` is the number of updates including this one; moments begin at zero.
        """
        jnp, each = jax.numpy, jax.tree.map
        rate = rate * jnp.sqrt(1 - self.beta_2**count) / (1 - BETA_1**count)
        first = each(lambda m, g: m + (g - m) * (1 - BETA_1), moments[0], gradients)
        second = each(lambda v, g: v + (g * g - v) * (1 - self.beta_2), moments[1], gradients)
        taken = each(lambda m, v: rate * m / (jnp.sqrt(v) + self.epsilon), first, second)
        return taken, (first, second)
