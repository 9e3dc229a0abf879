"""Keep files in object storage, and read uploaded ones."""
