"""Where words come from: hosted and local language models, and the built-in engine, all behind `base.Llm`."""
