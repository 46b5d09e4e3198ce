"""The Board: a Project's Stages on a grid, what each holds and why the next does not come, as screens are told of it.

`facts` takes from objects what is shown, so that the objects need not be kept; `layout` says where Stages stand, `coming` what
would come into them next, `states` which words and roles there are, `cells` makes the cell of a Stage; `lens` turns the whole
Board to one Freight; `sight` is what a caller may see and do; `patches` are the differences of documents; `summary` is what the
overview has of a Project. Times in documents are whole seconds since 1970.
"""
