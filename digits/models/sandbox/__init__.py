"""A stranger's `.keras` file, judged before any of it runs. `gate` is the way in; the others are its stages.

archive      the ZIP: three members of usual size, nothing else             ms, every file, every time
description  config.json: known layers only, plain values                    ms, every file, every time
outline      what these layers would cost, worked out on paper               ms, every file, every time
weights      the HDF5 file, in a child process: plain, whole, finite         once for each file
trial        Keras loads it and answers, in that process with its limits     once for each file
passed       remembers which files need no second trial
"""
