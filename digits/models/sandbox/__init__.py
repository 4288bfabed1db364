"""An untrusted model file, judged before any of it runs, and made anew. `gate` is the way in.

container    the outside: a ZIP with three members of usual size, or HDF5    ms, every file, every time
description  config.json: known classes, plain values, in bounds             ms, every file, every time
arguments    what each layer may be told, with types and ranges
layers       the shapes, weights and cost of each layer
calls        who takes in what, in a functional model
outline      the plan of a model, worked out on paper by these two           ms, every file, every time
weights      HDF5, read in the child process                                 half a second, at each load
build        the model, of its plan and weights; no description is deserialised
inputs       which form of pixels it expects, found out with known digits
trial        the child processes, with `worker` inside: once for each file, within limits
adapt        puts what comes through into our form
"""
