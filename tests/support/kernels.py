"""The kernel's libraries, and a package that has none."""

LIBRARIES = {
    "kernel-darwin-aarch64.dylib",
    "kernel-darwin-x86_64.dylib",
    "kernel-linux-aarch64.so",
    "kernel-linux-x86_64.so",
}
