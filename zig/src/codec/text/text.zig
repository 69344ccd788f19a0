//! Text coded by a model that has read other text of its kind before: small files then cost what
//! is new in them.
//!
//! An older version is read for ever; with every change of any prediction there is a new one.
const std = @import("std");
const arithmetic = @import("arithmetic.zig");
const coding = @import("coding.zig");
const figures = @import("v2/figures.zig");
const primed_models = @import("primed.zig");
const uuids = @import("uuids.zig");

pub const Version = primed_models.Version;
pub const Error = primed_models.Error;
pub const size_max = 16 << 20;

/// How a code begins.
const Mode = packed struct(u8) {
    uuids: enum(u2) {
        /// They stand in the text.
        kept,
        /// They are beside it, all of them random or derived.
        random,
        /// They are beside it, of any kind.
        any,
        _,
    } = .kept,
    /// Numbers are as they were drawn; not in version one.
    shortened: bool = false,
    unused: u5 = 0,
};

/// The codec of `version`.
pub fn Text(comptime version: Version) type {
    return struct {
        pub const Primed = primed_models.Primed(version);

        /// Writes the code of `input` to `output` and returns its length; error.Unsupported where
        /// `input` is larger than `size_max` or its code than `output`.
        pub fn encode(gpa: std.mem.Allocator, primed: *Primed, input: []const u8, output: []u8) Error!usize {
            if (input.len > size_max or output.len < 16) return error.Unsupported;
            var arena_state = std.heap.ArenaAllocator.init(gpa);
            defer arena_state.deinit();
            const arena = arena_state.allocator();
            var mode: Mode = .{};
            var text = input;
            var at: usize = 1;
            if (try uuids.strip(arena, input)) |stripped| if (try comesBack(arena, stripped, input)) {
                text = stripped.text;
                mode.uuids = if (stripped.others() == 0) .random else .any;
                at += try writeUuids(stripped, output[at..]);
            };
            if (version != .one) if (try figures.shorten(arena, text)) |short| {
                if (std.mem.eql(u8, text, figures.restore(arena, short, text.len) catch "")) {
                    text = short;
                    mode.shortened = true;
                }
            };
            output[0] = @bitCast(mode);
            const model = try primed.acquire(input.len);
            defer primed.release(model, input.len);
            const history = try std.mem.concat(arena, u8, &.{ primed.text, text });
            var encoder: arithmetic.Encoder = .{ .output = output[at..] };
            coding.encodeBytes(model, &encoder, history, primed.text.len);
            return at + (encoder.finish() orelse return error.Unsupported);
        }

        /// Fills `output` with the text whose code `input` is. Damage that leaves a code of some
        /// other text of that length is not noticed; the caller checks the text's hash.
        pub fn decode(gpa: std.mem.Allocator, primed: *Primed, input: []const u8, output: []u8) Error!void {
            if (output.len > size_max or input.len == 0) return error.Damaged;
            const mode: Mode = @bitCast(input[0]);
            if (mode.unused != 0 or (version == .one and mode.shortened)) return error.Damaged;
            var arena_state = std.heap.ArenaAllocator.init(gpa);
            defer arena_state.deinit();
            const arena = arena_state.allocator();
            var at: usize = 1;
            var stripped = try readUuids(mode, input, &at);
            const model = try primed.acquire(output.len);
            defer primed.release(model, output.len);
            var meter: figures.Meter = .{ .shortened = mode.shortened, .stripped = mode.uuids != .kept };
            var decoder = arithmetic.Decoder.init(input[at..]);
            var history: std.ArrayList(u8) = .empty;
            try history.ensureTotalCapacity(arena, primed.text.len + output.len + 64);
            history.appendSliceAssumeCapacity(primed.text);
            while (meter.length < output.len or !meter.isWhole()) {
                // What a text is shortened to is hardly ever longer, and never twice as long.
                if (history.items.len - primed.text.len > 2 * output.len + 64) return error.Damaged;
                try history.append(arena, 0);
                coding.decodeByte(model, &decoder, history.items, history.items.len - 1);
                try meter.push(history.items[history.items.len - 1]);
            }
            if (meter.length != output.len) return error.Damaged;
            const text = history.items[primed.text.len..];
            stripped.text = if (mode.shortened) try figures.restore(arena, text, output.len) else text;
            if (mode.uuids != .kept) return uuids.restore(arena, stripped, output);
            if (stripped.text.len != output.len) return error.Damaged;
            @memcpy(output, stripped.text);
        }
    };
}

