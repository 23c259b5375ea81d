"""Studies: declared in a file, run in chunks, kept in a directory, summarised by cell."""
