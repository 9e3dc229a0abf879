"""Write the files of an export into object storage."""
