"""From a file to numbered rows of text: delimited text, workbooks, JSON lines. Knows no book."""
