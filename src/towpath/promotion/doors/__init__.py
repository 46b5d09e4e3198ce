"""The ways to the outside, as they really are; `towpath.promotion.effects` says what steps see of them."""
