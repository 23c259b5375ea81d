"""Noise models, one file each; `noise.channels` says where the noise enters a step."""
