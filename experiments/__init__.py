"""What to run and what it shows: components and engine brought together."""
