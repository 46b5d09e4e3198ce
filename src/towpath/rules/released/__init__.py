"""What was released: which artifacts differ between what was in a Stage and what comes, by which commits, and in which words.

`changes` compares, `report` is the form that everything else is made of, `tickets` finds issues in it, `notes` writes it
for people. What cannot be known is named, with the cause, and never guessed.
"""
