"""The learning rate over a run."""

import math

WARMUP = 100  # steps


def learning_rate(step, steps, peak, warmup=WARMUP):
    """Linear warm-up, then a cosine to a tenth of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return peak * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
