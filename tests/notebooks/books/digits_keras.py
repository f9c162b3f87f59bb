"""Handwritten digits in keras, on the torch backend.

Due: nothing
"""

# %%
import keras
import numpy as np
from sklearn.datasets import load_digits

# %%
digits = load_digits()
keras.utils.set_random_seed(0)
parts = [keras.Input((64,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(10, "softmax")]
network = keras.Sequential(parts)

# %%
images = digits.data / 16
weights = network.get_weights()
weights[0] = weights[0] * 2
network.set_weights(weights)
network.predict(images[:5], verbose=0).argmax(axis=1)

# %% [question]
direct = network(images[9:10], training=False).detach().numpy()[0]
told = ask("make_prediction", model_id="network", row="images[9]")
assert told["prediction"] == direct.argmax()
assert abs(told["confidence"] - direct.max()) < 1e-6
told = ask("make_prediction", model_id="network", data="images")
said = network(images, training=False).detach().numpy().argmax(axis=1)
assert told["counts"] == {str(label): int((said == label).sum()) for label in range(10)}
