"""Keep pytest from importing the modules that need a framework, in its search for doctests."""

collect_ignore_glob = ["run_*.py"]
