"""Theorem A.2 and Algorithm 1's factor F: the experiment of `lab optimal-f`."""
