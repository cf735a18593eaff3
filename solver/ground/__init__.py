"""What every floor stands on: how values compare, who prints them, how files are read."""
