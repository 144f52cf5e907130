"""Everything that writes for channels."""
