"""Optimizers, one file each: what turns a gradient and a rate into a step."""

from lab.component import Optimizer
from lab.registry import Registry

OPTIMIZERS = Registry("optimizer", "lab.optimizers", (Optimizer,))
