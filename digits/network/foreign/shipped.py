"""SHA-256 of the models and exports that come with the project, and need no trial; a test holds it true."""

SHIPPED = {
    "handwriting.tflite": "d021db97892fcbe7df6cbd47ba4cb9239baacc0de29f2aee57cdbc4f9ae48e69",
    "handwriting.keras": "1561fd936cf6a1b58a24e4f5926e0cc2e0ee4c3d9f9e8a2c137280f07d25c87e",
    "mnist_advanced.keras": "6ddd9f395d2bcaf790cdb557f62c6e245fb1f0903421b4f53e2d43c8f4293cd4",
    "mnist_cnn.keras": "2b683ca763debaad56a2d8bf599cff428f64eb833c102b42957d537fac6c7e50",
    "mnist_plain.keras": "e5ef981414e3099102e406eb59a7fbcb08acd6b919bad5e7d5c14c5d76a97820",
    "mnist_robust.keras": "281e9790564a70ef0a8749b5ecdd1854a5250c8ee5c38d8853c61838133d2a53",
    "mnist_tiny.keras": "0d9d5579c5afbaba35ad8f6a0d5811fd15994010e4f92a4ffc7ea00938061bfe",
}
