"""What `lab convergence` shows."""
