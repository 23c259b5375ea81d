"""Objectives, one file a family; each file declares one `lab.component.Landscape` or several."""

from lab.component import Landscape
from lab.registry import Registry

LANDSCAPES = Registry("landscape", "landscapes", (Landscape,))
