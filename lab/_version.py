"""The version: read by the build, by `lab --version` and by the manifests of result directories."""

__version__ = "0.1.0"
