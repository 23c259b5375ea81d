"""Channels: where the noise enters a step, one file each."""
