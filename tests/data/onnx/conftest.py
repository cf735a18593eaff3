"""Keep pytest from importing what needs PyTorch, in its search for doctests."""

collect_ignore_glob = ["*.py"]
