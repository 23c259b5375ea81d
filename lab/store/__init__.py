"""Result directories: written under another name, renamed when whole, never overwritten."""
