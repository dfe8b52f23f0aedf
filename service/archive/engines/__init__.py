"""Where blocks are labelled: in this process, in several, or on Ray."""
