"""What hostile callers do, for `benchmarks/hostile_load.py`: a module for bodies, readers and connections each."""
