"""Run the benchmark from the command line."""

from benchmarks.matching.command import main

main()
