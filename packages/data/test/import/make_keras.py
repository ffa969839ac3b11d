"""Writes the Keras files of this folder and what their models predict. Made by Keras 3.15.1 with TensorFlow 2.21.0:

    KERAS_BACKEND=tensorflow python make_keras.py
"""

import json
import os
import zipfile

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(7)
x = np.random.default_rng(3).normal(size=(6, 4)).astype("float32") * 3 + 1


def trained(model, loss, y):
    model.compile(optimizer="sgd", loss=loss)
    model.fit(x, y, epochs=3, verbose=0)
    return model


normalization = layers.Normalization()
normalization.adapt(x)
sequential = keras.Sequential(
    [
        layers.Input((4,)),
        normalization,
        layers.Dense(6, activation="relu"),
        layers.BatchNormalization(momentum=0.8, epsilon=0.002),
        layers.Dropout(0.25),
        layers.Dense(5, activation="swish", use_bias=False, trainable=False),
        layers.Dense(3, activation="softmax"),
    ]
)
trained(sequential, "sparse_categorical_crossentropy", np.array([0, 1, 2, 0, 1, 2]))
sequential.save("sequential.keras")

given = layers.Input((4,), name="given")
hidden = layers.Dense(7, name="zeta")(given)
hidden = layers.LayerNormalization(epsilon=0.01, center=False, name="norm")(hidden)
hidden = layers.Activation("gelu", name="curve")(hidden)
hidden = layers.Dense(4, activation="elu", name="alpha")(hidden)
hidden = layers.LeakyReLU(negative_slope=0.01, name="leak")(hidden)
hidden = layers.BatchNormalization(scale=False, name="batch")(hidden)
answer = layers.Dense(2, activation="sigmoid", name="last")(hidden)
functional = trained(keras.Model(given, answer), "binary_crossentropy", np.eye(2)[[0, 1, 1, 0, 1, 0]])
functional.save("functional.keras")
functional.save("functional.h5")

keras.utils.set_random_seed(8)
plain = keras.Sequential([layers.Input((4,)), layers.Dense(12, "tanh"), layers.Dense(11, "tanh"), layers.Dense(1)])
plain.save("plain.keras")
plain.save_weights("plain.weights.h5")
# As other programs pack it anew.
with zipfile.ZipFile("plain.keras") as stored, zipfile.ZipFile("deflated.keras", "w", zipfile.ZIP_DEFLATED) as deflated:
    for name in stored.namelist():
        deflated.writestr(name, stored.read(name))
os.remove("plain.keras")

inputs = layers.Input((4,))
refused = {
    "convolution": keras.Sequential([layers.Input((4, 1)), layers.Conv1D(2, 3), layers.Flatten(), layers.Dense(1)]),
    "two-ways": keras.Model(inputs, layers.Add()([layers.Dense(4)(inputs), inputs])),
    "slope": keras.Sequential([layers.Input((4,)), layers.Dense(2, "leaky_relu"), layers.Dense(1)]),
}
for name, model in refused.items():
    model.save(f"{name}.keras")

models = {"sequential.keras": sequential, "functional.keras": functional, "functional.h5": functional}
models |= {"deflated.keras": plain, "plain.weights.h5": plain}
outputs = {name: model.predict(x, verbose=0).tolist() for name, model in models.items()}
json.dump({"x": x.tolist(), "outputs": outputs}, open("keras.json", "w"), indent=1)
