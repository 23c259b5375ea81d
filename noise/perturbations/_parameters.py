"""What the perturbations share."""

from __future__ import annotations

from lab.component import Parameter

#: The step of the event: in the middle of a run of the default length.
AT = Parameter("at", 100, "step of the event, counted from 0", "[0, inf)")
#: The same for an event that changes what the step before has left behind.
AT_FROM_ONE = Parameter("at", 100, "step of the event, counted from 0", "[1, inf)")
