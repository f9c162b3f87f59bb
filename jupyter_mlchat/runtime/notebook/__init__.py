"""The notebook around the models: its cells, what failed in them, cells to propose, and running one."""
