"""The chapters of the Learn page, one file each."""
