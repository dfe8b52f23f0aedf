"""The page that a job ends with."""
