"""SHA-256 of the models and exports that come with the project, and need no trial; a test holds it true."""

SHIPPED = {
    "handwriting.keras": "1561fd936cf6a1b58a24e4f5926e0cc2e0ee4c3d9f9e8a2c137280f07d25c87e",
    "handwriting.tflite": "d021db97892fcbe7df6cbd47ba4cb9239baacc0de29f2aee57cdbc4f9ae48e69",
    "mnist_advanced.keras": "6ddd9f395d2bcaf790cdb557f62c6e245fb1f0903421b4f53e2d43c8f4293cd4",
    "mnist_advanced.tflite": "5bb7af4fb8c63be49aebb03e320dda8d38b156d47afbb929dd953cccfcd1c145",
    "mnist_cnn.keras": "2b683ca763debaad56a2d8bf599cff428f64eb833c102b42957d537fac6c7e50",
    "mnist_cnn.tflite": "c5df2d1f4e34a57b6d211c96e29d314e97580fda5482683cd793af1e89f97ff9",
    "mnist_plain.keras": "e5ef981414e3099102e406eb59a7fbcb08acd6b919bad5e7d5c14c5d76a97820",
    "mnist_plain.tflite": "794ea1a86c15bc2ac041278fb148ead75a2197dd5f2ed1343dd2f671c297b34c",
    "mnist_robust.keras": "281e9790564a70ef0a8749b5ecdd1854a5250c8ee5c38d8853c61838133d2a53",
    "mnist_robust.tflite": "c54dfe16641f74a371d0db1eacd2bba167389e6a63dbaaf98efdadf75363c08f",
    "mnist_tiny.keras": "0d9d5579c5afbaba35ad8f6a0d5811fd15994010e4f92a4ffc7ea00938061bfe",
    "mnist_tiny.tflite": "521069316b964ef9e31f0fc1949f17b7064c59218b285137ce96235ba3dd46af",
}