/// Whether `stripped` becomes `input` again: restoring costs little beside coding.
fn comesBack(arena: std.mem.Allocator, stripped: uuids.Stripped, input: []const u8) Error!bool {
    const back = try arena.alloc(u8, input.len);
    uuids.restore(arena, stripped, back) catch return false;
    return std.mem.eql(u8, input, back);
}

/// Writes how many UUIDs there are, and those that are beside the text; how long that is.
fn writeUuids(stripped: uuids.Stripped, output: []u8) Error!usize {
    var at: usize = 0;
    if (output.len < 8) return error.Unsupported;
    at += writeVarint(output[at..], stripped.randoms);
    if (stripped.others() > 0) at += writeVarint(output[at..], stripped.others());
    for ([_][]const u8{ stripped.uuids, stripped.pairs }) |bytes| {
        if (bytes.len > output.len - at) return error.Unsupported;
        @memcpy(output[at..][0..bytes.len], bytes);
        at += bytes.len;
    }
    return at;
}

/// What `writeUuids` wrote, from `at` on; without the text.
fn readUuids(mode: Mode, input: []const u8, at: *usize) Error!uuids.Stripped {
    var stripped: uuids.Stripped = .{ .text = "", .uuids = "", .pairs = "", .randoms = 0 };
    switch (mode.uuids) {
        .kept => return stripped,
        .random, .any => {},
        _ => return error.Damaged,
    }
    stripped.randoms = try readVarint(input, at);
    const others = if (mode.uuids == .any) try readVarint(input, at) else 0;
    const lengths = uuids.lengthsOf(stripped.randoms, others);
    for (lengths, [_]*[]const u8{ &stripped.uuids, &stripped.pairs }) |length, bytes| {
        if (length > input.len - at.*) return error.Damaged;
        bytes.* = input[at.*..][0..length];
        at.* += length;
    }
    return stripped;
}

/// At most four bytes, for lengths up to `size_max`.
fn writeVarint(output: []u8, value: usize) usize {
    var rest = value;
    var at: usize = 0;
    while (rest >= 0x80) : (rest >>= 7) {
        output[at] = @as(u8, @truncate(rest)) | 0x80;
        at += 1;
    }
    output[at] = @truncate(rest);
    return at + 1;
}

fn readVarint(input: []const u8, at: *usize) Error!usize {
    var value: usize = 0;
    var shift: u6 = 0;
    while (shift < 28) : (shift += 7) {
        if (at.* == input.len) return error.Damaged;
        const next = input[at.*];
        at.* += 1;
        value |= @as(usize, next & 0x7f) << shift;
        if (next < 0x80) return value;
    }
    return error.Damaged;
}

test "text comes back, and a primer makes it shorter" {
    try expectShorter(Text(.one));
    try expectShorter(Text(.two));
}

fn expectShorter(comptime Codec: type) !void {
    const gpa = std.testing.allocator;
    const text = "  (pad \"1\" smd rect (at 0.432816 0) (size 0.565658 0.540004))\n" ++
        "  (uuid \"02e67026-437f-4bdb-b5a6-9dd13441b345\")\n  (pad \"2\" smd rect (at -0.432816 0))\n";
    var lengths: [2]usize = undefined;
    for ([_][]const u8{ "", "  (pad \"7\" smd rect (at 0.4 0.5) (size 0.5 0.4))\n" }, &lengths) |primer, *length| {
        const primed = try Codec.Primed.create(gpa, primer);
        defer primed.destroy();
        var code: [text.len]u8 = undefined;
        length.* = try Codec.encode(gpa, primed, text, &code);
        var back: [text.len]u8 = undefined;
        try Codec.decode(gpa, primed, code[0..length.*], &back);
        try std.testing.expectEqualStrings(text, &back);
        const small = Codec.encode(gpa, primed, text, code[0..20]);
        try std.testing.expectError(error.Unsupported, small);
        const none = Codec.decode(gpa, primed, code[0..0], &back);
        try std.testing.expectError(error.Damaged, none);
    }
    try std.testing.expect(lengths[1] < lengths[0] - 20);
}
