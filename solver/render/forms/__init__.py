"""The forms that any report is written in: one file each."""
