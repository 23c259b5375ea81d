"""Perturbations: one-off events at a known step, one file each; what recovery is measured from."""
