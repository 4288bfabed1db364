"""An untrusted `.keras` file, judged before any of it runs. `gate` is the way in; the others are its stages.

container    the ZIP: three members of usual size, nothing else              ms, every file, every time
description  config.json: known layers only, plain values                    ms, every file, every time
outline      what these layers would cost, worked out on paper by `layers`   ms, every file, every time
worker       weights plain, whole, finite; Keras loads it and it answers     once for each file, in the child
             process of `trial`, within its limits
gate         the allowlist of files that need no trial; uploads; `adapt` puts what comes through into our form
"""
