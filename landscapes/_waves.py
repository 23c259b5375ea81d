"""Angles that stay in the range of the reduction."""

from __future__ import annotations

#: From here on floats are so far apart that an angle means nothing.
FAR = 2.0**29


def near(angle):
    """The angle, or 0 where it is too large to be one.

    Lanes that leave for good must not be stopped, or sent back, by the nonsense of a reduction out
    of its range.
    """
    return angle if abs(angle) < FAR else 0.0
