"""Schedules, one file each: open-loop tables of rates, and state machines on the observed loss."""

from lab.component import Feedback, OpenLoop, PythonSchedule
from lab.registry import Registry

SCHEDULES = Registry("schedule", "lab.schedules", (OpenLoop, Feedback, PythonSchedule))
