//! The codecs' C interface, as `include/codec.h` declares it. Functions answer one of `Result`.
const std = @import("std");
const encoder = @import("columns/encode.zig");
const decoder = @import("columns/decode.zig");
const Syntax = @import("columns/records.zig").Syntax;

pub const Result = enum(i32) {
    ok = 0,
    /// The input is not of the kind that the codec reads, or would not become smaller.
    unsupported = 1,
    /// What should be decoded is not what an encoder wrote.
    damaged = 2,
    out_of_memory = 3,
    /// A pointer is missing that is not of nothing.
    bad_argument = 4,

    fn of(err: encoder.Error) Result {
        return switch (err) {
            error.Unsupported => .unsupported,
            error.Damaged => .damaged,
            error.OutOfMemory => .out_of_memory,
        };
    }
};

/// Raised with every incompatible change of any exported function; the binding compares it.
export fn codec_abi_version() u32 {
    return 3;
}

/// Encodes `input`, of `Syntax` syntax, into at most `output_size` bytes; `output_size` then holds
/// how many they are.
export fn codec_columns_encode(syntax: u8, input: ?[*]const u8, input_size: usize, output: ?[*]u8, output_size: ?*usize) Result {
    const size_out = output_size orelse return .bad_argument;
    const file = given([]const u8, input, input_size) orelse return .bad_argument;
    const room = given([]u8, output, size_out.*) orelse return .bad_argument;
    const known = std.enums.fromInt(Syntax, syntax) orelse return .unsupported;
    const gpa = std.heap.smp_allocator;
    const size = encoder.encode(gpa, known, file, room) catch |err| return .of(err);
    // What is stored must come back. Decoding costs a tenth of encoding, and a mistake that no test
    // has found then costs compression only.
    const back = gpa.alloc(u8, file.len) catch return .out_of_memory;
    defer gpa.free(back);
    decoder.decode(gpa, room[0..size], back) catch return .unsupported;
    if (!std.mem.eql(u8, file, back)) return .unsupported;
    size_out.* = size;
    return .ok;
}

/// Decodes `input` into exactly `output_size` bytes.
export fn codec_columns_decode(input: ?[*]const u8, input_size: usize, output: ?[*]u8, output_size: usize) Result {
    const container = given([]const u8, input, input_size) orelse return .bad_argument;
    const file = given([]u8, output, output_size) orelse return .bad_argument;
    decoder.decode(std.heap.smp_allocator, container, file) catch |err| return .of(err);
    return .ok;
}

/// What a pointer and a size are together; null where the pointer of something is missing.
fn given(comptime Slice: type, pointer: anytype, size: usize) ?Slice {
    const begin = pointer orelse return if (size == 0) &.{} else null;
    return begin[0..size];
}

test {
    _ = encoder;
    _ = decoder;
}

test "a file goes through the interface and back" {
    const file = "#1 = POINT ( 'NONE', ( 0.5, 0.25, 0.125 ) ) ;\n" ++ "#2 = POINT ( 'NONE', ( 0.5, 0.25, 0.125 ) ) ;\n" ++
        "#3 = POINT ( 'NONE', ( 0.5, 0.25, 0.125 ) ) ;\n";
    var container: [file.len]u8 = undefined;
    var size: usize = container.len;
    try std.testing.expectEqual(Result.ok, codec_columns_encode(1, file, file.len, &container, &size));
    var back: [file.len]u8 = undefined;
    try std.testing.expectEqual(Result.ok, codec_columns_decode(&container, size, &back, back.len));
    try std.testing.expectEqualStrings(file, &back);
    try std.testing.expectEqual(Result.damaged, codec_columns_decode(&container, size - 1, &back, back.len));
    try std.testing.expectEqual(Result.unsupported, codec_columns_encode(9, file, file.len, &container, &size));
    size = 4;
    try std.testing.expectEqual(Result.unsupported, codec_columns_encode(1, file, file.len, &container, &size));
}

test "what is missing is no crash" {
    var size: usize = 8;
    var bytes: [8]u8 = @splat(0);
    try std.testing.expectEqual(Result.bad_argument, codec_columns_encode(1, null, 8, &bytes, &size));
    try std.testing.expectEqual(Result.bad_argument, codec_columns_encode(1, &bytes, 8, null, &size));
    try std.testing.expectEqual(Result.bad_argument, codec_columns_encode(1, &bytes, 8, &bytes, null));
    try std.testing.expectEqual(Result.bad_argument, codec_columns_decode(null, 8, &bytes, 8));
    try std.testing.expectEqual(Result.bad_argument, codec_columns_decode(&bytes, 8, null, 8));
    try std.testing.expectEqual(Result.unsupported, codec_columns_encode(1, null, 0, &bytes, &size));
    try std.testing.expectEqual(Result.damaged, codec_columns_decode(null, 0, null, 0));
}
