"""Commands about an instance as a whole: run it, back it up, look whether it is well, take Projects in and out."""
