//! Text coded by a model that has read other text of its kind before: small files then cost what
//! is new in them.
const std = @import("std");
const arithmetic = @import("arithmetic.zig");
const uuids = @import("uuids.zig");
const Model = @import("model.zig").Model;

/// Raised with every change of any prediction, which an older object could not be read with.
pub const version = 1;
pub const size_max = 16 << 20;
/// A model learns this text before each file; more would cost more than it gains.
pub const primer_max = 256 << 10;
pub const Error = error{ Unsupported, Damaged, OutOfMemory };

const small_slots = 2 << 20;
const large_slots = 16 << 20;
/// Texts beyond this size, with the primer, fill the small table.
const small_max = 24 << 10;

const spare_count = 4;

/// How a code begins.
const Mode = enum(u8) {
    /// The text as it is.
    plain = 0,
    /// Without UUIDs, all of which are random or derived.
    random = 1,
    /// Without UUIDs of any kind.
    any = 2,
};

/// A model that has read a primer, and the primer's text. Any number of threads may use it.
pub const Primed = struct {
    gpa: std.mem.Allocator,
    text: []u8,
    small: *Model,
    /// Made when it is first needed.
    large: std.atomic.Value(?*Model) = .init(null),
    /// Copies of the small model that are not in use: fresh memory costs more than the copying.
    spare: [spare_count]std.atomic.Value(?*Model) = @splat(.init(null)),

    /// error.Unsupported where the primer is too long.
    pub fn create(gpa: std.mem.Allocator, primer: []const u8) Error!*Primed {
        if (primer.len > primer_max) return error.Unsupported;
        var arena_state = std.heap.ArenaAllocator.init(gpa);
        defer arena_state.deinit();
        const stripped = try uuids.strip(arena_state.allocator(), primer);
        const self = try gpa.create(Primed);
        errdefer gpa.destroy(self);
        const text = try gpa.dupe(u8, if (stripped) |found| found.text else primer);
        errdefer gpa.free(text);
        self.* = .{ .gpa = gpa, .text = text, .small = try createModel(gpa, small_slots) };
        learn(self.small, text);
        return self;
    }

    pub fn destroy(self: *Primed) void {
        const gpa = self.gpa;
        for (&self.spare) |*place| if (place.load(.acquire)) |model| destroyModel(gpa, model);
        if (self.large.load(.acquire)) |model| destroyModel(gpa, model);
        destroyModel(gpa, self.small);
        gpa.free(self.text);
        gpa.destroy(self);
    }

    /// A copy of the model for a text of `size` bytes, to be given back to `release`.
    fn acquire(self: *Primed, size: usize) Error!*Model {
        if (size > small_max) {
            const source = try self.largeModel();
            const model = try createModel(self.gpa, large_slots);
            model.copy(source);
            return model;
        }
        const model = for (&self.spare) |*place| {
            if (place.swap(null, .acq_rel)) |spare| break spare;
        } else try createModel(self.gpa, small_slots);
        model.copy(self.small);
        return model;
    }

    fn release(self: *Primed, model: *Model) void {
        if (model.slots.len == small_slots) {
            for (&self.spare) |*place| {
                if (place.cmpxchgStrong(null, model, .acq_rel, .acquire) == null) return;
            }
        }
        destroyModel(self.gpa, model);
    }

    fn largeModel(self: *Primed) Error!*Model {
        if (self.large.load(.acquire)) |model| return model;
        const model = try createModel(self.gpa, large_slots);
        learn(model, self.text);
        // Another thread may have been faster; both models are the same.
        if (self.large.cmpxchgStrong(null, model, .acq_rel, .acquire)) |faster| {
            destroyModel(self.gpa, model);
            return faster.?;
        }
        return model;
    }
};

/// Has `model` read `primer`.
fn learn(model: *Model, primer: []const u8) void {
    var nowhere: [0]u8 = .{};
    var encoder: arithmetic.Encoder = .{ .output = &nowhere };
    encodeBytes(model, &encoder, primer, 0);
}

/// Writes the code of `input` to `output` and returns its length; error.Unsupported where `input`
/// is larger than `size_max` or its code than `output`.
pub fn encode(gpa: std.mem.Allocator, primed: *Primed, input: []const u8, output: []u8) Error!usize {
    if (input.len > size_max or output.len < 16) return error.Unsupported;
    var arena_state = std.heap.ArenaAllocator.init(gpa);
    defer arena_state.deinit();
    const arena = arena_state.allocator();
    var text = input;
    var at: usize = 1;
    output[0] = @backingInt(Mode.plain);
    if (try uuids.strip(arena, input)) |stripped| checked: {
        // What is stored must come back, and restoring costs little beside coding.
        const back = try arena.alloc(u8, input.len);
        uuids.restore(arena, stripped, back) catch break :checked;
        if (!std.mem.eql(u8, input, back)) break :checked;
        text = stripped.text;
        const others = stripped.others();
        output[0] = @backingInt(if (others == 0) Mode.random else Mode.any);
        at += writeVarint(output[at..], stripped.randoms);
        if (others > 0) at += writeVarint(output[at..], others);
        for ([_][]const u8{ stripped.uuids, stripped.pairs }) |bytes| {
            if (bytes.len > output.len - at) return error.Unsupported;
            @memcpy(output[at..][0..bytes.len], bytes);
            at += bytes.len;
        }
    }
    const model = try primed.acquire(input.len);
    defer primed.release(model);
    const history = try arena.alloc(u8, primed.text.len + text.len);
    @memcpy(history[0..primed.text.len], primed.text);
    @memcpy(history[primed.text.len..], text);
    var encoder: arithmetic.Encoder = .{ .output = output[at..] };
    encodeBytes(model, &encoder, history, primed.text.len);
    return at + (encoder.finish() orelse return error.Unsupported);
}

