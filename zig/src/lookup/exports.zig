//! The lookup's C interface.

/// Raised with every incompatible change of any exported function; the binding compares it.
export fn lookup_abi_version() u32 {
    return 1;
}
