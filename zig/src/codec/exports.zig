//! The codecs' C interface.

/// Raised with every incompatible change of any exported function; the binding compares it.
export fn codec_abi_version() u32 {
    return 1;
}
