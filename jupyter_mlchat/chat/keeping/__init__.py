"""What stays of conversations: found again, told in files, read in from them, and taken away for good."""
