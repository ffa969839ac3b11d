"""A peer's process, as protocol.ts describes it: JSON requests on standard input, answers on standard output.

    python3 serve.py numpy|torch|tensorflow|jax|sklearn <threads>

Each peer is a module <name>_peer with a DTYPE, a VERSION, perhaps a NOTE, and a class Trainer that is made of
a problem and has check(steps), which returns losses, and train(steps).
"""

import base64
import importlib
import json
import os
import sys

ARRAYS = ("x", "y")
LISTS_OF_ARRAYS = ("weights", "biases")


def decode(problem):
    """The bytes of every array, writable, since some libraries insist."""
    for field in ARRAYS:
        problem[field] = bytearray(base64.b64decode(problem[field]))
    for field in LISTS_OF_ARRAYS:
        problem[field] = [bytearray(base64.b64decode(text)) for text in problem[field]]
    return problem


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer

    def say(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        peer = importlib.import_module(f"{sys.argv[1]}_peer")
    except ImportError as error:
        say({"absent": str(error)})
        return
    hello = {"version": peer.VERSION, "dtype": peer.DTYPE, "threads": int(sys.argv[2])}
    if hasattr(peer, "NOTE"):
        hello["note"] = peer.NOTE
    say(hello)

    trainers = {}
    for line in sys.stdin:
        request = json.loads(line)
        trainer = trainers.get(request["work"])
        try:
            if request["op"] == "prepare":
                trainers[request["work"]] = peer.Trainer(decode(request["problem"]))
                say({})
            elif trainer is None:
                say({"error": f"expected prepare first, got {request['op']}"})
            elif request["op"] == "check":
                say({"losses": trainer.check(request["steps"])})
            else:
                trainer.train(request["steps"])
                say({})
        except Exception as error:  # whatever it is, the benchmark is to name it
            say({"error": f"{type(error).__name__}: {error}"})


main()
