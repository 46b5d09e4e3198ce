"""What was: stays of Freight, what happened, what was released."""
