"""What `lab early` shows."""
