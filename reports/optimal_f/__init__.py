"""What `lab optimal-f` shows."""
