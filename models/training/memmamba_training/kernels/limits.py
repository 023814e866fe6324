"""Limits of the GPU kernels, for those who choose between a kernel and the plain operator."""

KERNEL_ENTRIES = 128  # of pool and chunk together that the kernel of the state pool takes
