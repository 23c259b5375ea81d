"""The sub-commands, by what they are about: each parses, calls an experiment, prints its report."""
