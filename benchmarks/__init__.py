"""Measurements of Towpath beside their floor or peer, taken in the same run (`make bench`)."""
