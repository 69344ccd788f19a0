//! The codecs' C interface. Functions answer one of `Result`.
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
export fn codec_columns_encode(syntax: u8, input: [*]const u8, input_size: usize, output: [*]u8, output_size: *usize) Result {
    const known = std.enums.fromInt(Syntax, syntax) orelse return .unsupported;
    const gpa = std.heap.smp_allocator;
    const file = input[0..input_size];
    const size = encoder.encode(gpa, known, file, output[0..output_size.*]) catch |err| return .of(err);
    // What is stored must come back. Decoding costs a tenth of encoding, and a mistake that no test
    // has found then costs compression only.
    const back = gpa.alloc(u8, file.len) catch return .out_of_memory;
    defer gpa.free(back);
    decoder.decode(gpa, output[0..size], back) catch return .unsupported;
    if (!std.mem.eql(u8, file, back)) return .unsupported;
    output_size.* = size;
    return .ok;
}

/// Decodes `input` into exactly `output_size` bytes.
export fn codec_columns_decode(input: [*]const u8, input_size: usize, output: [*]u8, output_size: usize) Result {
    decoder.decode(std.heap.smp_allocator, input[0..input_size], output[0..output_size]) catch |err| return .of(err);
    return .ok;
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