/// Fills `output` with the text whose code `input` is. Damage that leaves a code of some other text
/// of that length is not noticed; the caller checks the text's hash.
pub fn decode(gpa: std.mem.Allocator, primed: *Primed, input: []const u8, output: []u8) Error!void {
    if (output.len > size_max or input.len == 0) return error.Damaged;
    const mode = std.enums.fromInt(Mode, input[0]) orelse return error.Damaged;
    var arena_state = std.heap.ArenaAllocator.init(gpa);
    defer arena_state.deinit();
    const arena = arena_state.allocator();
    var at: usize = 1;
    var stripped: uuids.Stripped = .{ .text = "", .uuids = "", .pairs = "", .randoms = 0 };
    if (mode != .plain) {
        stripped.randoms = try readVarint(input, &at);
        const others = if (mode == .any) try readVarint(input, &at) else 0;
        const lengths = uuids.lengthsOf(stripped.randoms, others);
        for (lengths, [_]*[]const u8{ &stripped.uuids, &stripped.pairs }) |length, bytes| {
            if (length > input.len - at) return error.Damaged;
            bytes.* = input[at..][0..length];
            at += length;
        }
    }
    const model = try primed.acquire(output.len);
    defer primed.release(model);
    const history = try arena.alloc(u8, primed.text.len + output.len);
    @memcpy(history[0..primed.text.len], primed.text);
    var decoder = arithmetic.Decoder.init(input[at..]);
    const end = try decodeBytes(model, &decoder, history, primed.text.len, mode != .plain);
    stripped.text = history[primed.text.len..end];
    if (mode == .plain) {
        @memcpy(output, stripped.text);
    } else {
        try uuids.restore(arena, stripped, output);
    }
}

/// Codes `history[start..]`; what is before has been read by the model.
fn encodeBytes(model: *Model, encoder: *arithmetic.Encoder, history: []const u8, start: usize) void {
    for (history[start..], start..) |byte, at| {
        const past = history[0..at];
        model.begin(past);
        if (model.inRun(past)) {
            const flag = model.flag(past);
            const runs_on = model.expected(past) == byte;
            encoder.bit(@intFromBool(runs_on), Model.flagChance(flag.*));
            Model.setFlag(flag, runs_on);
            if (runs_on) {
                model.endRunByte(byte);
                continue;
            }
            model.breakRun();
        }
        for (0..8) |place| {
            const bit: u1 = @truncate(byte >> @intCast(7 - place));
            encoder.bit(bit, model.predict(past));
            model.update(bit);
        }
        model.endByte(history[0 .. at + 1]);
    }
}

/// Decodes after `history[0..start]` until the text, with its UUIDs if it is stripped of them, is as
/// long as the rest of `history`; where it then ends.
fn decodeBytes(model: *Model, decoder: *arithmetic.Decoder, history: []u8, start: usize, stripped: bool) Error!usize {
    const size = history.len - start;
    var restored: usize = 0;
    var at = start;
    while (restored < size) : (at += 1) {
        decodeByte(model, decoder, history, at);
        restored += if (stripped) uuids.restoredLength(history[at]) else 1;
    }
    return if (restored == size) at else error.Damaged;
}

fn decodeByte(model: *Model, decoder: *arithmetic.Decoder, history: []u8, at: usize) void {
    const past = history[0..at];
    model.begin(past);
    if (model.inRun(past)) {
        const flag = model.flag(past);
        const runs_on = decoder.bit(Model.flagChance(flag.*)) == 1;
        Model.setFlag(flag, runs_on);
        if (runs_on) {
            history[at] = model.expected(past);
            model.endRunByte(history[at]);
            return;
        }
        model.breakRun();
    }
    var byte: u8 = 0;
    for (0..8) |_| {
        const bit = decoder.bit(model.predict(past));
        model.update(bit);
        byte = byte << 1 | bit;
    }
    history[at] = byte;
    model.endByte(history[0 .. at + 1]);
}

fn createModel(gpa: std.mem.Allocator, slots: usize) Error!*Model {
    const model = try gpa.create(Model);
    errdefer gpa.destroy(model);
    const memory = try gpa.alignedAlloc(u8, .@"64", slots);
    @memset(memory, 0);
    model.init(memory);
    return model;
}

fn destroyModel(gpa: std.mem.Allocator, model: *Model) void {
    gpa.free(model.slots);
    gpa.destroy(model);
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
    const gpa = std.testing.allocator;
    const text = "  (pad \"1\" smd rect (at 0.432816 0) (size 0.565658 0.540004))\n" ++
        "  (uuid \"02e67026-437f-4bdb-b5a6-9dd13441b345\")\n  (pad \"2\" smd rect (at -0.432816 0))\n";
    var lengths: [2]usize = undefined;
    for ([_][]const u8{ "", "  (pad \"7\" smd rect (at 0.4 0.5) (size 0.5 0.4))\n" }, &lengths) |primer, *length| {
        const primed = try Primed.create(gpa, primer);
        defer primed.destroy();
        var code: [text.len]u8 = undefined;
        length.* = try encode(gpa, primed, text, &code);
        var back: [text.len]u8 = undefined;
        try decode(gpa, primed, code[0..length.*], &back);
        try std.testing.expectEqualStrings(text, &back);
        const small = encode(gpa, primed, text, code[0..20]);
        try std.testing.expectError(error.Unsupported, small);
        const none = decode(gpa, primed, code[0..0], &back);
        try std.testing.expectError(error.Damaged, none);
    }
    try std.testing.expect(lengths[1] < lengths[0] - 20);
}
