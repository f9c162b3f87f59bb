"""Files of models and data: looked at without loading, then loaded and saved."""
