"""What `lab check` shows."""
