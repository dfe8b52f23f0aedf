"""One module for each format: `read` finds its rows, `parse` looks into one."""
