"""The import engine: files in, an outcome for each row out; it knows no business (README.md)."""
