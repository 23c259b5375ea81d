"""Theorem A.1, its repairs and its counterexamples: the experiment of `lab convergence`."""
