"""Measurements of speed and memory: not run by the tests."""
