"""The renderers: from a chart to the text of files."""
