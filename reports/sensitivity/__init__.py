"""What `lab sensitivity` shows."""
