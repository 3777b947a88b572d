"""What is wrong with a chart, or gets lost in it, before a byte is written."""
