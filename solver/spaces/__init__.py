"""Search over designs: every stack that does what is asked, counted, and the best proved."""
