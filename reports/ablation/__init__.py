"""What `lab ablate` shows."""
