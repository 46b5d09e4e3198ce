"""`make mutants`: small faults, put into a copy of the sources one at a time; the tests named for each must notice."""
