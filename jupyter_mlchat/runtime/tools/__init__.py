MODULES: tuple[str, ...] = ()
