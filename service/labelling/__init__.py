"""Labels articles for many callers at once with one encoder."""
