"""Results in, pages out: tables, figures, files. Nothing here runs a simulation."""
