"""The kinds of work whose worker the benchmark ``crash_recovery`` kills at every point, a module for each."""
