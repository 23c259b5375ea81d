"""What `lab recovery` shows."""
