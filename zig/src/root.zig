//! The exported symbols of liblookup, and the modules whose tests `zig build test` runs.

comptime {
    _ = @import("cpu.zig");
    _ = @import("lookup/exports.zig");
    _ = @import("codec/exports.zig");
}

test {
    _ = @import("cpu.zig");
    _ = @import("lookup/exports.zig");
    _ = @import("codec/exports.zig");
}
