"""What `lab tune` shows."""
