"""What `lab rank` shows."""
