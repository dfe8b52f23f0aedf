"""Labels archives: files of articles in, parts of labelled rows out."""
