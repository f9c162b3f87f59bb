"""How experts hear that somebody asks for a person: by webhook and by mail, off the path of any turn."""
