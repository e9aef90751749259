"""One trainer per kind of model: see :class:`sideman.training.plan.Trainer`."""
