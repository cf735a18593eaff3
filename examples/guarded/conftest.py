pytest_plugins = "solver.testing.plugin"
