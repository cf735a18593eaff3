"""The page in a browser, and the engine behind it: questions are words of the command line."""
