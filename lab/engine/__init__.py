"""The engine: kernels to machine code, lane blocks, stages, random streams, the driver."""
