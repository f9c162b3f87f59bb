"""Inputs on their way to a model, and its answers on their way back."""
