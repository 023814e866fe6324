"""Intervals of what is measured."""

import math


def wilson(right, n, z=1.96):
    """95 % interval of a share."""
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [round(max(0, middle - half), 4), round(min(1, middle + half), 4)]
