"""How well Stages are: checkers look, and what they find is put together.

A Promotion leaves checks with its Stage (`status.lastPromotion.status.healthChecks`): the name of a checker and what it is to
look at. Checkers are found by their names among entry points of the group `towpath.health_checks`, ours and those of other
packages. The worst finding counts.
"""
