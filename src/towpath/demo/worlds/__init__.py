"""Large worlds to look at and to measure with, written straight into a store: as if they had come about, in seconds.

`W500` is one Project of 50 lines with 10 Stages each and 60 Freight; `Wall` is 200 Projects. Both are the same each time but for
the moment that they are made for. `documents` makes objects, `lines` says how the Stages of a line fare, `writing` stores them.
"""
