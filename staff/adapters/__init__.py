"""What staff knows of outside things, without the ORM: files that people upload."""
