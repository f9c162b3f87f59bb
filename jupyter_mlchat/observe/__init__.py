"""What happens here, as administrators hear of it: an audit, figures, log lines. Never what was said or found."""
